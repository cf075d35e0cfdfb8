/** What blocks of any bytes at all decode to. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noise } from '../../../golden/synthetic.js';
import { goldenJson } from '../../../golden/values.js';
import { GGML_TYPES } from '../../../src/checkpoint/gguf/types.js';

const BLOCKS = 2000;
const { types } = goldenJson<{ types: { name: string; scales: number[]; sha256: string }[] }>('gguf.json');
const dtypes = new Map([...GGML_TYPES.values()].map((dtype) => [dtype.name, dtype]));

describe.each(types)('$name', ({ name, scales, sha256 }) => {
  const dtype = dtypes.get(name)!;

  it(`decodes ${BLOCKS} blocks of noise as the Python package gguf does, to the bit`, () => {
    const bytes = new Uint8Array(noise(name, (BLOCKS * dtype.blockBytes) / 4).buffer);
    for (let block = 0; block < BLOCKS; block++) {
      // Without the highest bit of its exponent no scale is a NaN or an infinity.
      for (const place of scales) bytes[block * dtype.blockBytes + place + 1]! &= 0xbf;
    }
    const values = new Float32Array(BLOCKS * dtype.blockValues);
    expect(dtype.decode(bytes, values)).toBe(true);
    expect(createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex')).toBe(sha256);
  });

  it('says of any bytes whether all values are finite', () => {
    const blocks = fc.uint8Array({ minLength: 3 * dtype.blockBytes, maxLength: 3 * dtype.blockBytes });
    const anyScale = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(blocks, anyScale, (bytes, high) => {
        bytes[dtype.blockBytes + scales.at(-1)! + 1] = high;
        const values = new Float32Array(3 * dtype.blockValues).fill(1);
        expect(dtype.decode(bytes, values)).toBe(values.every(Number.isFinite));
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});

it('every quantised type is among those that Python decoded', () => {
  const quantised = [...GGML_TYPES.values()].filter(({ blockValues }) => blockValues > 1);
  expect(quantised.map(({ name }) => name).sort()).toEqual(types.map(({ name }) => name).sort());
});
