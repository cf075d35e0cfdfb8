/** That a bind group is made once, and goes with its buffers. */
import { expect, test } from 'vitest';
import type { Kernel } from '../../../../src/device/webgpu/kernels/kernels.js';
import { BindGroups } from '../../../../src/device/webgpu/queue/bind-groups.js';

const kernel = () => ({ layout: {} }) as unknown as Kernel;
const buffer = () => ({}) as unknown as GPUBuffer;

function counted() {
  let made = 0;
  const device = { createBindGroup: () => ({ number: made++ }) } as unknown as GPUDevice;
  return { groups: new BindGroups(device, buffer()), made: () => made };
}

test('the same kernel and buffers have one bind group; others, or in another order, have their own', () => {
  const { groups, made } = counted();
  const [rows, columns, a, b] = [kernel(), kernel(), buffer(), buffer()];
  const first = groups.bind(rows, [a, b]);
  expect(groups.bind(rows, [a, b])).toBe(first);
  expect(made()).toBe(1);
  expect(groups.bind(rows, [b, a])).not.toBe(first);
  expect(groups.bind(columns, [a, b])).not.toBe(first);
  expect(groups.bind(rows, [a])).not.toBe(first);
  expect(made()).toBe(4);
});

test('a bind group goes with any of its buffers, and no other does', () => {
  const { groups, made } = counted();
  const [one, a, b, c] = [kernel(), buffer(), buffer(), buffer()];
  groups.bind(one, [a, b]);
  const other = groups.bind(one, [b, c]);
  groups.forget(a);
  expect(groups.bind(one, [b, c])).toBe(other);
  groups.bind(one, [a, b]);
  expect(made()).toBe(3);
});

test('of very many the newest are kept', () => {
  const { groups, made } = counted();
  const one = kernel();
  const buffers = Array.from({ length: 5000 }, buffer);
  for (const each of buffers) groups.bind(one, [each]);
  groups.bind(one, [buffers.at(-1)!]);
  expect(made()).toBe(5000);
  groups.bind(one, [buffers[0]!]);
  expect(made()).toBe(5001);
  for (const each of buffers) groups.forget(each);
});
