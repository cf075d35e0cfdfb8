/** The types of tensors in GGUF files. */
import { BF16, F16, F32, type StoredDtype } from '../dtypes.js';
import { IQ1_M, IQ1_S } from './blocks/iq1.js';
import { IQ2_S, IQ2_XS, IQ2_XXS } from './blocks/iq2.js';
import { IQ3_S, IQ3_XXS } from './blocks/iq3.js';
import { IQ4_NL, IQ4_XS } from './blocks/iq4.js';
import { Q2_K, Q3_K, Q4_K, Q5_K, Q6_K } from './blocks/k.js';
import { Q4_0, Q4_1, Q5_0, Q5_1, Q8_0 } from './blocks/legacy.js';

/** ggml's numbers for the types that can be read. */
export const GGML_TYPES: ReadonlyMap<number, StoredDtype> = new Map([
  [0, F32],
  [1, F16],
  [30, BF16],
  [2, Q4_0],
  [3, Q4_1],
  [6, Q5_0],
  [7, Q5_1],
  [8, Q8_0],
  [10, Q2_K],
  [11, Q3_K],
  [12, Q4_K],
  [13, Q5_K],
  [14, Q6_K],
  [19, IQ1_S],
  [29, IQ1_M],
  [16, IQ2_XXS],
  [17, IQ2_XS],
  [22, IQ2_S],
  [18, IQ3_XXS],
  [21, IQ3_S],
  [20, IQ4_NL],
  [23, IQ4_XS],
]);
