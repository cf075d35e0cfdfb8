import { describe, expect, it } from 'vitest';
import { BF16, F32 } from '../../src/checkpoint/dtypes.js';
import { MemorySource } from '../../src/checkpoint/memory-source.js';
import { openSafetensors, readSafetensorsHeader } from '../../src/checkpoint/safetensors.js';
import type { ByteSource } from '../../src/platform/byte-source.js';
import { failure } from '../support/failure.js';
import { random } from '../support/random.js';
import {
  bf16,
  f32,
  type StoredTensors,
  withHeader,
  writeSafetensors,
} from '../support/safetensors-writer.js';

const source = (bytes: Uint8Array, name = 'test.safetensors') => new MemorySource(name, bytes);
const open = (...tensors: StoredTensors[]) =>
  openSafetensors(tensors.map((file, i) => source(writeSafetensors(file), `shard-${i}.safetensors`)));

/** Reads a header that describes `data` zero bytes. */
const readHeader = (header: unknown, data = 0) => {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  return readSafetensorsHeader(source(withHeader(text, new Uint8Array(data))));
};
const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

/** Bit for bit, and at once: `toEqual` takes seconds for as many values. */
const same = (a: Float32Array, b: Float32Array) => {
  const bytes = ({ buffer, byteOffset, byteLength }: Float32Array) =>
    Buffer.from(buffer, byteOffset, byteLength);
  return bytes(a).equals(bytes(b));
};

