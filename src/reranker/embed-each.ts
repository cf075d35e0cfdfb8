/** Prompts of one request that begin alike and go on each by itself: what all share is run once, the rest many at a time. */
import type { Device } from '../device/device.js';
import type { Qwen3Config } from '../model/config.js';
import { cacheBytes, runBytes } from '../model/memory-plan.js';
import type { RunOptions } from '../model/run.js';
import { type EmbeddedBlocks, TokenCounter } from './embed-blocks.js';
import type { Engine } from './engine.js';
import { sharedLength } from './prefix.js';
import { markersOf, type Prompt, runIds } from './prompt.js';

/** Tokens that run together at least, where a device takes few at a time: enough that each weight is read seldom. */
const TOGETHER = 1024;

/**
 * The first prompt leaves the keys and values of what all begin with; the others continue from there, as many together
 * as fill a pass. Rows of one pass stand one after the other, without padding, so their lengths need not be alike.
 */
export async function embedEach(
  engine: Engine,
  prompts: readonly Prompt[],
  options: RunOptions,
): Promise<EmbeddedBlocks> {
  const texts = prompts.map(runIds);
  const counter = new TokenCounter(texts, options);
  if (prompts.length === 0) return { blocks: [], tokens: 0, cachedTokens: 0 };
  const shared = sharedByAll(texts);
  const held = engine.held(texts[0]!);
  const first = await engine.embed(texts[0]!, markersOf(prompts[0]!), {
    ...counter.next(texts[0]!.length, held?.ids.length ?? 0),
    prefix: held,
    keep: texts.length > 1 ? shared : 0,
  });
  const blocks = [first.embeddings];
  try {
    const prefix = first.kept ?? held;
    for (const pass of passesOf(texts, prefix?.ids.length ?? 0, roomOf(engine.device))) {
      const own = prompts.slice(pass.start, pass.end);
      const tokens = texts.slice(pass.start, pass.end).reduce((sum, ids) => sum + ids.length, 0);
      const cached = own.length * (prefix?.ids.length ?? 0);
      const asked = own.map((prompt, i) => ({ ids: texts[pass.start + i]!, positions: markersOf(prompt) }));
      blocks.push(...(await engine.embedTogether(asked, counter.next(tokens, cached), prefix)));
    }
  } finally {
    first.kept?.free();
  }
  return { blocks, tokens: counter.total, cachedTokens: counter.cached };
}

/** What `embedEach` takes on the device, beside the weights and the `head` that is held. */
export function bytesOfEach(
  device: Device,
  config: Qwen3Config,
  prompts: readonly Prompt[],
  head: number,
): number {
  const texts = prompts.map(runIds);
  if (texts.length === 0) return 0;
  const shared = texts.length > 1 ? Math.max(sharedByAll(texts), head) : 0;
  const sequence = (ids: readonly number[], start: number) => ({
    start,
    tokens: ids.length - start,
    rows: [0],
  });
  const passes = [
    [sequence(texts[0]!, Math.min(head, texts[0]!.length - 1))],
    ...passesOf(texts, shared, roomOf(device)).map(({ start, end }) =>
      texts.slice(start, end).map((ids) => sequence(ids, shared)),
    ),
  ];
  return (
    cacheBytes(device, config, shared) + Math.max(...passes.map((pass) => runBytes(device, config, pass)))
  );
}

/** How many tokens all prompts begin with alike; each has one more at least, which is run. */
function sharedByAll(texts: readonly (readonly number[])[]): number {
  return Math.min(...texts.map((ids) => Math.min(sharedLength(texts[0]!, ids), ids.length - 1)));
}

function roomOf({ chunkRows }: Device): number {
  return Math.max(chunkRows, TOGETHER);
}

/** Deals all prompts but the first into passes [start, end) of at most `room` tokens beyond their prefix; one at least. */
function passesOf(
  texts: readonly (readonly number[])[],
  prefix: number,
  room: number,
): { start: number; end: number }[] {
  const passes: { start: number; end: number }[] = [];
  let left = 0;
  for (let i = 1; i < texts.length; i++) {
    const tokens = texts[i]!.length - prefix;
    if (tokens > left) {
      passes.push({ start: i, end: i });
      left = room;
    }
    passes.at(-1)!.end = i + 1;
    left -= tokens;
  }
  return passes;
}
