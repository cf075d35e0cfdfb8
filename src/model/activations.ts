/** The memory of one forward pass on a device. */
import type { Device, Indices, Tensor } from '../device/device.js';
import type { Qwen3Config } from './config.js';
import { rotaryAngles } from './rotary.js';

/** Rows of the prompt: their residual stream, their angles and where they stand. */
export interface Rows {
  readonly hidden: Tensor; // [rows, hidden]
  readonly angles: Tensor; // [rows, headDim]
  readonly positions: Indices; // [rows]
}

/** What a layer computes for a chunk of rows on its way; the next layer and chunk write over it. */
export interface Scratch {
  readonly normed: Tensor; // [chunk, hidden]
  readonly projected: Tensor; // [chunk, (heads + 2·kvHeads)·headDim]
  readonly queries: Tensor; // [chunk, heads·headDim]
  readonly attended: Tensor; // [chunk, heads·headDim]
  readonly activated: Tensor; // [chunk, intermediate]
}

export class Activations {
  /** Every row of the prompt. */
  readonly all: Rows;
  /** The rows whose final hidden states are wanted; filled by the last layer. */
  readonly wanted: Rows;
  /** Where the wanted rows stand among all. */
  readonly wantedRows: Indices;
  readonly scratch: Scratch;
  /** The last layer's keys and values, and its queries: there they are projected apart. */
  readonly lastKeysValues: Tensor; // [chunk, 2·kvHeads·headDim]
  readonly lastQueries: Tensor; // [chunk, heads·headDim]
  /** The wanted rows after the final norm. */
  readonly final: Tensor; // [rows, hidden]
  readonly #owned: { free(): void }[] = [];

  /** For `tokens` tokens that follow `start` others; `rows` of them are wanted. */
  constructor(device: Device, config: Qwen3Config, start: number, tokens: number, rows: readonly number[]) {
    const { hiddenSize, heads, kvHeads, headDim, intermediateSize } = config;
    const tensor = (count: number, columns: number) => this.#own(device.tensor(count, columns));
    const rowsAt = (positions: readonly number[]): Rows => ({
      hidden: tensor(positions.length, hiddenSize),
      angles: tensor(positions.length, headDim),
      positions: this.#own(device.indices(positions)),
    });
    try {
      this.all = rowsAt(Array.from({ length: tokens }, (_, i) => start + i));
      this.wanted = rowsAt(rows.map((row) => start + row));
      this.wantedRows = this.#own(device.indices(rows));
      const chunk = Math.min(device.chunkRows, tokens);
      this.scratch = {
        normed: tensor(chunk, hiddenSize),
        projected: tensor(chunk, (heads + 2 * kvHeads) * headDim),
        queries: tensor(chunk, heads * headDim),
        attended: tensor(chunk, heads * headDim),
        activated: tensor(chunk, intermediateSize),
      };
      this.lastKeysValues = tensor(chunk, 2 * kvHeads * headDim);
      this.lastQueries = tensor(chunk, heads * headDim);
      this.final = tensor(rows.length, hiddenSize);
      device.write(this.all.angles, rotaryAngles(start, tokens, headDim, config.ropeTheta));
    } catch (error) {
      this.free();
      throw error;
    }
  }

  free(): void {
    for (const resource of this.#owned) resource.free();
  }

  #own<T extends { free(): void }>(resource: T): T {
    this.#owned.push(resource);
    return resource;
  }
}

export function sliceRows({ hidden, angles, positions }: Rows, start: number, count: number): Rows {
  return {
    hidden: hidden.slice(start, count),
    angles: angles.slice(start, count),
    positions: positions.slice(start, count),
  };
}

/** Scratch for a chunk of `count` rows. */
export function sliceScratch(scratch: Scratch, count: number): Scratch {
  return {
    normed: scratch.normed.slice(0, count),
    projected: scratch.projected.slice(0, count),
    queries: scratch.queries.slice(0, count),
    attended: scratch.attended.slice(0, count),
    activated: scratch.activated.slice(0, count),
  };
}
