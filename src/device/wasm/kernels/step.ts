/** How a kernel reads its step: word 0 is the operation, word 15 the counter of work, the rest are arguments. */

/** Argument `index` (from 1) as an address or a count. */
@inline
export function word(step: usize, index: usize): usize {
  return load<u32>(step + (index << 2));
}

/** Argument `index` as a number. */
@inline
export function number(step: usize, index: usize): f32 {
  return load<f32>(step + (index << 2));
}

/** Takes the next item of work; the caller stops when it is past the last. */
@inline
export function takeItem(step: usize): usize {
  return atomic.add<u32>(step, 1, 60);
}
