/** What attention weighs values with: of chosen rows over every token, or summed to blocks of tokens. */
import type { Device, Tensor, Weight, WeightSource } from '../device/device.js';
import type { Qwen3Config } from '../model/config.js';
import type { Observer, Place, ScoresView, View } from '../model/observer.js';
import { common, readRows, stretchesOf } from './rows.js';

/** Bytes on the device of weights of attention that are looked at together. */
const PORTION = 1 << 26;

/** Linear layers want inputs in multiples of this, and outputs of that. */
const INPUTS = 32;
const OUTPUTS = 8;

/** Weights of attention in one layer. */
export interface AttentionWeights {
  /** Counted from 0, as are heads. */
  readonly layer: number;
  readonly heads: readonly number[];
  /** Places in the prompt, ascending. */
  readonly rows: readonly number[];
  /** Tokens, or blocks of tokens, that are looked at. */
  readonly columns: number;
  /** `[heads, rows, columns]`: those of a row add up to 1. */
  readonly values: Float32Array;
}

/** What of a layer is wanted. */
export interface AttentionSelection {
  readonly layer: number;
  readonly heads: readonly number[];
  readonly rows: readonly number[];
}

/** Bytes on the device while weights of attention over `keys` keys are looked at, and summed to `blocks` if any. */
export function attentionBytes({ heads }: Qwen3Config, rows: number, keys: number, blocks = 0): number {
  const together = Math.min(rows, rowsTogether(heads, keys));
  return together * heads * 4 * (2 * (keys + blocks)) + blocks * keys * 4;
}

/** Records weights over all tokens of a prompt. */
export class AttentionRecorder implements Observer {
  readonly weights: AttentionWeights;
  readonly #device: Device;
  readonly #config: Qwen3Config;

  constructor(device: Device, config: Qwen3Config, selection: AttentionSelection, tokens: number) {
    this.#device = device;
    this.#config = config;
    this.weights = emptyWeights(selection, tokens);
  }

  watches(layer: number, place: Place): boolean {
    return layer === this.weights.layer && place === 'scores';
  }

  async see(view: View): Promise<void> {
    await record(
      this.#device,
      this.#config,
      view as ScoresView,
      this.weights,
      this.weights.columns,
      (rows) => rows,
    );
  }
}

/** Records weights summed over blocks: the sums are made on the device, so that few numbers leave it. */
export class BlockRecorder implements Observer {
  readonly weights: AttentionWeights;
  readonly #device: Device;
  readonly #config: Qwen3Config;
  readonly #blocks: BlockMatrix;

  constructor(device: Device, config: Qwen3Config, selection: AttentionSelection, blocks: BlockMatrix) {
    this.#device = device;
    this.#config = config;
    this.#blocks = blocks;
    this.weights = emptyWeights(selection, blocks.blocks);
  }

  watches(layer: number, place: Place): boolean {
    return layer === this.weights.layer && place === 'scores';
  }

  async see(view: View): Promise<void> {
    const { matrix } = this.#blocks;
    await record(
      this.#device,
      this.#config,
      view as ScoresView,
      this.weights,
      matrix.columns,
      async (rows) => {
        const sums = this.#device.tensor(rows.rows, matrix.rows);
        const pass = this.#device.pass();
        pass.linear(rows, matrix, sums);
        await pass.submit();
        return sums;
      },
    );
  }
}

/** Which block each token belongs to, as a matrix [blocks, tokens] of ones and zeros. */
export class BlockMatrix {
  readonly blocks: number;
  readonly matrix: Weight;

  private constructor(blocks: number, matrix: Weight) {
    this.blocks = blocks;
    this.matrix = matrix;
  }

  static async make(device: Device, blocks: number, blockOf: readonly number[]): Promise<BlockMatrix> {
    const source: WeightSource = {
      name: 'blocks of tokens',
      rows: Math.ceil(blocks / OUTPUTS) * OUTPUTS,
      columns: Math.ceil(blockOf.length / INPUTS) * INPUTS,
      read: async (start, count, into) => {
        into.fill(0);
        for (const [token, block] of blockOf.entries()) {
          if (block >= start && block < start + count) into[(block - start) * source.columns + token] = 1;
        }
      },
    };
    return new BlockMatrix(blocks, await device.weight(source, 'f32'));
  }

  free(): void {
    this.matrix.free();
  }
}

function emptyWeights({ layer, heads, rows }: AttentionSelection, columns: number): AttentionWeights {
  return { layer, heads, rows, columns, values: new Float32Array(heads.length * rows.length * columns) };
}

/**
 * Computes the weights of the rows that a view holds, over `keys` keys, a portion of rows at a time; `reduce` makes of
 * them [rows·heads, keys] what is recorded, and may free nothing.
 */
async function record(
  device: Device,
  { heads, headDim }: Qwen3Config,
  { tokens, queries, keysValues, positions, window }: ScoresView,
  weights: AttentionWeights,
  keys: number,
  reduce: (rows: Tensor) => Tensor | Promise<Tensor>,
): Promise<void> {
  const { among, inView } = common(weights.rows, tokens);
  const most = rowsTogether(heads, keys);
  for (const { start, count, first } of stretchesOf(inView)) {
    for (let done = 0; done < count; done += most) {
      const rows = Math.min(most, count - done);
      const shown = device.tensor(rows * heads, keys);
      let reduced: Tensor | undefined;
      try {
        const pass = device.pass();
        const [own, places] = [queries.slice(first + done, rows), positions.slice(first + done, rows)];
        pass.attentionWeights(own, keysValues, places, headDim, shown, window);
        await pass.submit();
        reduced = await reduce(shown);
        const wanted = Array.from({ length: rows }, (_, row) =>
          weights.heads.map((head) => row * heads + head),
        );
        const values = await readRows(device, reduced, wanted.flat());
        store(weights, among.slice(start + done, start + done + rows), values, reduced.columns);
      } finally {
        if (reduced !== shown) reduced?.free();
        shown.free();
      }
    }
  }
}

function rowsTogether(heads: number, keys: number): number {
  return Math.max(1, Math.floor(PORTION / (heads * keys * 4)));
}

/** `values` [rows, heads, width] of some of the rows that are wanted. */
function store(
  weights: AttentionWeights,
  rows: readonly number[],
  values: Float32Array,
  width: number,
): void {
  const { columns } = weights;
  for (const [i, row] of rows.entries()) {
    for (const head of weights.heads.keys()) {
      const from = (i * weights.heads.length + head) * width;
      const to = (head * weights.rows.length + row) * columns;
      weights.values.set(values.subarray(from, from + columns), to);
    }
  }
}
