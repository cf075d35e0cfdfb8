import { describe, expect, it } from 'vitest';
import { BF16, F32 } from '../../../src/checkpoint/dtypes.js';
import { Q8_0 } from '../../../src/checkpoint/gguf/blocks/legacy.js';
import { readGgufHeader } from '../../../src/checkpoint/gguf/header.js';
import { MemorySource } from '../../../src/checkpoint/memory-source.js';
import type { ByteSource } from '../../../src/platform/byte-source.js';
import { failure } from '../../support/failure.js';
import { patched, positionOf, uint32Bytes, uint64Bytes, writeGgufBytes } from '../../support/gguf-writer.js';
import { random } from '../../support/random.js';

const WHOLE = writeGgufBytes(
  {
    'general.architecture': { type: 'string', value: 'qwen3' },
    'qwen3.block_count': { type: 'uint32', value: 2 },
    words: { type: 'strings', value: ['a', '', 'ö'] },
    flags: { type: 'bools', value: [true, false] },
  },
  {
    first: { shape: [2, 32], dtype: 'Q8_0', values: Array(64).fill(1) },
    second: { shape: [3], dtype: 'F32', values: [1, 2, 3] },
    third: { shape: [2, 5], dtype: 'BF16', values: Array(10).fill(1) },
  },
);
const read = (bytes: Uint8Array) => readGgufHeader(new MemorySource('test.gguf', bytes));
const behind = (text: string, bytes = 0) => positionOf(WHOLE, text) + text.length + bytes;
const refused = (bytes: Uint8Array, message: RegExp) =>
  expect(read(bytes)).rejects.toEqual(failure('checkpoint-corrupt', message));

/** Fields of the table's entry of a two-dimensional tensor, from the end of its name on. */
const COLUMNS = 4;
const ROWS = 12;
const TYPE = 20;
const OFFSET = 24;

