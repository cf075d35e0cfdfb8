/**
 * The grids of ggml's IQ kinds: which eight (or four) values stand together. A block holds indices of their points.
 * They are data of the format, which golden/gguf_grids.py writes into grids.bin.
 */
import packed from './grids.bin?binary';

/** A grid's points, one after another, unpacked when it is first asked for. */
function grid(start: number, points: number, dimensions: number, bits: number, values: readonly number[]) {
  let unpacked: Int8Array | undefined;
  return (): Int8Array => {
    if (unpacked) return unpacked;
    unpacked = new Int8Array(points * dimensions);
    const inByte = 8 / bits;
    for (let i = 0; i < unpacked.length; i++) {
      const code = packed[start + Math.floor(i / inByte)]! >> (bits * (i % inByte));
      unpacked[i] = values[code & (2 ** bits - 1)]!;
    }
    return unpacked;
  };
}

const MAGNITUDES_2 = [8, 25, 43];
const MAGNITUDES_3_XXS = [4, 12, 20, 28, 36, 44, 52, 62];
const MAGNITUDES_3_S = [1, 3, 5, 7, 9, 11, 13, 15];

export const grid1 = grid(0, 2048, 8, 2, [-1, 0, 1]);
export const grid2xxs = grid(4096, 256, 8, 2, MAGNITUDES_2);
export const grid2xs = grid(4608, 512, 8, 2, MAGNITUDES_2);
export const grid2s = grid(5632, 1024, 8, 2, MAGNITUDES_2);
export const grid3xxs = grid(7680, 256, 4, 4, MAGNITUDES_3_XXS);
export const grid3s = grid(8192, 512, 4, 4, MAGNITUDES_3_S);
