/** GGUF files by their names, and models in several of them: model-00001-of-00003.gguf …, as llama.cpp splits them. */
import { ListwiseError } from '../../error.js';
import type { ModelFiles } from '../files.js';
import type { TensorFile } from '../tensors.js';
import { type GgufHeader, type Metadata, readGgufHeader } from './header.js';

export interface GgufPart extends TensorFile {
  /** By GGUF's names. */
  readonly tensors: GgufHeader['tensors'];
}

export interface GgufModel {
  /** Of the only file, or of the first part: the others have none but their numbers. */
  readonly metadata: Metadata;
  readonly parts: readonly GgufPart[];
}

const PART = /^(?<stem>.*)-(?<number>\d{5})-of-(?<count>\d{5})(?<ending>\.gguf)$/is;

export function isGguf(name: string): boolean {
  return /\.gguf$/i.test(name);
}

/** The names of all parts of the model to which a file belongs, in their order; its own alone where it is no part. */
export function partNames(name: string): string[] {
  const { stem, number, count, ending } = PART.exec(name)?.groups ?? {};
  if (Number(number) < 1 || !(Number(number) <= Number(count))) return [name];
  const digits = (part: number) => String(part).padStart(5, '0');
  return Array.from({ length: Number(count) }, (_, i) => `${stem}-${digits(i + 1)}-of-${count}${ending}`);
}

/**
 * Reads the headers of the file `main` and, where it is the first part of several, of the others, which lie beside it.
 * Throws `checkpoint-not-found` for parts that are missing and where `main` is another part, `checkpoint-mismatch` for
 * parts that do not belong together, and what `readGgufHeader` throws.
 */
export async function readGgufModel(
  files: ModelFiles,
  main: string,
  open: ModelFiles['open'],
): Promise<GgufModel> {
  const source = await open(main);
  const { metadata, tensors } = await readGgufHeader(source);
  const parts: GgufPart[] = [{ source, tensors }];
  const count = numberOf(metadata, 'split.count'); // 0 in a file that was joined
  if (count <= 1) return { metadata, parts };
  for (const [i, name] of otherParts(files, main, metadata).entries()) {
    const part = await open(name);
    const header = await readGgufHeader(part);
    const number = numberOf(header.metadata, 'split.no') + 1;
    const of = numberOf(header.metadata, 'split.count');
    if (number !== i + 2 || of !== count) {
      throw mixed(`${part.name} says that it is part ${number} of ${of}, expected part ${i + 2} of ${count}`);
    }
    parts.push({ source: part, tensors: header.tensors });
  }
  const held = parts.reduce((sum, part) => sum + part.tensors.size, 0);
  const expected = numberOf(metadata, 'split.tensors.count');
  if (held !== expected) {
    throw mixed(`The ${count} parts of ${source.name} hold ${held} tensors, expected ${expected}`);
  }
  return { metadata, parts };
}

/** The names of the parts after the first. */
function otherParts(files: ModelFiles, main: string, metadata: Metadata): string[] {
  const number = numberOf(metadata, 'split.no') + 1;
  const count = numberOf(metadata, 'split.count');
  const names = partNames(main);
  const what = `${files.name}/${main} is part ${number} of ${count} of a model`;
  if (names.length !== count || names[number - 1] !== main) {
    throw new ListwiseError('checkpoint-not-found', `${what}, and its name doesn't lead to the others.`, {
      hint: 'Give the parts the names that they were published under, as in model-00001-of-00003.gguf.',
    });
  }
  if (number !== 1) {
    throw new ListwiseError('checkpoint-not-found', `${what}, which is named by its first.`, {
      hint: `Name ${names[0]}.`,
    });
  }
  const missing = names.filter((name) => !files.names.includes(name));
  if (missing.length > 0) {
    throw new ListwiseError(
      'checkpoint-not-found',
      `${what}; there is no ${missing.join(', no ')} beside it.`,
      {
        hint: 'Put all parts into one folder. They need not be joined.',
      },
    );
  }
  return names.slice(1);
}

function numberOf(metadata: Metadata, key: string): number {
  const value = metadata.get(key);
  return typeof value === 'number' ? value : 0;
}

function mixed(what: string): ListwiseError {
  return new ListwiseError('checkpoint-mismatch', `${what}.`, {
    hint: 'Are these the parts of one model, split once? Download them again, or split it again.',
  });
}
