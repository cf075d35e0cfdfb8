/**
 * What the three `linear` kernels share: the shape of a tile, the order of work, and what happens to a finished
 * row of a tile.
 *
 * A weight rests in panels of 8 outputs. An item of work is one panel for a block of ROW_BLOCK rows: few enough
 * that their activations stay in the second-level cache, many enough to read a panel seldom.
 */
import { multiplyAdd, silu } from './arithmetic';

export const TILE_ROWS: usize = 6;
export const PANEL: usize = 8; // outputs
export const ROW_BLOCK: usize = 48;

enum Epilogue {
  None,
  Add,
  Relu,
  SwiGlu,
}

/** Floats that a row of a tile becomes: SwiGLU halves them. */
// @ts-ignore: decorator
@inline
export function outputsOfPanel(epilogue: usize): usize {
  return epilogue === Epilogue.SwiGlu ? PANEL / 2 : PANEL;
}

/** Writes 8 sums of one row through the epilogue. */
// @ts-ignore: decorator
@inline
export function finish(low: v128, high: v128, out: usize, epilogue: usize): void {
  if (epilogue === Epilogue.SwiGlu) {
    const gate = v128.shuffle<f32>(low, high, 0, 2, 4, 6);
    const up = v128.shuffle<f32>(low, high, 1, 3, 5, 7);
    v128.store(out, f32x4.mul(silu(gate), up));
    return;
  }
  if (epilogue === Epilogue.Add) {
    low = f32x4.add(low, v128.load(out));
    high = f32x4.add(high, v128.load(out, 16));
  } else if (epilogue === Epilogue.Relu) {
    low = f32x4.max(low, f32x4.splat(0));
    high = f32x4.max(high, f32x4.splat(0));
  }
  v128.store(out, low);
  v128.store(out, high, 16);
}

/** Adds a block's integers of one row, times the scales of weight and activation, to its sums. */
// @ts-ignore: decorator
@inline
export function accumulate(
  low: v128,
  high: v128,
  scaleLow: v128,
  scaleHigh: v128,
  xScale: usize,
  sums: usize,
  row: usize,
): void {
  const scale = v128.load32_splat(xScale);
  const place = sums + row * PANEL * 4;
  const product = f32x4.mul(f32x4.convert_i32x4_s(low), scale);
  const productHigh = f32x4.mul(f32x4.convert_i32x4_s(high), scale);
  v128.store(place, multiplyAdd(product, scaleLow, v128.load(place)));
  v128.store(place, multiplyAdd(productHigh, scaleHigh, v128.load(place, 16)), 16);
}
