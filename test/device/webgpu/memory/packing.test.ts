/** How weights rest on the GPU, word by word. */
import { describe, expect, test } from 'vitest';
import type { WeightDtype } from '../../../../src/device/dtype.js';
import { fromF16 } from '../../../../src/device/half.js';
import { emptyPanel, type Order, packPanel } from '../../../../src/device/webgpu/memory/packing.js';
import { failure } from '../../../support/failure.js';

const COLUMNS = 64;

/** Of output 0 the inputs are 0, 1, 2 …, of output 1 they go on. */
const rows = Float32Array.from({ length: 2 * COLUMNS }, (_, i) => i);

function packed(dtype: WeightDtype, order: Order, values = rows) {
  const panel = emptyPanel(COLUMNS, dtype, order);
  return { panel, fits: packPanel('w', values, COLUMNS, dtype, panel) };
}

describe('a panel of 64 outputs', () => {
  test('in order panel has neighbouring outputs side by side', () => {
    const { panel } = packed('f32', 'panel');
    const floats = new Float32Array(panel.words.buffer);
    expect([floats[0], floats[1], floats[64], floats[65]]).toEqual([0, 64, 1, 65]);
  });

  test.each(['f16', 'bf16'] as const)('of %s in order steps has 32 inputs side by side, as f16', (dtype) => {
    const { panel } = packed(dtype, 'steps');
    const halves = Array.from(new Uint16Array(panel.words.buffer), fromF16);
    const step = 64 * 32;
    expect(halves.slice(30, 34)).toEqual([30, 31, 64, 65]); // then comes the next output
    expect(halves.slice(step, step + 2)).toEqual([32, 33]); // after all outputs the next step
    expect(halves.slice(step + 64)).toEqual(Array(step - 64).fill(0)); // outputs that are not there
  });

  test('of q8 in order steps holds bytes from 0 on, in pairs of neighbours', () => {
    const { panel } = packed('q8', 'steps');
    const bytes = new Uint8Array(panel.words.buffer).subarray(0, 32);
    const integers = Array.from({ length: 32 }, (_, i) => Math.round((i * 127) / 31));
    expect([...bytes.subarray(0, 4)]).toEqual([0, 2, 1, 3].map((i) => 128 + integers[i]!));
    expect([...bytes.subarray(28)]).toEqual([28, 30, 29, 31].map((i) => 128 + integers[i]!));
  });

  test('of q4 in order steps holds four inputs in lower halves, the next four in upper ones', () => {
    const { panel } = packed('q4', 'steps');
    const bytes = new Uint8Array(panel.words.buffer);
    const integers = Array.from({ length: 32 }, (_, i) => Math.round((i * 15) / 31));
    expect([...bytes.subarray(0, 4)]).toEqual([0, 2, 1, 3].map((i) => integers[i]! + 16 * integers[i + 4]!));
  });

  test.each([1e-6, 1e6])(
    'with values up to %d does not fit into order steps, but into order panel',
    (size) => {
      const values = rows.map((value) => (value / rows.length) * size);
      for (const dtype of ['bf16', 'q8', 'q4'] as const) {
        expect(packed(dtype, 'steps', values).fits).toBe(false);
        expect(packed(dtype, 'panel', values).fits).toBe(true);
      }
    },
  );

  test('whose rows are zero fits everywhere', () => {
    expect(packed('bf16', 'steps', new Float32Array(COLUMNS)).fits).toBe(true);
  });

  test('with a value beyond f16 is refused by name in f16', () => {
    const huge = new Float32Array(COLUMNS).fill(300);
    expect(() => packed('f16', 'steps', huge)).toThrow(
      failure('device-unsupported', /^w has a weight of 300/),
    );
  });
});
