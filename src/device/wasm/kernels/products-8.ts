/**
 * The products of floats, eight lanes at a time: a tile of 6 × 8 sums with two vectors of weights and one value fills
 * the 16 registers that engines give. An inner loop with more addresses than these spills registers.
 */
import { multiplyAdd } from './arithmetic';

/** sums [6][8] = x · weight, for x [inputs][6] and weight [inputs][8]. */
export function tileProducts(x: usize, weight: usize, inputs: usize, sums: usize): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
  let b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0;
  for (const end = weight + inputs * 32; weight < end; weight += 32, x += 24) {
    const low = v128.load(weight), high = v128.load(weight, 16);
    let value = v128.load32_splat(x);
    a0 = multiplyAdd(value, low, a0); b0 = multiplyAdd(value, high, b0);
    value = v128.load32_splat(x, 4);
    a1 = multiplyAdd(value, low, a1); b1 = multiplyAdd(value, high, b1);
    value = v128.load32_splat(x, 8);
    a2 = multiplyAdd(value, low, a2); b2 = multiplyAdd(value, high, b2);
    value = v128.load32_splat(x, 12);
    a3 = multiplyAdd(value, low, a3); b3 = multiplyAdd(value, high, b3);
    value = v128.load32_splat(x, 16);
    a4 = multiplyAdd(value, low, a4); b4 = multiplyAdd(value, high, b4);
    value = v128.load32_splat(x, 20);
    a5 = multiplyAdd(value, low, a5); b5 = multiplyAdd(value, high, b5);
  }
  v128.store(sums, a0); v128.store(sums, b0, 16);
  v128.store(sums, a1, 32); v128.store(sums, b1, 48);
  v128.store(sums, a2, 64); v128.store(sums, b2, 80);
  v128.store(sums, a3, 96); v128.store(sums, b3, 112);
  v128.store(sums, a4, 128); v128.store(sums, b4, 144);
  v128.store(sums, a5, 160); v128.store(sums, b5, 176);
}

/** scores [4][8] = keys · queries: four keys, `keyBytes` apart, and queries [headDim][8]. */
export function keyProducts(key: usize, keyBytes: usize, queries: usize, headDim: usize, scores: usize): void {
  let key1 = key + keyBytes, key2 = key1 + keyBytes, key3 = key2 + keyBytes;
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
  let b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  for (const end = queries + headDim * 32; queries < end; queries += 32) {
    const low = v128.load(queries), high = v128.load(queries, 16);
    let value = v128.load32_splat(key);
    a0 = multiplyAdd(value, low, a0); b0 = multiplyAdd(value, high, b0);
    value = v128.load32_splat(key1);
    a1 = multiplyAdd(value, low, a1); b1 = multiplyAdd(value, high, b1);
    value = v128.load32_splat(key2);
    a2 = multiplyAdd(value, low, a2); b2 = multiplyAdd(value, high, b2);
    value = v128.load32_splat(key3);
    a3 = multiplyAdd(value, low, a3); b3 = multiplyAdd(value, high, b3);
    key += 4; key1 += 4; key2 += 4; key3 += 4;
  }
  v128.store(scores, a0); v128.store(scores, b0, 16);
  v128.store(scores, a1, 32); v128.store(scores, b1, 48);
  v128.store(scores, a2, 64); v128.store(scores, b2, 80);
  v128.store(scores, a3, 96); v128.store(scores, b3, 112);
}

/** results [4][8] += values · weights: four dimensions of `count` values, `valueBytes` apart, and weights [count][8]. */
export function valueProducts(values: usize, valueBytes: usize, weights: usize, count: usize, results: usize): void {
  let a0 = v128.load(results), b0 = v128.load(results, 16);
  let a1 = v128.load(results, 32), b1 = v128.load(results, 48);
  let a2 = v128.load(results, 64), b2 = v128.load(results, 80);
  let a3 = v128.load(results, 96), b3 = v128.load(results, 112);
  for (const end = weights + count * 32; weights < end; weights += 32, values += valueBytes) {
    const low = v128.load(weights), high = v128.load(weights, 16);
    let value = v128.load32_splat(values);
    a0 = multiplyAdd(value, low, a0); b0 = multiplyAdd(value, high, b0);
    value = v128.load32_splat(values, 4);
    a1 = multiplyAdd(value, low, a1); b1 = multiplyAdd(value, high, b1);
    value = v128.load32_splat(values, 8);
    a2 = multiplyAdd(value, low, a2); b2 = multiplyAdd(value, high, b2);
    value = v128.load32_splat(values, 12);
    a3 = multiplyAdd(value, low, a3); b3 = multiplyAdd(value, high, b3);
  }
  v128.store(results, a0); v128.store(results, b0, 16);
  v128.store(results, a1, 32); v128.store(results, b1, 48);
  v128.store(results, a2, 64); v128.store(results, b2, 80);
  v128.store(results, a3, 96); v128.store(results, b3, 112);
}
