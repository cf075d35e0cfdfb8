/** Prompts to embeddings: those of one request after each other, or those of several requests at once. */
import type { RunOptions } from '../model/run.js';
import type { Engine } from './engine.js';
import { type Prefix, sharedLength } from './prefix.js';
import { markersOf, type Prompt, runIds } from './prompt.js';

/** What is read of all prompts of a request. */
export interface EmbeddedBlocks {
  /** What is read at each prompt's markers. */
  readonly blocks: readonly (readonly Float32Array[])[];
  /** Tokens of the prompts, up to their last marker. */
  readonly tokens: number;
  /** Those of them that did not have to be run. */
  readonly cachedTokens: number;
}

/** Runs the prompts of a request, one after the other; what one begins like the next is computed once. */
export async function embedBlocks(
  engine: Engine,
  prompts: readonly Prompt[],
  options: RunOptions,
): Promise<EmbeddedBlocks> {
  const texts = prompts.map(runIds);
  const counter = new TokenCounter(texts, options);
  const blocks: Float32Array[][] = [];
  let prefix: Prefix | undefined;
  try {
    for (const [index, prompt] of prompts.entries()) {
      const ids = texts[index]!;
      const held = engine.held(ids, prefix);
      const { embeddings, kept } = await engine.embed(ids, markersOf(prompt), {
        ...counter.next(ids.length, held?.ids.length ?? 0),
        prefix: held,
        keep: worthKeeping(ids, texts[index + 1], held),
      });
      if (kept) {
        prefix?.free();
        prefix = kept;
      }
      blocks.push(embeddings);
    }
  } finally {
    prefix?.free();
  }
  return { blocks, tokens: counter.total, cachedTokens: counter.cached };
}

/** Runs the prompts of as many requests in one pass. Each request's listener hears of its own tokens. */
export async function embedTogether(
  engine: Engine,
  prompts: readonly Prompt[],
  listeners: readonly NonNullable<RunOptions['onProgress']>[],
  signal: AbortSignal,
): Promise<EmbeddedBlocks[]> {
  const texts = prompts.map(runIds);
  const counters = texts.map((ids, i) => new TokenCounter([ids], { onProgress: listeners[i]! }));
  const cached = texts.map((ids) => engine.held(ids)?.ids.length ?? 0);
  const own = texts.map((ids, i) => counters[i]!.next(ids.length, cached[i]!));
  const embeddings = await engine.embedTogether(
    prompts.map((prompt, i) => ({ ids: texts[i]!, positions: markersOf(prompt) })),
    {
      signal,
      onProgress: (done, total) => {
        for (const { onProgress } of own) onProgress?.(done, total);
      },
    },
  );
  return embeddings.map((each, i) => ({
    blocks: [each],
    tokens: texts[i]!.length,
    cachedTokens: cached[i]!,
  }));
}

/** What the next prompt begins with, too, if that is more than is held already. */
function worthKeeping(
  ids: readonly number[],
  next: readonly number[] | undefined,
  held: Prefix | undefined,
): number {
  const shared = next ? sharedLength(ids, next) : 0;
  return shared > (held?.ids.length ?? 0) ? shared : 0;
}

/** Progress of several prompts as one, in tokens. */
export class TokenCounter {
  readonly total: number;
  readonly #options: RunOptions;
  #done = 0;
  #cached = 0;

  constructor(texts: readonly (readonly number[])[], options: RunOptions) {
    this.total = texts.reduce((sum, ids) => sum + ids.length, 0);
    this.#options = options;
  }

  /** Tokens that were not run. */
  get cached(): number {
    return this.#cached;
  }

  /** Options for the next prompt, of which `cached` tokens are not run. */
  next(tokens: number, cached: number): RunOptions {
    const before = this.#done + cached;
    this.#done += tokens;
    this.#cached += cached;
    const { signal, onProgress } = this.#options;
    return {
      signal,
      onProgress: (steps, allSteps) =>
        onProgress?.(before + Math.round((steps / allSteps) * (tokens - cached)), this.total),
    };
  }
}
