/**
 * The products of floats, sixteen lanes at a time, for engines that join neighbouring vectors to one of 256 bits: then
 * a tile of 6 × 16 sums fills 12 of 16 registers, elsewhere it spills. An engine joins what stands side by side from the
 * loads to the stores, in the same order: the second of a pair follows the first.
 */
import { multiplyAdd } from './arithmetic';

/** sums [6][16] = x · weight, for x [inputs][6] and weight [inputs][16]. */
export function tileProducts(x: usize, weight: usize, inputs: usize, sums: usize): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
  let b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0;
  let c0 = a0, c1 = a0, c2 = a0, c3 = a0, c4 = a0, c5 = a0;
  let d0 = a0, d1 = a0, d2 = a0, d3 = a0, d4 = a0, d5 = a0;
  for (const end = weight + inputs * 64; weight < end; weight += 64, x += 24) {
    const w0 = v128.load(weight), w1 = v128.load(weight, 16), w2 = v128.load(weight, 32), w3 = v128.load(weight, 48);
    let value = v128.load32_splat(x);
    a0 = multiplyAdd(value, w0, a0); b0 = multiplyAdd(value, w1, b0); c0 = multiplyAdd(value, w2, c0); d0 = multiplyAdd(value, w3, d0);
    value = v128.load32_splat(x, 4);
    a1 = multiplyAdd(value, w0, a1); b1 = multiplyAdd(value, w1, b1); c1 = multiplyAdd(value, w2, c1); d1 = multiplyAdd(value, w3, d1);
    value = v128.load32_splat(x, 8);
    a2 = multiplyAdd(value, w0, a2); b2 = multiplyAdd(value, w1, b2); c2 = multiplyAdd(value, w2, c2); d2 = multiplyAdd(value, w3, d2);
    value = v128.load32_splat(x, 12);
    a3 = multiplyAdd(value, w0, a3); b3 = multiplyAdd(value, w1, b3); c3 = multiplyAdd(value, w2, c3); d3 = multiplyAdd(value, w3, d3);
    value = v128.load32_splat(x, 16);
    a4 = multiplyAdd(value, w0, a4); b4 = multiplyAdd(value, w1, b4); c4 = multiplyAdd(value, w2, c4); d4 = multiplyAdd(value, w3, d4);
    value = v128.load32_splat(x, 20);
    a5 = multiplyAdd(value, w0, a5); b5 = multiplyAdd(value, w1, b5); c5 = multiplyAdd(value, w2, c5); d5 = multiplyAdd(value, w3, d5);
  }
  v128.store(sums, a0); v128.store(sums, b0, 16); v128.store(sums, c0, 32); v128.store(sums, d0, 48);
  v128.store(sums, a1, 64); v128.store(sums, b1, 80); v128.store(sums, c1, 96); v128.store(sums, d1, 112);
  v128.store(sums, a2, 128); v128.store(sums, b2, 144); v128.store(sums, c2, 160); v128.store(sums, d2, 176);
  v128.store(sums, a3, 192); v128.store(sums, b3, 208); v128.store(sums, c3, 224); v128.store(sums, d3, 240);
  v128.store(sums, a4, 256); v128.store(sums, b4, 272); v128.store(sums, c4, 288); v128.store(sums, d4, 304);
  v128.store(sums, a5, 320); v128.store(sums, b5, 336); v128.store(sums, c5, 352); v128.store(sums, d5, 368);
}