describe('a safetensors header', () => {
  it('gives each tensor its dtype, its shape and its place in the file', async () => {
    const bytes = writeSafetensors({ a: f32([2, 3], [1, 2, 3, 4, 5, 6]), b: bf16([1], [7]) });
    const dataStart = bytes.length - 26;
    expect(await readSafetensorsHeader(source(bytes))).toEqual(
      new Map([
        ['a', { dtype: F32, shape: [2, 3], offset: dataStart }],
        ['b', { dtype: BF16, shape: [1], offset: dataStart + 24 }],
      ]),
    );
  });

  it('may list tensors in any order, pad itself with spaces, and hold empty tensors and scalars', async () => {
    const header = { z: entry(4, 8), empty: entry(4, 4, [0, 7]), a: entry(0, 4, []) };
    const tensors = await readHeader(`${JSON.stringify(header)}     `, 8);
    expect([...tensors.keys()].sort()).toEqual(['a', 'empty', 'z']);
  });

  it('may hold tensors of dtypes that no weight has', async () => {
    const tensors = await readHeader({ ids: entry(0, 8, [1], 'I64'), weight: entry(8, 12) }, 12);
    expect([...tensors.keys()]).toEqual(['ids', 'weight']);
    expect(tensors.get('ids')).toEqual({ unreadableDtype: 'I64', shape: [1] });
  });

  it('takes names that objects have of their own', async () => {
    const header =
      '{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"constructor":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}';
    expect([...(await readHeader(header, 8)).keys()]).toEqual(['__proto__', 'constructor']);
  });

  it.each([0, 1, 7])('is missed in a file of %i bytes', async (size) => {
    await expect(readSafetensorsHeader(source(new Uint8Array(size)))).rejects.toEqual(
      failure('checkpoint-corrupt', /fewer than the 8/),
    );
  });

  it.each([1n, 1_000_000n, 100_000_001n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n])(
    'that claims %i bytes in a file of 8 is refused before anything is allocated',
    async (length) => {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, length, true);
      await expect(readSafetensorsHeader(source(bytes))).rejects.toEqual(
        failure('checkpoint-corrupt', /claims/),
      );
    },
  );

  it('longer than the format allows is refused even where the file is as long', async () => {
    const huge: ByteSource = {
      name: 'huge.safetensors',
      size: 2 ** 40,
      read: async (_offset, into) => new DataView(into.buffer).setBigUint64(0, 2n ** 39n, true),
      close: async () => {},
    };
    await expect(readSafetensorsHeader(huge)).rejects.toEqual(
      failure('checkpoint-corrupt', /claims 549755813888 bytes/),
    );
  });

  it.each([
    ['no JSON', '{"a":'],
    ['nothing', ''],
    ['an array', '[]'],
    ['null', 'null'],
    ['a number', '1'],
    ['brackets without end', '['.repeat(100_000)],
  ])('that is %s is refused', async (_what, header) => {
    await expect(readHeader(header)).rejects.toEqual(failure('checkpoint-corrupt', /header is not/));
  });

  it('that is not UTF-8 is refused', async () => {
    const bytes = withHeader(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d));
    await expect(readSafetensorsHeader(source(bytes))).rejects.toEqual(
      failure('checkpoint-corrupt', /not JSON in UTF-8/),
    );
  });

  it.each([
    ['no entry at all', null],
    ['no dtype', { shape: [1], data_offsets: [0, 4] }],
    ['no shape', { dtype: 'F32', data_offsets: [0, 4] }],
    ['no offsets', { dtype: 'F32', shape: [1] }],
    ['one offset', { dtype: 'F32', shape: [1], data_offsets: [0] }],
    ['three offsets', { dtype: 'F32', shape: [1], data_offsets: [0, 4, 8] }],
    ['a negative offset', entry(-4, 4)],
    ['a fractional size', entry(0, 4, [0.5])],
    ['a negative size', entry(0, 4, [-1])],
    ['a size beyond whole numbers', entry(0, 4, [2 ** 60])],
    ['a size that is text', { dtype: 'F32', shape: ['1'], data_offsets: [0, 4] }],
    ['a dtype that is a number', { dtype: 32, shape: [1], data_offsets: [0, 4] }],
  ])('with a tensor of %s is refused', async (_what, tensor) => {
    await expect(readHeader({ weight: tensor }, 4)).rejects.toEqual(
      failure('checkpoint-corrupt', /tensor "weight" lacks/),
    );
  });

  it.each<[string, Record<string, unknown>, number, RegExp]>([
    ['overlap', { a: entry(0, 8), b: entry(4, 12) }, 12, /"b" overlaps/],
    ['are the same bytes', { a: entry(0, 8), b: entry(0, 8) }, 8, /"b" overlaps/],
    ['leave a hole', { a: entry(0, 4), b: entry(8, 12) }, 12, /4 bytes before tensor "b"/],
    ['leave a hole before the first', { a: entry(4, 8) }, 8, /4 bytes before tensor "a"/],
    ['leave bytes over at the end', { a: entry(0, 4) }, 12, /8 bytes at its end/],
    ['end outside the file', { a: entry(0, 16) }, 12, /ends at byte 16 of 12/],
    ['end before they begin', { a: entry(0, 4), b: entry(4, 0, [1]) }, 4, /ends at byte 0/],
    ['are fewer bytes than the shape', { a: entry(0, 4, [2]) }, 4, /needs 8 bytes and has 4/],
    ['are more bytes than the shape', { a: entry(0, 8, [1]) }, 8, /needs 4 bytes and has 8/],
    ['are fewer bytes than the dtype', { a: entry(0, 2, [1]) }, 2, /needs 4 bytes and has 2/],
    ['have shapes whose product overflows', { a: entry(0, 4, Array(40).fill(2 ** 50)) }, 4, /needs Infinity/],
    [
      'have shapes that overflow on their way to zero',
      { a: entry(0, 0, [...Array(40).fill(2 ** 50), 0]) },
      0,
      /needs NaN/,
    ],
  ])('whose tensors %s is refused', async (_what, header, data, message) => {
    await expect(readHeader(header, data)).rejects.toEqual(failure('checkpoint-corrupt', message));
  });

  it('of a file that was cut at any byte is refused, with a hint', async () => {
    const whole = writeSafetensors({ a: f32([2], [1, 2]), b: bf16([3], [1, 2, 3]) });
    for (let size = 0; size < whole.length; size++) {
      const error = await readSafetensorsHeader(source(whole.subarray(0, size))).catch((e: unknown) => e);
      expect(error).toEqual(
        failure('checkpoint-corrupt', /test\.safetensors is not a whole safetensors file/),
      );
      expect(error).toHaveProperty('hint', expect.stringContaining('Download'));
    }
  });
});

