/** How weights rest and how they are multiplied: what the tables' rows and columns are. */
import type { WeightDtype } from '../../src/device/dtype.js';
import type { ModelShape } from '../../src/device/model-shape.js';
import { type Adapter, supports } from '../../src/device/webgpu/adapter.js';
import { ARITHMETIC_NAMES, ARITHMETICS, type Arithmetic } from '../../src/device/webgpu/arithmetic.js';

/** jina-reranker-v3's. */
export const SHAPE: ModelShape = {
  hiddenSize: 1024,
  heads: 16,
  kvHeads: 8,
  headDim: 128,
  intermediateSize: 3072,
};

export interface Setting {
  readonly dtype: WeightDtype;
  readonly arithmetic: Arithmetic;
}

/** Products of each dtype, in the arithmetics that make a difference to it. */
export const PRODUCT_DTYPES: Readonly<Record<Arithmetic, readonly WeightDtype[]>> = {
  matrix: ['f16', 'bf16', 'q8', 'q4'],
  f16: ['f16'],
  f32: ['f16', 'bf16', 'f32', 'q8', 'q4'],
};

/** The whole model, in what a load would choose and in what browsers have. */
export function modelSettings(adapter: Adapter): Setting[] {
  const settings: Setting[] = [
    { dtype: 'f16', arithmetic: 'matrix' },
    { dtype: 'q8', arithmetic: 'matrix' },
    { dtype: 'f16', arithmetic: 'f16' },
    { dtype: 'q8', arithmetic: 'f32' },
    { dtype: 'f32', arithmetic: 'f32' },
  ];
  return settings.filter(({ arithmetic }) => supports(adapter, arithmetic));
}

export function supportedArithmetics(adapter: Adapter): Arithmetic[] {
  return ARITHMETICS.filter((arithmetic) => supports(adapter, arithmetic));
}

export function settingName({ dtype, arithmetic }: Setting): string {
  return arithmetic === 'f32' ? dtype : `${dtype}, ${ARITHMETIC_NAMES[arithmetic]}`;
}
