/** Which variant of a linear layer serves. */
import { describe, expect, test } from 'vitest';
import type { Abilities } from '../../../../src/device/webgpu/arithmetic.js';
import { Choices } from '../../../../src/device/webgpu/operations/choices.js';
import { linearVariants } from '../../../../src/device/webgpu/operations/linear-variants.js';

const abilities: Abilities = {
  arithmetic: 'f32',
  matrices: undefined,
  hasDot4: true,
  vendor: 'nvidia',
  workgroupBytes: 32 << 10,
};

const names = (dtype: 'f16' | 'q8', differing: Partial<Abilities>) =>
  linearVariants(dtype, { ...abilities, ...differing }).map(({ name }) => name);

describe('linear variants', () => {
  test('multiply integers as floats where there is no instruction for their dot product', () => {
    const [dots, floats] = ['integers', 'integers as floats'];
    expect(names('q8', {})).toEqual([dots, floats]);
    expect(names('q8', { vendor: 'apple' })).toEqual([floats, dots]);
    expect(names('q8', { hasDot4: false })).toEqual([floats, dots]);
    expect(names('q8', { hasDot4: false, workgroupBytes: 16 << 10 })).toEqual([dots]);
  });

  test('multiply f16 in 16 bits only where timing prefers it', () => {
    expect(names('f16', {})).toEqual(['32-bit']);
    expect(names('f16', { arithmetic: 'f16' })).toEqual(['32-bit', '16-bit']);
  });

  test('of the same tile give way to none, however few rows there are', () => {
    for (const dtype of ['f16', 'q8', 'q4'] as const) {
      const asked: Abilities = { ...abilities, arithmetic: 'f16' };
      const choices = new Choices(asked);
      const [first] = linearVariants(dtype, asked);
      expect(choices.linear(dtype, choices.orders(dtype)[0]!, 64, 1)).toEqual(first);
      expect(choices.linear(dtype, choices.orders(dtype)[0]!, 4096, 4096)).toEqual(first);
    }
  });
});