/** scores [4][16] = keys · queries: four keys, `keyBytes` apart, and queries [headDim][16]. */
export function keyProducts(key: usize, keyBytes: usize, queries: usize, headDim: usize, scores: usize): void {
  let key1 = key + keyBytes, key2 = key1 + keyBytes, key3 = key2 + keyBytes;
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
  let b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  let c0 = a0, c1 = a0, c2 = a0, c3 = a0;
  let d0 = a0, d1 = a0, d2 = a0, d3 = a0;
  for (const end = queries + headDim * 64; queries < end; queries += 64) {
    const w0 = v128.load(queries), w1 = v128.load(queries, 16), w2 = v128.load(queries, 32), w3 = v128.load(queries, 48);
    let value = v128.load32_splat(key);
    a0 = multiplyAdd(value, w0, a0); b0 = multiplyAdd(value, w1, b0); c0 = multiplyAdd(value, w2, c0); d0 = multiplyAdd(value, w3, d0);
    value = v128.load32_splat(key1);
    a1 = multiplyAdd(value, w0, a1); b1 = multiplyAdd(value, w1, b1); c1 = multiplyAdd(value, w2, c1); d1 = multiplyAdd(value, w3, d1);
    value = v128.load32_splat(key2);
    a2 = multiplyAdd(value, w0, a2); b2 = multiplyAdd(value, w1, b2); c2 = multiplyAdd(value, w2, c2); d2 = multiplyAdd(value, w3, d2);
    value = v128.load32_splat(key3);
    a3 = multiplyAdd(value, w0, a3); b3 = multiplyAdd(value, w1, b3); c3 = multiplyAdd(value, w2, c3); d3 = multiplyAdd(value, w3, d3);
    key += 4; key1 += 4; key2 += 4; key3 += 4;
  }
  v128.store(scores, a0); v128.store(scores, b0, 16); v128.store(scores, c0, 32); v128.store(scores, d0, 48);
  v128.store(scores, a1, 64); v128.store(scores, b1, 80); v128.store(scores, c1, 96); v128.store(scores, d1, 112);
  v128.store(scores, a2, 128); v128.store(scores, b2, 144); v128.store(scores, c2, 160); v128.store(scores, d2, 176);
  v128.store(scores, a3, 192); v128.store(scores, b3, 208); v128.store(scores, c3, 224); v128.store(scores, d3, 240);
}

/** results [4][16] += values · weights: four dimensions of `count` values, `valueBytes` apart, and weights [count][16]. */
export function valueProducts(values: usize, valueBytes: usize, weights: usize, count: usize, results: usize): void {
  let a0 = v128.load(results), b0 = v128.load(results, 16), c0 = v128.load(results, 32), d0 = v128.load(results, 48);
  let a1 = v128.load(results, 64), b1 = v128.load(results, 80), c1 = v128.load(results, 96), d1 = v128.load(results, 112);
  let a2 = v128.load(results, 128), b2 = v128.load(results, 144), c2 = v128.load(results, 160), d2 = v128.load(results, 176);
  let a3 = v128.load(results, 192), b3 = v128.load(results, 208), c3 = v128.load(results, 224), d3 = v128.load(results, 240);
  for (const end = weights + count * 64; weights < end; weights += 64, values += valueBytes) {
    const w0 = v128.load(weights), w1 = v128.load(weights, 16), w2 = v128.load(weights, 32), w3 = v128.load(weights, 48);
    let value = v128.load32_splat(values);
    a0 = multiplyAdd(value, w0, a0); b0 = multiplyAdd(value, w1, b0); c0 = multiplyAdd(value, w2, c0); d0 = multiplyAdd(value, w3, d0);
    value = v128.load32_splat(values, 4);
    a1 = multiplyAdd(value, w0, a1); b1 = multiplyAdd(value, w1, b1); c1 = multiplyAdd(value, w2, c1); d1 = multiplyAdd(value, w3, d1);
    value = v128.load32_splat(values, 8);
    a2 = multiplyAdd(value, w0, a2); b2 = multiplyAdd(value, w1, b2); c2 = multiplyAdd(value, w2, c2); d2 = multiplyAdd(value, w3, d2);
    value = v128.load32_splat(values, 12);
    a3 = multiplyAdd(value, w0, a3); b3 = multiplyAdd(value, w1, b3); c3 = multiplyAdd(value, w2, c3); d3 = multiplyAdd(value, w3, d3);
  }
  v128.store(results, a0); v128.store(results, b0, 16); v128.store(results, c0, 32); v128.store(results, d0, 48);
  v128.store(results, a1, 64); v128.store(results, b1, 80); v128.store(results, c1, 96); v128.store(results, d1, 112);
  v128.store(results, a2, 128); v128.store(results, b2, 144); v128.store(results, c2, 160); v128.store(results, d2, 176);
  v128.store(results, a3, 192); v128.store(results, b3, 208); v128.store(results, c3, 224); v128.store(results, d3, 240);
}
