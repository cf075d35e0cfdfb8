/** RMSNorm: out = x / sqrt(mean(x²) + ε) · weight, a row an item. */
import { multiplyAdd, sum } from './arithmetic';
import { number, takeItem, word } from './step';

/** Step: x, weight, out, rows, columns, ε. */
export function rmsNorm(step: usize): void {
  const weight = word(step, 2);
  const rows = word(step, 4);
  const columns = word(step, 5);
  const epsilon = number(step, 6);
  for (let row = takeItem(step); row < rows; row = takeItem(step)) {
    const offset = (row * columns) << 2;
    normalise(word(step, 1) + offset, weight, columns, epsilon, word(step, 3) + offset);
  }
}

/** One vector, whose length is a multiple of 4. */
@inline
export function normalise(x: usize, weight: usize, length: usize, epsilon: f32, out: usize): void {
  const bytes = length << 2;
  let squares = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const values = v128.load(x + i);
    squares = multiplyAdd(values, values, squares);
  }
  const inverse = f32x4.splat(1 / sqrt<f32>(sum(squares) / <f32>length + epsilon));
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(out + i, f32x4.mul(f32x4.mul(v128.load(x + i), inverse), v128.load(weight + i)));
  }
}
