/**
 * The GGUF format: "GGUF", a version, how many tensors and metadata entries there are, the metadata, the table of
 * tensors, then their data from a multiple of the alignment on.
 * https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { ListwiseError } from '../../error.js';
import type { ByteSource } from '../../platform/byte-source.js';
import type { TensorEntry } from '../tensors.js';
import { Cursor } from './cursor.js';
import { GGML_TYPES } from './types.js';

export type MetadataValue = number | boolean | string | readonly (number | boolean | string)[];
export type Metadata = ReadonlyMap<string, MetadataValue>;

export interface GgufHeader {
  readonly metadata: Metadata;
  /** By the file's own names; shapes as in Hugging Face's checkpoints, rows before columns. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
}

type Corrupt = (what: string) => ListwiseError;

const MAGIC = 0x46554747; // "GGUF", read as a little-endian number
const DEFAULT_ALIGNMENT = 32; // bytes
const MOST_DIMENSIONS = 4;

const STRING = 8;
const ARRAY = 9;

/** The format's numbers for the metadata types of fixed size. 64-bit integers become the nearest number. */
const FIXED_TYPES: ReadonlyMap<
  number,
  { bytes: number; get: (view: DataView, at: number) => number | boolean }
> = new Map([
  [0, { bytes: 1, get: (view, at) => view.getUint8(at) }],
  [1, { bytes: 1, get: (view, at) => view.getInt8(at) }],
  [2, { bytes: 2, get: (view, at) => view.getUint16(at, true) }],
  [3, { bytes: 2, get: (view, at) => view.getInt16(at, true) }],
  [4, { bytes: 4, get: (view, at) => view.getUint32(at, true) }],
  [5, { bytes: 4, get: (view, at) => view.getInt32(at, true) }],
  [6, { bytes: 4, get: (view, at) => view.getFloat32(at, true) }],
  [7, { bytes: 1, get: (view, at) => view.getUint8(at) !== 0 }],
  [10, { bytes: 8, get: (view, at) => Number(view.getBigUint64(at, true)) }],
  [11, { bytes: 8, get: (view, at) => Number(view.getBigInt64(at, true)) }],
  [12, { bytes: 8, get: (view, at) => view.getFloat64(at, true) }],
]);

/**
 * Reads and checks what stands before the tensors' data. Every tensor must begin at a multiple of the alignment, lie
 * inside the file and overlap no other. Throws `checkpoint-corrupt`; `unsupported-model` for a version or a byte order
 * that can't be read, and for tensors quantised in another way.
 */
export async function readGgufHeader(source: ByteSource): Promise<GgufHeader> {
  const corrupt: Corrupt = (what) =>
    new ListwiseError('checkpoint-corrupt', `${source.name} is not a whole GGUF file: ${what}.`, {
      hint: 'Download the file again and compare its size and SHA-256 with the publisher’s.',
    });
  const cursor = new Cursor(source, corrupt);
  if ((await cursor.uint32()) !== MAGIC) throw corrupt('it does not begin with "GGUF"');
  checkVersion(await cursor.uint32(), source.name);
  const tensorCount = await cursor.uint64();
  const metadata = await readMetadata(cursor, await cursor.uint64(), corrupt);
  const table = await readTable(cursor, tensorCount, source.name, corrupt);

  const alignment = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT;
  if (typeof alignment !== 'number' || !isPowerOfTwo(alignment)) {
    throw corrupt(`general.alignment is ${JSON.stringify(alignment)}, expected a power of two`);
  }
  const dataStart = Math.ceil(cursor.position / alignment) * alignment;
  return { metadata, tensors: placed(table, dataStart, alignment, source.size, corrupt) };
}

function checkVersion(version: number, name: string): void {
  if (version === 2 || version === 3) return;
  // The version is a small number: one with nothing in its lower half was written the other way round.
  const what = (version & 0xffff) === 0 ? 'in big-endian byte order' : `of version ${version}`;
  throw new ListwiseError(
    'unsupported-model',
    `${name} is a GGUF file ${what}; listwise reads versions 2 and 3, little-endian.`,
    { hint: 'Convert the model again with a current llama.cpp.' },
  );
}

