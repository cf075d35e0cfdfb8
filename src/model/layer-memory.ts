/** The keys and values of one layer while a run is at it: of each sequence, what its prefix left, then its own. */
import type { Indices, Pass, Tensor } from '../device/device.js';
import type { Activations, Rows } from './activations.js';
import { heldTokens } from './kv-cache.js';
import { offsetsOf, type Part, partsOf, type Sequence } from './sequences.js';

/** A part of a chunk, and the memory that concerns it. */
export interface PartMemory extends Part {
  readonly keysValues: Tensor;
}

export class LayerMemory {
  /** Counted from 0. */
  readonly layer: number;
  /** How many tokens a query sees, itself included. */
  readonly window: number;
  readonly #sequences: readonly Sequence[];
  /** What the queries of each sequence attend to: [held + tokens, 2·kvHeads·headDim]. */
  readonly #memories: readonly Tensor[];

  /** In the memory that all layers use in turn. */
  constructor(layer: number, window: number, activations: Activations, sequences: readonly Sequence[]) {
    this.window = window;
    this.layer = layer;
    this.#sequences = sequences;
    const first = offsetsOf(sequences.map(({ prefix, ids }) => (prefix?.length ?? 0) + ids.length));
    this.#memories = sequences.map((sequence, i) =>
      activations.keysValues.slice(first[i]!, this.#held(sequence) + sequence.ids.length),
    );
  }

  /** The places of `count` tokens of the run from `start` on. */
  places(start: number, count: number): PartMemory[] {
    const rows = this.#sequences.map(({ ids }) => ids.length);
    return partsOf(rows, start, count).map((part) => {
      const first = this.#held(this.#sequences[part.sequence]!) + part.inSequence;
      return { ...part, keysValues: this.#memories[part.sequence]!.slice(first, part.count) };
    });
  }

  /** What `count` rows of the run from `start` on attend to. */
  seenByTokens(start: number, count: number): PartMemory[] {
    return this.#seen(
      partsOf(
        this.#sequences.map(({ ids }) => ids.length),
        start,
        count,
      ),
    );
  }

  /** The same for rows that are wanted. */
  seenByWanted(start: number, count: number): PartMemory[] {
    return this.#seen(
      partsOf(
        this.#sequences.map(({ rows }) => rows.length),
        start,
        count,
      ),
    );
  }

  /** Where rows stand among the keys and values. */
  positions({ positions, windowPositions }: Rows): Indices {
    return this.window === Number.POSITIVE_INFINITY ? positions : windowPositions;
  }

  /** Brings the prefixes' keys and values here. */
  restore(pass: Pass): void {
    for (const [i, sequence] of this.#sequences.entries()) {
      const prefix = sequence.prefix?.layer(this.layer);
      if (prefix) pass.copy(prefix, this.#memories[i]!.slice(0, this.#held(sequence)));
    }
  }

  /** Copies what is to be kept of this layer. */
  keep(pass: Pass): void {
    for (const [i, sequence] of this.#sequences.entries()) {
      if (!sequence.keep) continue;
      const kept = sequence.keep.layer(this.layer);
      const firstHeld = (sequence.prefix?.length ?? 0) - this.#held(sequence);
      const first = sequence.keep.length - kept.rows - firstHeld;
      pass.copy(this.#memories[i]!.slice(first, kept.rows), kept);
    }
  }

  #seen(parts: readonly Part[]): PartMemory[] {
    return parts.map((part) => ({ ...part, keysValues: this.#memories[part.sequence]! }));
  }

  /** Rows that the prefix fills. */
  #held({ prefix }: Sequence): number {
    return heldTokens(prefix?.length ?? 0, this.window);
  }
}
