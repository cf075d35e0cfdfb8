/** The values that quantised weights stand for. */
import type { WeightSource } from '../../src/device/device.js';
import { BLOCK, quantizeQ4, quantizeQ8, ZERO_POINT } from '../../src/device/quantize.js';

/** The weight as q8 or q4 keep it. */
export function restored(source: WeightSource, dtype: 'q8' | 'q4'): WeightSource {
  const restore = dtype === 'q8' ? restoreQ8 : restoreQ4;
  return {
    ...source,
    read: async (start, count, into) => {
      await source.read(start, count, into);
      for (let block = 0; block < into.length; block += BLOCK) restore(into.subarray(block, block + BLOCK));
    },
  };
}

function restoreQ8(block: Float32Array): void {
  const integers = new Int8Array(BLOCK);
  const scale = quantizeQ8(block, 0, BLOCK, integers);
  block.set(Float32Array.from(integers, (integer) => integer * scale));
}

function restoreQ4(block: Float32Array): void {
  const integers = new Int8Array(BLOCK);
  const bits = quantizeQ4(block, 0, BLOCK, integers);
  const zero = bits & ZERO_POINT;
  const scale = new Float32Array(Uint32Array.of(bits - zero).buffer)[0]!;
  block.set(Float32Array.from(integers, (integer) => (integer - zero) * scale));
}
