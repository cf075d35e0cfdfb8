/** How weights rest and how they are multiplied: what the tables' rows and columns are. */
import type { WeightDtype } from '../../src/device/dtype.js';
import { type Adapter, supports } from '../../src/device/webgpu/adapter.js';
import { ARITHMETIC_NAMES, ARITHMETICS, type Arithmetic } from '../../src/device/webgpu/arithmetic.js';

export interface Setting {
  readonly dtype: WeightDtype;
  readonly arithmetic: Arithmetic;
}

/** Products of each dtype, in the arithmetics that make a difference to it. */
export const PRODUCT_DTYPES: Readonly<Record<Arithmetic, readonly WeightDtype[]>> = {
  matrix: ['f16'],
  f16: ['f16'],
  f32: ['f16', 'bf16', 'f32', 'q8', 'q4'],
};

/** The whole model: f16 in the arithmetics made for it, what is not f16 in the one that it always has. */
export function modelSettings(adapter: Adapter): Setting[] {
  const settings: Setting[] = [
    { dtype: 'f16', arithmetic: 'matrix' },
    { dtype: 'f32', arithmetic: 'f32' },
    { dtype: 'q8', arithmetic: 'f32' },
    { dtype: 'f16', arithmetic: 'f16' },
  ];
  return settings.filter(({ arithmetic }) => supports(adapter, arithmetic));
}

export function supportedArithmetics(adapter: Adapter): Arithmetic[] {
  return ARITHMETICS.filter((arithmetic) => supports(adapter, arithmetic));
}

export function settingName({ dtype, arithmetic }: Setting): string {
  return arithmetic === 'f32' ? dtype : `${dtype}, ${ARITHMETIC_NAMES[arithmetic]}`;
}
