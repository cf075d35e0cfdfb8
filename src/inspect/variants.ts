/** Prompts that differ from one another in places: what they begin with alike is run once. */
import { cacheBytes } from '../model/memory-plan.js';
import type { Engine } from '../reranker/engine.js';
import { type Prefix, sharedLength } from '../reranker/prefix.js';
import { markersOf, type Prompt, promptLength, runIds } from '../reranker/prompt.js';

/** Tokens that run together: as many as fill a device's kernels. */
const TOGETHER = 2048;

/** Bytes of a beginning that is worth keeping. */
const LARGEST_PREFIX = 2 ** 30;

/** The scores of one prompt's documents, by what was read at its markers. */
export type ScoresOf = (read: readonly Float32Array[]) => number[];

export interface VariantOptions {
  readonly scoresOf: ScoresOf;
  readonly signal?: AbortSignal | undefined;
  /** Hears of tokens that have been run. */
  readonly onTokens: (tokens: number) => void;
}

/** The tokens that `scoreVariants` will run at most. */
export function variantTokens(base: Prompt, variants: readonly Prompt[]): number {
  const from = variants.map((variant) => sharedStart(base, variant));
  const own = variants.reduce((sum, variant, i) => sum + promptLength(variant) - from[i]!, 0);
  return own + Math.max(0, ...from);
}

/**
 * The scores of each variant's documents. Variants begin like `base` up to some point, and stand in the order of these
 * points; the beginning is run once, and from each point on the variants that differ there.
 */
export async function scoreVariants(
  engine: Engine,
  base: Prompt,
  variants: readonly Prompt[],
  options: VariantOptions,
): Promise<Float32Array[]> {
  const scores: Float32Array[] = [];
  const beginning = new Beginning(engine, base, options);
  try {
    for (const group of groupsOf(base, variants)) {
      await beginning.extend(group.start);
      for (const batch of batchesOf(group.variants, group.start)) {
        const embeddings = await beginning.run(batch);
        scores.push(...embeddings.map((each) => Float32Array.from(options.scoresOf(each))));
      }
    }
    return scores;
  } finally {
    beginning.free();
  }
}

/** What variants have in common, kept up to some document's start, with the embeddings of the documents before. */
class Beginning {
  readonly #engine: Engine;
  readonly #base: Prompt;
  readonly #options: VariantOptions;
  /** Of the base's documents whose markers it has passed. */
  readonly #embeddings: Float32Array[] = [];
  #prefix: Prefix | undefined;

  constructor(engine: Engine, base: Prompt, options: VariantOptions) {
    this.#engine = engine;
    this.#base = base;
    this.#options = options;
  }

  /** Runs the base's tokens up to `length`, if that many are worth keeping. */
  async extend(length: number): Promise<void> {
    const { device, config } = this.#engine;
    const held = this.#held(this.#base.ids);
    if (length <= held || cacheBytes(device, config, length) > LARGEST_PREFIX) return;
    const passed = this.#base.documentPositions.filter((position) => position >= held && position < length);
    const ids = this.#base.ids.slice(0, length);
    const { embeddings, kept } = await this.#engine.embed(ids, passed, {
      prefix: this.#engine.held(ids, this.#prefix),
      keep: length,
      signal: this.#options.signal,
    });
    this.#embeddings.push(...embeddings);
    this.#prefix?.free();
    this.#prefix = kept;
    this.#options.onTokens(length - held);
  }

  /** The embeddings of variants: of the documents, then of the query. */
  async run(variants: readonly Prompt[]): Promise<Float32Array[][]> {
    const { signal, onTokens } = this.#options;
    const prompts = variants.map((variant) => {
      const ids = runIds(variant);
      const held = this.#held(ids);
      const positions = markersOf(variant).filter((position) => position >= held);
      return { ids, positions, held };
    });
    const embeddings = await this.#engine.embedTogether(prompts, { signal }, this.#prefix);
    onTokens(prompts.reduce((sum, { ids, held }) => sum + ids.length - held, 0));
    return embeddings.map((own, i) => {
      const before = markersOf(variants[i]!).length - own.length;
      return [...this.#embeddings.slice(0, before), ...own];
    });
  }

  free(): void {
    this.#prefix?.free();
  }

  /** Tokens of a prompt that need not be run. */
  #held(ids: readonly number[]): number {
    return this.#engine.held(ids, this.#prefix)?.ids.length ?? 0;
  }
}

interface Group {
  readonly start: number;
  readonly variants: readonly Prompt[];
}

/** Variants that leave the base in the same document. */
function groupsOf(base: Prompt, variants: readonly Prompt[]): Group[] {
  const groups: { start: number; variants: Prompt[] }[] = [];
  for (const variant of variants) {
    const start = sharedStart(base, variant);
    const last = groups.at(-1);
    if (last && last.start === start) last.variants.push(variant);
    else groups.push({ start, variants: [variant] });
  }
  return groups;
}

/** Where the document begins in which a variant parts from the base: after the last marker that they share. */
function sharedStart(base: Prompt, variant: Prompt): number {
  const shared = sharedLength(runIds(base), runIds(variant));
  const marker = base.documentPositions.findLast((position) => position < shared);
  return marker === undefined ? 0 : marker + 1;
}

/** At least one, and as many as are `TOGETHER` tokens without their beginning. */
function batchesOf(variants: readonly Prompt[], start: number): Prompt[][] {
  const batches: Prompt[][] = [];
  let tokens = Number.POSITIVE_INFINITY;
  for (const variant of variants) {
    const own = promptLength(variant) - start;
    if (tokens + own > TOGETHER) {
      batches.push([]);
      tokens = 0;
    }
    batches.at(-1)!.push(variant);
    tokens += own;
  }
  return batches;
}
