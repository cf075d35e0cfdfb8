/** The memory of one forward run on a device. */
import type { Device, Indices, Tensor } from '../device/device.js';
import type { Qwen3Config } from './config.js';
import { heldTokens } from './kv-cache.js';
import { offsetsOf, type SequenceShape, sum } from './sequences.js';

/** What a forward run allocates from. */
export type Allocator = Pick<Device, 'tensor' | 'operand' | 'cache' | 'indices' | 'chunkRows'>;

/** Rows of all sequences, one after the other: their residual stream, their angles and where they stand among a layer's keys and values. */
export interface Rows {
  readonly hidden: Tensor; // [rows, hidden]
  readonly angles: Tensor; // [rows, headDim]
  readonly positions: Indices; // [rows]
  /** The same in layers with a window, which hold less of a prefix. */
  readonly windowPositions: Indices; // [rows]
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
  /** Every row. */
  readonly all: Rows;
  /** The rows whose final hidden states are wanted; filled by the last layer. */
  readonly wanted: Rows;
  /** Where the wanted rows stand among all. */
  readonly wantedRows: Indices;
  readonly scratch: Scratch;
  /** Each sequence's keys and values, of its prefix and of its rows: a layer is done before the next needs them. */
  readonly keysValues: Tensor; // [Σ start + tokens, 2·kvHeads·headDim]
  /** The last layer's keys and values, and its queries: there they are projected apart. */
  readonly lastKeysValues: Tensor; // [chunk, 2·kvHeads·headDim]
  readonly lastQueries: Tensor; // [chunk, heads·headDim]
  /** The wanted rows after the final norm. */
  readonly final: Tensor; // [rows, hidden]
  readonly #owned: { free(): void }[] = [];

  /** With `shown`, what heads gathered rests so that the host can read and write it. */
  constructor(device: Allocator, config: Qwen3Config, sequences: readonly SequenceShape[], shown = false) {
    const { hiddenSize, heads, kvHeads, headDim, intermediateSize } = config;
    const narrowest = Math.min(...config.windows);
    const tensor = (count: number, columns: number) => this.#own(device.tensor(count, columns));
    const operand = (count: number, columns: number) => this.#own(device.operand(count, columns));
    const indices = (values: readonly number[]) => this.#own(device.indices(values));
    /** Rows at some places of each sequence. */
    const rowsAt = (places: readonly (readonly number[])[]): Rows => {
      const positionsAfter = (held: (start: number) => number) =>
        places.flatMap((own, i) => own.map((place) => held(sequences[i]!.start) + place));
      const positions = indices(positionsAfter((start) => start));
      return {
        hidden: tensor(positions.values.length, hiddenSize),
        angles: tensor(positions.values.length, headDim),
        positions,
        windowPositions: sequences.every(({ start }) => start <= narrowest)
          ? positions
          : indices(positionsAfter((start) => heldTokens(start, narrowest))),
      };
    };
    try {
      const tokens = sequences.map((sequence) => sequence.tokens);
      const first = offsetsOf(tokens);
      this.all = rowsAt(tokens.map((count) => Array.from({ length: count }, (_, i) => i)));
      this.wanted = rowsAt(sequences.map(({ rows }) => rows));
      this.wantedRows = indices(sequences.flatMap(({ rows }, i) => rows.map((row) => first[i]! + row)));
      const chunk = Math.min(device.chunkRows, sum(tokens));
      this.scratch = {
        normed: operand(chunk, hiddenSize),
        projected: tensor(chunk, (heads + 2 * kvHeads) * headDim),
        queries: operand(chunk, heads * headDim),
        attended: shown ? tensor(chunk, heads * headDim) : operand(chunk, heads * headDim),
        activated: tensor(chunk, intermediateSize),
      };
      const memory = sum(sequences.map(({ start, tokens }) => start + tokens));
      this.keysValues = this.#own(device.cache(memory, 2 * kvHeads * headDim));
      this.lastKeysValues = tensor(chunk, 2 * kvHeads * headDim);
      this.lastQueries = tensor(chunk, heads * headDim);
      this.final = tensor(this.wantedRows.values.length, hiddenSize);
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

export function sliceRows(rows: Rows, start: number, count: number): Rows {
  return {
    hidden: rows.hidden.slice(start, count),
    angles: rows.angles.slice(start, count),
    positions: rows.positions.slice(start, count),
    windowPositions: rows.windowPositions.slice(start, count),
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
