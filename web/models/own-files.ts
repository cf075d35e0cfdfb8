/** A model of the visitor's own disk: a folder, or a .gguf file with its projector, chosen or dropped. */

export interface OwnFiles {
  readonly name: string;
  readonly files: ReadonlyMap<string, File>;
}

/** As browsers have it that can give a page a folder; the compiler does not know it yet. */
type PickFolder = (options: { mode: 'read' }) => Promise<FileSystemDirectoryHandle>;

/** Whether this browser asks for a folder by itself; others have an input that takes all files of one. */
export function canPickFolder(): boolean {
  return 'showDirectoryPicker' in globalThis;
}

/** Asks for a folder; nothing when the visitor changes their mind. */
export async function pickFolder(): Promise<OwnFiles | undefined> {
  const { showDirectoryPicker } = globalThis as unknown as { showDirectoryPicker: PickFolder };
  try {
    const folder = await showDirectoryPicker({ mode: 'read' });
    const files = new Map<string, File>();
    for await (const entry of folder.values()) {
      if (entry.kind === 'file') files.set(entry.name, await (entry as FileSystemFileHandle).getFile());
    }
    return { name: folder.name, files };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined;
    throw error;
  }
}

/** What an input gives: files, or those of a folder and of the folders in it, of which the model is the outermost. */
export function ownFilesOf(chosen: Iterable<File>): OwnFiles | undefined {
  const files = new Map<string, File>();
  let name = '';
  for (const file of chosen) {
    const path = file.webkitRelativePath.split('/');
    if (path.length > 2) continue;
    files.set(file.name, file);
    if (path.length === 2) name = path[0]!;
  }
  return files.size === 0 ? undefined : { name: name || nameOf([...files.keys()]), files };
}

/** What was dropped: a folder, or files. Its entries are there during the event only, so they are taken at once. */
export async function droppedFiles({ items, files }: DataTransfer): Promise<OwnFiles | undefined> {
  const entries = [...items].map((item) => item.webkitGetAsEntry());
  const folder = entries.find((entry) => entry?.isDirectory) as FileSystemDirectoryEntry | undefined;
  if (!folder) return ownFilesOf(files);
  const inside = (await entriesOf(folder)).filter((entry) => entry.isFile) as FileSystemFileEntry[];
  const found = await Promise.all(
    inside.map((entry) => new Promise<File>((resolve, reject) => entry.file(resolve, reject))),
  );
  return { name: folder.name, files: new Map(found.map((file) => [file.name, file])) };
}

/** A reader gives some entries at a time, and none at the end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

function nameOf(names: readonly string[]): string {
  return names.find((name) => /\.gguf$/i.test(name)) ?? names[0]!;
}
