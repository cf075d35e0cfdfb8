/** Chosen rows of a tensor, on their way to the host and back. */
import type { Device, Tensor } from '../device/device.js';

/** The rows at these places: [places, columns]. */
export async function readRows(
  device: Device,
  tensor: Tensor,
  places: readonly number[],
): Promise<Float32Array> {
  const indices = device.indices(places);
  const gathered = device.tensor(places.length, tensor.columns);
  try {
    const pass = device.pass();
    pass.gather(tensor, indices, gathered);
    await pass.submit();
    return await device.read(gathered);
  } finally {
    indices.free();
    gathered.free();
  }
}

/** Puts `values` [places, columns] where `readRows` found them. */
export function writeRows(
  device: Device,
  tensor: Tensor,
  places: readonly number[],
  values: Float32Array,
): void {
  const { columns } = tensor;
  for (const { start, count, first } of stretchesOf(places)) {
    const part = values.subarray(start * columns, (start + count) * columns);
    device.write(tensor.slice(first, count), part);
  }
}

/** Ascending places as stretches without a gap: `count` of them from `start` on are `first`, `first` + 1 … */
export function stretchesOf(places: readonly number[]): { start: number; count: number; first: number }[] {
  const stretches: { start: number; count: number; first: number }[] = [];
  for (const [start, place] of places.entries()) {
    const last = stretches.at(-1);
    if (last && last.first + last.count === place) last.count++;
    else stretches.push({ start, count: 1, first: place });
  }
  return stretches;
}

/** Which of some wanted tokens a view holds: their places among the wanted, and in the view. Both ascend. */
export function common(
  wanted: readonly number[],
  tokens: readonly number[],
): { among: number[]; inView: number[] } {
  const placeOf = new Map(tokens.map((token, place) => [token, place]));
  const among = [...wanted.keys()].filter((i) => placeOf.has(wanted[i]!));
  return { among, inView: among.map((i) => placeOf.get(wanted[i]!)!) };
}
