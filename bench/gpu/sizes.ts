/** What is measured: all of it on a GPU, a little of everything where the CPU imitates one. */
import { EMBEDDED_CASES } from '../../golden/measure.js';
import type { Epilogue } from '../../src/device/device.js';

export interface Size {
  /** Layers of the model, which is otherwise of the full shape. */
  readonly layers: number;
  /** Lists that the embedded model ranks to be checked. */
  readonly lists: number;
  readonly products: readonly ProductShape[];
  /** Rows of activations in a product. */
  readonly rows: readonly number[];
  /** The last so many tokens attend. */
  readonly queries: number;
  /** Tokens in the cache. */
  readonly keys: readonly number[];
  /** How often a short prompt and a request run, at least. */
  readonly runs: number;
  /** Tokens of a prompt. */
  readonly prompts: readonly number[];
  /** Of a request. */
  readonly documents: number;
  /** Of a document of the request, in tokens. */
  readonly documentLength: number;
}

/** One of the model's linear layers. */
export interface ProductShape {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly epilogue: Epilogue;
}

/** Layers that a whole model has. */
export const WHOLE = 28;

const OUTPUT: ProductShape = { name: 'attention output', inputs: 2048, outputs: 1024, epilogue: 'add' };

const FULL: Size = {
  layers: WHOLE,
  lists: EMBEDDED_CASES.length,
  products: [
    { name: 'queries, keys, values', inputs: 1024, outputs: 4096, epilogue: 'none' },
    OUTPUT,
    { name: 'gate and up', inputs: 1024, outputs: 6144, epilogue: 'swiglu' },
    { name: 'down', inputs: 3072, outputs: 1024, epilogue: 'add' },
  ],
  rows: [128, 1024, 2048],
  queries: 2048,
  keys: [2048, 8192, 32_768, 131_072],
  runs: 3,
  prompts: [1024, 8192, 32_768, 131_072],
  documents: 100,
  documentLength: 130,
};

const SMALL: Size = {
  layers: 2,
  lists: 1,
  products: [OUTPUT],
  rows: [32],
  queries: 64,
  keys: [256],
  runs: 1,
  prompts: [16, 32],
  documents: 2,
  documentLength: 8,
};

export const SIZES: ReadonlyMap<string, Size> = new Map([
  ['full', FULL],
  ['small', SMALL],
]);