describe('a GGUF header', () => {
  it('gives metadata, and each tensor its dtype, its shape and its place in the file', async () => {
    const { metadata, tensors } = await read(WHOLE);
    expect(Object.fromEntries(metadata)).toEqual({
      'general.architecture': 'qwen3',
      'qwen3.block_count': 2,
      words: ['a', '', 'ö'],
      flags: [true, false],
    });
    const dataStart = WHOLE.length - 96 - 32 - 32;
    expect(dataStart % 32).toBe(0);
    expect(tensors).toEqual(
      new Map([
        ['first', { dtype: Q8_0, shape: [2, 32], offset: dataStart }],
        ['second', { dtype: F32, shape: [3], offset: dataStart + 96 }],
        ['third', { dtype: BF16, shape: [2, 5], offset: dataStart + 128 }],
      ]),
    );
  });

  it('of megabytes is read in pieces, and nothing behind it', async () => {
    const { below } = random(3);
    const words = Array.from({ length: 100_000 }, (_, i) => `${'ö'.repeat(below(20))}${i}`);
    const long = 'x'.repeat(3 << 20);
    const bytes = writeGgufBytes(
      { words: { type: 'strings', value: words }, long: { type: 'string', value: long } },
      { first: { shape: [2 ** 20], dtype: 'F32', values: Array(2 ** 20).fill(1) } },
    );
    const file = new MemorySource('long.gguf', bytes);
    const lengths: number[] = [];
    const counted: ByteSource = {
      name: 'long.gguf',
      size: file.size,
      read: (offset, into) => {
        lengths.push(into.length);
        return file.read(offset, into);
      },
      close: async () => {},
    };
    const { metadata } = await readGgufHeader(counted);
    expect(metadata.get('words')).toEqual(words);
    expect(metadata.get('long') === long).toBe(true);
    const headerBytes = bytes.length - 2 ** 22;
    expect(Math.max(...lengths)).toBe(long.length);
    expect(lengths.length).toBeLessThan(headerBytes / 2 ** 20 + 3);
  });

  it('of version 2 is read as well', async () => {
    expect((await read(patched(WHOLE, 4, [2]))).tensors.size).toBe(3);
  });

  it('may ask for another alignment', async () => {
    // The entry is as long as the one it takes the place of.
    const renamed = patched(WHOLE, positionOf(WHOLE, 'qwen3.block_count'), Buffer.from('general.alignment'));
    const { tensors } = await read(patched(renamed, behind('qwen3.block_count', 4), uint32Bytes(16)));
    expect(tensors.get('first')!.offset % 16).toBe(0);
    for (const alignment of [0, 3, 33, 2 ** 32 - 1]) {
      await refused(
        patched(renamed, behind('qwen3.block_count', 4), uint32Bytes(alignment)),
        /expected a power of two/,
      );
    }
    await refused(
      patched(renamed, behind('qwen3.block_count', 4), uint32Bytes(2 ** 31)),
      /ends at byte|no multiple/,
    );
  });

  it.each([
    [1, /of version 1/],
    [4, /of version 4/],
    [0x03000000, /big-endian/],
  ])('of version %i can’t be read', async (version, message) => {
    await expect(read(patched(WHOLE, 4, uint32Bytes(version)))).rejects.toEqual(
      failure('unsupported-model', message),
    );
  });

  it('of another file is refused', async () => {
    await refused(patched(WHOLE, 0, Buffer.from('GGML')), /does not begin with "GGUF"/);
  });

  it('of a file that was cut at any byte is refused, with a hint', async () => {
    const end = WHOLE.length - 12; // what follows is padding
    for (let size = 0; size < end; size++) {
      const error = await read(WHOLE.subarray(0, size)).catch((e: unknown) => e);
      expect(error).toEqual(failure('checkpoint-corrupt', /test\.gguf is not a whole GGUF file/));
      expect(error).toHaveProperty('hint', expect.stringContaining('Download'));
    }
    await read(WHOLE.subarray(0, end));
  });

  it.each([2n ** 31n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n])(
    'that claims %i tensors, entries, items or characters is refused before anything is allocated',
    async (count) => {
      const places = [8, 16, positionOf(WHOLE, 'words') - 8, behind('words', 8), behind('words', 16)];
      for (const place of places) await refused(patched(WHOLE, place, uint64Bytes(count)), /header needs/);
    },
  );

  it('longer than any real one is refused even where the file is as long', async () => {
    const lying = patched(WHOLE, positionOf(WHOLE, 'words') - 8, uint64Bytes(2n ** 39n));
    const huge: ByteSource = {
      name: 'huge.gguf',
      size: 2 ** 40,
      read: async (_offset, into) => into.set(lying),
      close: async () => {},
    };
    await expect(readGgufHeader(huge)).rejects.toEqual(
      failure('checkpoint-corrupt', /needs 549755813888 bytes .* no header is so long/),
    );
  });

  it.each<[string, number, ArrayLike<number>, RegExp]>([
    ['a metadata type that is none', behind('qwen3.block_count'), uint32Bytes(13), /a value of type 13/],
    ['an array of arrays', behind('words', 4), uint32Bytes(9), /a value of type 9/],
    ['a key twice', positionOf(WHOLE, 'flags'), Buffer.from('words'), /metadata has "words" twice/],
    ['a tensor twice', positionOf(WHOLE, 'third'), Buffer.from('first'), /tensor "first" twice/],
    ['text that is not UTF-8', behind('words', 24), [0xff], /not UTF-8/],
    ['a tensor of five dimensions', behind('first'), uint32Bytes(5), /"first" has 5 dimensions/],
    ['rows of no whole blocks', behind('first', COLUMNS), uint64Bytes(33n), /rows of no whole blocks of 32/],
    ['a tensor that overlaps', behind('third', OFFSET), uint64Bytes(96n), /overlaps the one before/],
    ['a tensor at an odd place', behind('third', OFFSET), uint64Bytes(129n), /no multiple of 32/],
    ['a tensor beyond the end', behind('third', OFFSET), uint64Bytes(160n), /ends at byte/],
    ['a tensor far beyond the end', behind('third', OFFSET), uint64Bytes(2n ** 63n), /ends at byte/],
    ['more rows than the file', behind('third', ROWS), uint64Bytes(2n ** 60n), /ends at byte/],
  ])('with %s is refused', async (_what, place, bytes, message) => {
    await refused(patched(WHOLE, place, bytes), message);
  });

  it('with a tensor without dimensions is refused', async () => {
    const scalar = writeGgufBytes({}, { scalar: { shape: [], dtype: 'F32', values: [1] } });
    await refused(scalar, /"scalar", F32 \[\], has rows of no whole blocks/);
  });

  it.each([4, 9, 15, 34, 39, 99])('with a tensor of ggml’s type %i says what can be read', async (type) => {
    const error = await read(patched(WHOLE, behind('first', TYPE), uint32Bytes(type))).catch(
      (e: unknown) => e,
    );
    expect(error).toEqual(
      failure('unsupported-model', new RegExp(`"first" as ggml's type ${type}; listwise reads F32, .*Q6_K`)),
    );
  });
});
