/**
 * The safetensors format: eight bytes with the header's length, a JSON header that gives each tensor's dtype,
 * shape and byte range, then the tensors without gaps.
 * https://huggingface.co/docs/safetensors
 */
import { ListwiseError } from '../error.js';
import type { ByteSource } from '../platform/byte-source.js';
import { BF16, F16, F32, F64, type StoredDtype } from './dtypes.js';
import { type TensorEntry, TensorFiles, type TensorStore, type UnreadableTensor } from './tensors.js';

/** The format's own limit. */
const LARGEST_HEADER = 100_000_000; // bytes

/** The format's names for the dtypes that weights have. */
const DTYPES: ReadonlyMap<string, StoredDtype> = new Map(
  [F64, F32, F16, BF16].map((dtype) => [dtype.name, dtype]),
);

/** The format's name for words into which others pack values. */
const WORDS = 'U32';

/** A header entry before its dtype is known to be one that can be read. */
interface HeaderEntry {
  readonly name: string;
  readonly dtype: string;
  /** Of blocks, which in most dtypes are values. */
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** The tensors of one or more files. Only headers are read yet. Throws `checkpoint-corrupt`. */
export async function openSafetensors(sources: readonly ByteSource[]): Promise<TensorStore> {
  const files = sources.map(async (source) => ({ source, tensors: await readSafetensorsHeader(source) }));
  return new TensorFiles(await Promise.all(files));
}

/**
 * Reads and checks a header. Every byte after it must belong to exactly one tensor, and each range must be as
 * long as its dtype and shape say. Of tensors of a dtype that no weight has (I64 …) the place is checked alone; what is
 * packed into 32-bit words, `wordsOf` says by a tensor's name.
 * Throws `checkpoint-corrupt`.
 */
export async function readSafetensorsHeader(
  source: ByteSource,
  wordsOf: (tensor: string) => StoredDtype | undefined = () => undefined,
): Promise<Map<string, TensorEntry | UnreadableTensor>> {
  const corrupt = (what: string) =>
    new ListwiseError('checkpoint-corrupt', `${source.name} is not a whole safetensors file: ${what}.`, {
      hint: 'Download the file again and compare its size and SHA-256 with the publisher’s.',
    });

  if (source.size < 8)
    throw corrupt(`it has ${source.size} bytes, fewer than the 8 that give the header's length`);
  const lengthBytes = new Uint8Array(8);
  await source.read(0, lengthBytes);
  const length = Number(new DataView(lengthBytes.buffer).getBigUint64(0, true));
  if (length > LARGEST_HEADER || length > source.size - 8) {
    throw corrupt(`its header claims ${length} bytes, the file has ${source.size}`);
  }
  const header = new Uint8Array(length);
  await source.read(8, header);

  const dataStart = 8 + length;
  const entries = parseHeader(header, corrupt);
  const dtypeOf = ({ name, dtype }: HeaderEntry) => (dtype === WORDS ? wordsOf(name) : DTYPES.get(dtype));
  checkLayout(entries, source.size - dataStart, dtypeOf, corrupt);

  const tensors = new Map<string, TensorEntry | UnreadableTensor>();
  for (const entry of entries) {
    const { name, shape: stored } = entry;
    const dtype = dtypeOf(entry);
    if (!dtype) {
      tensors.set(name, { unreadableDtype: entry.dtype, shape: stored });
      continue;
    }
    const last = stored.length - 1;
    const shape = stored.map((size, axis) => (axis === last ? size * dtype.blockValues : size));
    tensors.set(name, { dtype, shape, offset: dataStart + entry.begin });
  }
  return tensors;
}

function parseHeader(bytes: Uint8Array, corrupt: (what: string) => ListwiseError): HeaderEntry[] {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw corrupt('its header is not JSON in UTF-8');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw corrupt('its header is not a JSON object');
  }
  return Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => {
      if (!isHeaderEntry(entry))
        throw corrupt(`tensor "${name}" lacks a dtype, a shape or a pair of offsets`);
      return {
        name,
        dtype: entry.dtype,
        shape: entry.shape,
        begin: entry.data_offsets[0],
        end: entry.data_offsets[1],
      };
    });
}

function isHeaderEntry(
  entry: unknown,
): entry is { dtype: string; shape: number[]; data_offsets: [number, number] } {
  if (typeof entry !== 'object' || entry === null) return false;
  const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  const counts = (value: unknown) =>
    Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
  return typeof dtype === 'string' && counts(shape) && counts(offsets) && (offsets as number[]).length === 2;
}

/** The ranges, in order, must cover the data from its first byte to its last. */
function checkLayout(
  entries: readonly HeaderEntry[],
  size: number,
  dtypeOf: (entry: HeaderEntry) => StoredDtype | undefined,
  corrupt: (what: string) => ListwiseError,
): void {
  let position = 0;
  for (const entry of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const { name, dtype, shape, begin, end } = entry;
    if (begin > position)
      throw corrupt(`${begin - position} bytes before tensor "${name}" belong to no tensor`);
    if (begin < position) throw corrupt(`tensor "${name}" overlaps the one before it`);
    if (end < begin || end > size) throw corrupt(`tensor "${name}" ends at byte ${end} of ${size}`);
    const stored = dtypeOf(entry);
    if (stored) {
      const expected = shape.reduce((product, n) => product * n, stored.blockBytes);
      if (end - begin !== expected) {
        throw corrupt(
          `tensor "${name}", ${dtype} [${shape}], needs ${expected} bytes and has ${end - begin}`,
        );
      }
    }
    position = end;
  }
  if (position !== size) throw corrupt(`${size - position} bytes at its end belong to no tensor`);
}
