/** Which buffers of a run serve the next one. */
import { beforeEach, expect, test } from 'vitest';
import { Life } from '../../../../src/device/webgpu/life.js';
import { Memory } from '../../../../src/device/webgpu/memory/memory.js';
import { SpareBuffers } from '../../../../src/device/webgpu/memory/spare-buffers.js';
import { Queue } from '../../../../src/device/webgpu/queue/queue.js';
import { idleAdapter } from '../../../support/idle-gpu.js';

const MIB = 2 ** 20;

let device: GPUDevice;
let memory: Memory;
let spare: SpareBuffers;
beforeEach(async () => {
  device = await idleAdapter().gpu.requestDevice();
  memory = new Memory(device);
  spare = new SpareBuffers(memory, new Queue(device, new Life(device), memory));
});

/** Buffers of so many bytes, there for certain. */
async function take(...sizes: number[]): Promise<GPUBuffer[]> {
  const buffers = sizes.map((bytes) => spare.take('activations', bytes));
  await memory.settled();
  return buffers;
}

test('a run that asks for the same, or for some per cent less, gets the same in the same order', async () => {
  const first = await take(3 * MIB, 1000, MIB, MIB);
  for (const buffer of first) spare.free(buffer);
  const second = await take(2.9 * MIB, 900, MIB, 0.95 * MIB);
  for (const [i, buffer] of second.entries()) expect(buffer).toBe(first[i]);
  for (const [i, buffer] of (await take(MIB, MIB)).entries()) expect(buffer).not.toBe(first[2 + i]);
});

test('a buffer is larger than was asked for by a quarter at most', async () => {
  for (let bytes = 2048; bytes < 8 * MIB; bytes *= 1.13) {
    const [buffer] = await take(bytes);
    expect(buffer!.size).toBeGreaterThanOrEqual(bytes);
    expect(buffer!.size).toBeLessThan(1.25 * bytes + 1);
  }
});

test('at most 64 MiB lie spare, those of the latest run; large ones go at once', async () => {
  const idle = memory.bytes;
  const buffers = await take(...Array<number>(12).fill(8 * MIB), 9 * MIB);
  for (const buffer of buffers) spare.free(buffer);
  expect(spare.bytes).toBe(64 * MIB);
  expect(memory.bytes - spare.bytes).toBe(idle);
  const [next] = await take(8 * MIB);
  expect(next).toBe(buffers[4]);
  spare.destroyAll();
  expect(spare.bytes).toBe(0);
});

test('one that is freed twice is there once, and one that never was there is not kept', async () => {
  const [buffer] = await take(1000);
  spare.free(buffer!);
  spare.free(buffer!);
  expect(spare.bytes).toBe(buffer!.size);
  const [unknown] = [spare.take('activations', 5000)];
  spare.free(unknown);
  expect(spare.bytes).toBe(buffer!.size);
});
