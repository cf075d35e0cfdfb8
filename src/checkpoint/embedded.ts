/** The model that ships with the package. Its data is loaded only when it is asked for. */
import { type Checkpoint, readCheckpoint } from './checkpoint.js';
import { MemorySource } from './memory-source.js';

export async function openEmbedded(): Promise<Checkpoint> {
  const { files } = await import('./embedded-data.js');
  const name = 'embedded';
  const open = async (file: string) => new MemorySource(`the embedded ${file}`, files.get(file)!);
  return { ...(await readCheckpoint({ name, names: [...files.keys()], open })), name };
}