describe('tensors', () => {
  const rows = 700;
  const columns = 900; // f32: 2.5 MB, three pieces that end within rows
  const { next } = random(1);
  const values = Float32Array.from({ length: rows * columns }, () => next() - 0.5);

  it('read by range equal the tensor read whole, also where it is longer than one piece', async () => {
    for (const stored of [f32([rows, columns], values), bf16([rows, columns], values)]) {
      const store = await open({ before: f32([1], [1]), weight: stored, after: f32([1], [1]) });
      const matrix = store.matrix('weight', rows, columns);
      const whole = new Float32Array(rows * columns);
      await matrix.read(0, rows, whole);
      if (stored.dtype === 'F32') expect(same(whole, values)).toBe(true);

      for (const [start, count] of [
        [0, 1],
        [699, 1],
        [1, 500],
        [291, 2],
        [582, 118],
        [350, 0],
      ] as const) {
        const part = new Float32Array(count * columns);
        await matrix.read(start, count, part);
        expect(same(part, whole.subarray(start * columns, (start + count) * columns))).toBe(true);
      }
    }
  });

  it('are read a piece at a time', async () => {
    const file = source(writeSafetensors({ weight: f32([rows, columns], values) }));
    const lengths: number[] = [];
    const counted: ByteSource = {
      name: 'counted',
      size: file.size,
      read: (offset, into) => {
        lengths.push(into.length);
        return file.read(offset, into);
      },
      close: async () => {},
    };
    const store = await openSafetensors([counted]);
    lengths.length = 0;
    await store.matrix('weight', rows, columns).read(0, rows, new Float32Array(rows * columns));
    const piece = 1 << 17;
    const pieces = Math.floor((rows * columns * 4) / piece);
    expect(lengths).toEqual([...Array(pieces).fill(piece), rows * columns * 4 - pieces * piece]);
  });

  it('come from whichever file holds them', async () => {
    const store = await open({ a: f32([2], [1, 2]) }, { b: f32([2], [3, 4]) });
    expect([...(await store.vector('a', 2)), ...(await store.vector('b', 2))]).toEqual([1, 2, 3, 4]);
    expect([store.shape('a'), store.shape('c')]).toEqual([[2], undefined]);
  });

  it('that stand in two files are refused', async () => {
    const twice = open({ a: f32([1], [1]) }, { a: f32([1], [1]) });
    await expect(twice).rejects.toEqual(
      failure('checkpoint-corrupt', /"a" stands in two files, one is shard-1/),
    );
  });

  it.each<[string, string, number, number, RegExp]>([
    ['missing', 'c', 2, 3, /no tensor "c"\.$/],
    ['transposed', 'a', 3, 2, /"a" is \[2,3\]; the config asks for \[3,2\]/],
    ['longer', 'a', 2, 2, /asks for \[2,2\]/],
    ['a vector', 'b', 1, 6, /"b" is \[6\]/],
  ])(
    'asked for as a matrix that is %s are refused',
    async (_what, name, wantedRows, wantedColumns, message) => {
      const six = [1, 2, 3, 4, 5, 6];
      const store = await open({ a: f32([2, 3], six), b: f32([6], six) });
      expect(() => store.matrix(name, wantedRows, wantedColumns)).toThrow(
        failure('checkpoint-mismatch', message),
      );
    },
  );

  it.each(['I64', 'F8_E4M3', 'X9'])('of the dtype %s are refused by its name', async (dtype) => {
    const store = await open({ ids: { dtype, shape: [1, 1], bytes: new Uint8Array(8) } });
    const unread = failure('unsupported-model', new RegExp(`^Tensor "ids" is stored as ${dtype}, which`));
    expect(() => store.matrix('ids', 1, 1)).toThrow(unread);
    await expect(store.vector('ids', 1)).rejects.toEqual(unread);
    expect(store.shape('ids')).toEqual([1, 1]);
  });

  it('in F64 are cast to f32', async () => {
    const wide = Float64Array.from({ length: 3 * 20_000 }, (_, i) => Math.sin(i) * 10 ** ((i % 70) - 35));
    const bytes = new Uint8Array(wide.buffer);
    const store = await open({ odd: bf16([1], [1]), wide: { dtype: 'F64', shape: [3, 20_000], bytes } });
    const rows = new Float32Array(2 * 20_000);
    await store.matrix('wide', 3, 20_000).read(1, 2, rows);
    expect(same(rows, Float32Array.from(wide.subarray(20_000)))).toBe(true);
  });

  it.each([Number.NaN, Number.NEGATIVE_INFINITY, 1e39])(
    'in F64 that hold %f, which is no finite f32, are refused',
    async (wrong) => {
      const bytes = new Uint8Array(Float64Array.of(1, wrong).buffer);
      const store = await open({ wide: { dtype: 'F64', shape: [2], bytes } });
      await expect(store.vector('wide', 2)).rejects.toEqual(
        failure('checkpoint-corrupt', /"wide" holds a NaN or an infinity/),
      );
    },
  );

  it('asked for as a vector of an absurd length are refused, not allocated', async () => {
    const store = await open({ a: f32([1], [1]) });
    await expect(store.vector('a', 2 ** 50)).rejects.toEqual(
      failure('checkpoint-mismatch', /asks for \[1125899906842624\]/),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'that hold %f are refused where it stands',
    async (wrong) => {
      for (const encode of [f32, bf16]) {
        const store = await open({ weight: encode([3, 2], [1, 2, 3, wrong, 5, 6]) });
        const matrix = store.matrix('weight', 3, 2);
        const row = new Float32Array(2);
        await matrix.read(2, 1, row);
        expect([...row]).toEqual([5, 6]);
        await expect(matrix.read(1, 1, row)).rejects.toEqual(
          failure('checkpoint-corrupt', /"weight" holds a NaN or an infinity/),
        );
      }
    },
  );
});
