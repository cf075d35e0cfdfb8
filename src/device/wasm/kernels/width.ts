/**
 * How wide the products of floats are. WIDE is 1 in the build for engines that join two vectors of 128 bits to one of
 * 256, and 0 in the others (build.mjs).
 */
import * as eight from './products-8';
import * as sixteen from './products-16';

/** Floats that stand side by side: outputs in a panel, queries in a group. */
export const LANES: usize = WIDE ? 16 : 8;

@inline
export function tileProducts(x: usize, weight: usize, inputs: usize, sums: usize): void {
  if (WIDE) sixteen.tileProducts(x, weight, inputs, sums);
  else eight.tileProducts(x, weight, inputs, sums);
}

@inline
export function keyProducts(keys: usize, keyBytes: usize, queries: usize, headDim: usize, scores: usize): void {
  if (WIDE) sixteen.keyProducts(keys, keyBytes, queries, headDim, scores);
  else eight.keyProducts(keys, keyBytes, queries, headDim, scores);
}

@inline
export function valueProducts(values: usize, valueBytes: usize, weights: usize, count: usize, results: usize): void {
  if (WIDE) sixteen.valueProducts(values, valueBytes, weights, count, results);
  else eight.valueProducts(values, valueBytes, weights, count, results);
}
