/** The golden values: PyTorch's numbers, and how far a result is from them. */
import { readFileSync } from 'node:fs';
import { MemorySource } from '../src/checkpoint/memory-source.js';
import { openSafetensors } from '../src/checkpoint/safetensors.js';

/** Found from here and from a bundle in another folder of the project. */
const FOLDER = new URL('../golden/', import.meta.url);

export function goldenJson<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as T;
}

/** Named tensors of a golden file, each as its values in row-major order. */
export async function goldenTensors(file: string): Promise<(name: string) => Promise<Float32Array>> {
  const store = await openSafetensors([new MemorySource(file, readFileSync(new URL(file, FOLDER)))]);
  return async (name) => {
    const shape = store.shape(name);
    if (!shape) throw new Error(`${file} holds no ${name}`);
    if (shape.length === 1) return store.vector(name, shape[0]!);
    const [rows, columns] = shape as [number, number];
    const values = new Float32Array(rows * columns);
    await store.matrix(name, rows, columns).read(0, rows, values);
    return values;
  };
}

/** ‖got − expected‖ / ‖expected‖; infinite when lengths differ or a value is not finite. */
export function relativeError(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (got[i]! - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  }
  const error = Math.sqrt(difference / norm);
  return Number.isFinite(error) ? error : Number.POSITIVE_INFINITY;
}

export function largestDifference(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  return Array.from(expected).reduce((most, value, i) => Math.max(most, Math.abs(value - got[i]!)), 0);
}
