/** Whether this engine computes sixteen lanes faster than eight: only one that joins neighbouring vectors does. */
import { multiplyAdd } from './arithmetic';
import { tileProducts } from './products-16';

const INPUTS: usize = 64;

/** `times` tiles of 6 × 16 sums over 64 inputs, in 8 KiB at `memory`. */
export function probeSixteenLanes(memory: usize, times: i32): void {
  for (let i = 0; i < times; i++) tileProducts(memory, memory + INPUTS * 24, INPUTS, memory + INPUTS * 88);
}

/** As many products, eight lanes at a time. What is stored stands apart, so that no engine joins it. */
export function probeEightLanes(memory: usize, times: i32): void {
  for (let i = 0; i < times * 2; i++) multiplyApart(memory, memory + INPUTS * 24, memory + INPUTS * 88);
}

function multiplyApart(x: usize, weight: usize, sums: usize): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
  let b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0;
  for (const end = weight + INPUTS * 32; weight < end; weight += 32, x += 24) {
    const low = v128.load(weight), high = v128.load(weight, 16);
    let value = v128.load32_splat(x); a0 = multiplyAdd(value, low, a0); b0 = multiplyAdd(value, high, b0);
    value = v128.load32_splat(x, 4); a1 = multiplyAdd(value, low, a1); b1 = multiplyAdd(value, high, b1);
    value = v128.load32_splat(x, 8); a2 = multiplyAdd(value, low, a2); b2 = multiplyAdd(value, high, b2);
    value = v128.load32_splat(x, 12); a3 = multiplyAdd(value, low, a3); b3 = multiplyAdd(value, high, b3);
    value = v128.load32_splat(x, 16); a4 = multiplyAdd(value, low, a4); b4 = multiplyAdd(value, high, b4);
    value = v128.load32_splat(x, 20); a5 = multiplyAdd(value, low, a5); b5 = multiplyAdd(value, high, b5);
  }
  v128.store(sums, a0); v128.store(sums, b0, 32);
  v128.store(sums, a1, 64); v128.store(sums, b1, 96);
  v128.store(sums, a2, 128); v128.store(sums, b2, 160);
  v128.store(sums, a3, 192); v128.store(sums, b3, 224);
  v128.store(sums, a4, 256); v128.store(sums, b4, 288);
  v128.store(sums, a5, 320); v128.store(sums, b5, 352);
}
