import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encode } from '../../../golden/encode.js';
import { goldenJson, goldenTensors } from '../../../golden/values.js';
import { ggufName } from '../../../golden/write-checkpoint.js';
import { readGgufHeader } from '../../../src/checkpoint/gguf/header.js';
import { huggingFaceNames } from '../../../src/checkpoint/gguf/names.js';
import { MemorySource } from '../../../src/checkpoint/memory-source.js';
import { TensorFiles } from '../../../src/checkpoint/tensors.js';
import { fromF16 } from '../../../src/device/half.js';
import { BLOCK, quantizeQ8 } from '../../../src/device/quantize.js';
import { failure } from '../../support/failure.js';

const BYTES = readFileSync(new URL('../../../golden/gguf.gguf', import.meta.url));
const { metadata, types, cases } = goldenJson<{
  metadata: Record<string, unknown>;
  types: { name: string; scales: number[] }[];
  cases: { hf: string; gguf: string }[];
}>('gguf.json');
const golden = await goldenTensors('gguf.safetensors');

const bits = ({ buffer, byteOffset, length }: Float32Array) => new Uint32Array(buffer, byteOffset, length);
const open = async (bytes: Uint8Array) => {
  const source = new MemorySource('test.gguf', bytes);
  const { tensors } = await readGgufHeader(source);
  return { tensors, store: new TensorFiles([{ source, tensors }]) };
};

describe('a file written by the Python package gguf', () => {
  it('has its metadata of every type', async () => {
    const header = await readGgufHeader(new MemorySource('test.gguf', BYTES));
    expect(Object.fromEntries(header.metadata)).toEqual(metadata);
  });

  it.each([...types.map(({ name }) => name), 'BF16', 'F16', 'F32'])(
    'has its %s values to the bit',
    async (type) => {
      const { tensors, store } = await open(BYTES);
      const expected = await golden(type);
      const [rows, columns] = tensors.get(type)!.shape as [number, number];
      expect([tensors.get(type)!.dtype.name, rows * columns]).toEqual([type, expected.length]);
      const whole = new Float32Array(rows * columns);
      await store.matrix(type, rows, columns).read(0, rows, whole);
      expect(bits(whole)).toEqual(bits(expected));
      const lastRow = new Float32Array(columns);
      await store.matrix(type, rows, columns).read(rows - 1, 1, lastRow);
      expect(bits(lastRow)).toEqual(bits(expected.slice(-columns)));
    },
  );

  it.each(types)(
    'of which a scale in $name is a NaN or an infinity is refused where it stands',
    async (type) => {
      const { tensors } = await open(BYTES);
      const { offset, shape, dtype } = tensors.get(type.name)!;
      const [rows, columns] = shape as [number, number];
      const secondRow = offset + (columns / dtype.blockValues) * dtype.blockBytes;
      for (const place of type.scales) {
        for (const scale of [0x7c00, 0xfc00, 0x7e01]) {
          const broken = Uint8Array.from(BYTES);
          putScale(broken, type.name, secondRow + place, scale);
          const { store } = await open(broken);
          const row = new Float32Array(columns);
          await store.matrix(type.name, rows, columns).read(0, 1, row);
          await expect(store.matrix(type.name, rows, columns).read(1, 1, row)).rejects.toEqual(
            failure('checkpoint-corrupt', new RegExp(`"${type.name}" holds a NaN or an infinity`)),
          );
        }
      }
    },
  );
});

/** The scale of IQ1_M is in the upper quarters of four fields, of which `place` is the last. */
function putScale(bytes: Uint8Array, type: string, place: number, scale: number): void {
  const view = new DataView(bytes.buffer);
  if (type !== 'IQ1_M') {
    view.setUint16(place, scale, true);
    return;
  }
  for (let quarter = 0; quarter < 4; quarter++) {
    const at = place - 6 + 2 * quarter;
    const upper = (scale >> (4 * quarter)) & 15;
    view.setUint16(at, (view.getUint16(at, true) & 0x0fff) | (upper << 12), true);
  }
}

it('a matrix longer than one piece is read in whole blocks', async () => {
  const { tensors } = await open(BYTES);
  const { offset, shape, dtype } = tensors.get('Q6_K')!;
  const [rows, columns] = shape as [number, number];
  const times = 300;
  const block = BYTES.subarray(offset, offset + (rows * columns * dtype.blockBytes) / dtype.blockValues);
  const bytes = new Uint8Array(block.length * times);
  for (let i = 0; i < times; i++) bytes.set(block, i * block.length);
  const lengths: number[] = [];
  const memory = new MemorySource('long', bytes);
  const source = {
    name: 'long',
    size: bytes.length,
    read: (from: number, into: Uint8Array) => {
      lengths.push(into.length);
      return memory.read(from, into);
    },
    close: async () => {},
  };
  const entry = { dtype, shape: [rows * times, columns], offset: 0 };
  const store = new TensorFiles([{ source, tensors: new Map([['long', entry]]) }]);
  const whole = new Float32Array(rows * times * columns);
  await store.matrix('long', rows * times, columns).read(0, rows * times, whole);
  const piece = 624 * 210; // as many blocks of 210 bytes as are below 128 KiB
  const pieces = Math.floor(bytes.length / piece);
  expect(lengths).toEqual([...Array(pieces).fill(piece), bytes.length - pieces * piece]);
  const expected = bits(await golden('Q6_K'));
  const got = bits(whole);
  expect(got.every((word, i) => word === expected[i % expected.length])).toBe(true);
});

it('tensors have the names that the Python package gives them, in both directions', async () => {
  const { tensors } = await open(BYTES);
  const entry = tensors.get('F32')!;
  const renamed = huggingFaceNames(
    {
      metadata: new Map([['general.architecture', 'qwen3']]),
      tensors: new Map(cases.map(({ gguf }) => [gguf, entry])),
    },
    'test.gguf',
  );
  expect([...renamed.keys()]).toEqual(cases.map(({ hf }) => hf));
  expect(cases.map(({ hf }) => ggufName(hf))).toEqual(cases.map(({ gguf }) => gguf));
  expect(cases.length).toBe(24);
});

it('Q8_0 is written as the Python package writes it', async () => {
  const { tensors } = await open(BYTES);
  const { offset } = tensors.get('Q8_0')!;
  const encoded = encode('Q8_0', await golden('source'));
  expect(Buffer.from(encoded).equals(BYTES.subarray(offset, offset + encoded.length))).toBe(true);
});

it('a block of Q8_0 that is quantised to q8 keeps its integers and its scale', async () => {
  const { tensors } = await open(BYTES);
  const { offset } = tensors.get('Q8_0')!;
  const values = await golden('Q8_0');
  const quantised = new Int8Array(BLOCK);
  for (let block = 0; block < values.length / BLOCK; block++) {
    const at = offset + block * 34;
    const scale = quantizeQ8(values.subarray(block * BLOCK), 0, BLOCK, quantised);
    const stored = fromF16(BYTES[at]! | (BYTES[at + 1]! << 8));
    if (stored === 0) {
      expect(scale).toBe(0); // too small for f16: ggml keeps the integers, but they count nothing
      continue;
    }
    expect(scale).toBe(stored);
    expect(new Uint8Array(quantised.buffer)).toEqual(Uint8Array.from(BYTES.subarray(at + 2, at + 34)));
  }
});