async function readMetadata(cursor: Cursor, count: number, corrupt: Corrupt): Promise<Metadata> {
  const metadata = new Map<string, MetadataValue>();
  for (let i = 0; i < count; i++) {
    const key = await cursor.string();
    if (metadata.has(key)) throw corrupt(`its metadata has ${JSON.stringify(key)} twice`);
    metadata.set(key, await readValue(cursor, await cursor.uint32(), corrupt));
  }
  return metadata;
}

async function readValue(cursor: Cursor, type: number, corrupt: Corrupt): Promise<MetadataValue> {
  if (type !== ARRAY) return (await readValues(cursor, type, 1, corrupt))[0]!;
  const itemType = await cursor.uint32();
  return readValues(cursor, itemType, await cursor.uint64(), corrupt);
}

/** Arrays of arrays are in the format's description; no program reads or writes them, nor does this one. */
async function readValues(cursor: Cursor, type: number, count: number, corrupt: Corrupt) {
  const fixed = FIXED_TYPES.get(type);
  if (fixed) return cursor.values(count, fixed.bytes, fixed.get);
  if (type !== STRING) throw corrupt(`its metadata has a value of type ${type}`);
  const strings: string[] = [];
  for (let i = 0; i < count; i++) strings.push(await cursor.string());
  return strings;
}

/** The table's entries, their offsets still counted from where the data begin. */
async function readTable(
  cursor: Cursor,
  count: number,
  fileName: string,
  corrupt: Corrupt,
): Promise<Map<string, TensorEntry>> {
  const table = new Map<string, TensorEntry>();
  for (let i = 0; i < count; i++) {
    const name = await cursor.string();
    if (table.has(name)) throw corrupt(`it has the tensor ${JSON.stringify(name)} twice`);
    const dimensions = await cursor.uint32();
    if (dimensions > MOST_DIMENSIONS) throw corrupt(`tensor "${name}" has ${dimensions} dimensions`);
    const shape: number[] = [];
    for (let axis = 0; axis < dimensions; axis++) shape.unshift(await cursor.uint64());
    const type = await cursor.uint32();
    const dtype = GGML_TYPES.get(type);
    if (!dtype) throw unreadableType(fileName, name, type);
    table.set(name, { dtype, shape, offset: await cursor.uint64() });
  }
  return table;
}

function unreadableType(fileName: string, tensor: string, type: number): ListwiseError {
  const names = [...GGML_TYPES.values()].map(({ name }) => name).join(', ');
  return new ListwiseError(
    'unsupported-model',
    `${fileName} stores the tensor "${tensor}" as ggml's type ${type}; listwise reads ${names}.`,
    { hint: 'Take another file of the same model: Q8_0, or Q4_K_M where memory is short.' },
  );
}

/** The same entries with offsets from the file's start, after all checks. */
function placed(
  table: ReadonlyMap<string, TensorEntry>,
  dataStart: number,
  alignment: number,
  size: number,
  corrupt: Corrupt,
): Map<string, TensorEntry> {
  const tensors = new Map<string, TensorEntry>();
  let position = dataStart;
  for (const [name, { dtype, shape, offset }] of [...table].sort(([, a], [, b]) => a.offset - b.offset)) {
    const { blockValues, blockBytes } = dtype;
    if (shape.length === 0 || shape.at(-1)! % blockValues !== 0) {
      throw corrupt(
        `tensor "${name}", ${dtype.name} [${shape}], has rows of no whole blocks of ${blockValues}`,
      );
    }
    if (offset % alignment !== 0) throw corrupt(`tensor "${name}" begins at no multiple of ${alignment}`);
    const begin = dataStart + offset;
    const bytes = shape.reduce((product, n) => product * n, blockBytes / blockValues);
    if (begin < position) throw corrupt(`tensor "${name}" overlaps the one before it`);
    if (!(begin + bytes <= size)) {
      throw corrupt(`tensor "${name}", ${dtype.name} [${shape}], ends at byte ${begin + bytes} of ${size}`);
    }
    tensors.set(name, { dtype, shape, offset: begin });
    position = begin + bytes;
  }
  return tensors;
}

function isPowerOfTwo(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0 && Number.isInteger(Math.log2(value));
}
