/** The whole model: prompts of several lengths, and a request with a hundred documents. */
import { EMBEDDED_CASES } from '../../golden/measure.js';
import type { Device } from '../../src/device/device.js';
import type { CardMemory } from './card-memory.js';
import type { Ranker } from './ranker.js';
import type { PromptSpeed, RequestSpeed } from './results.js';
import type { Size } from './sizes.js';
import { median } from './stopwatch.js';

/** A prompt from this length on runs once. */
const LONG = 32_768; // tokens
/** What runs more often runs at least as long as it takes to see it in the card's memory. */
const LEAST = 0.5; // seconds
/** A prompt that is expected to take longer is left out. */
const PATIENCE = 180; // seconds

/** Tokens of a document, as prompts usually have them, and how many documents a prompt holds at most. */
const DOCUMENT = 130;
const MOST_DOCUMENTS = 125;
/** Different tokens in a prompt. */
const WORDS = 1000;

type Timed = Omit<PromptSpeed, 'runner' | 'arithmetic'>;

/** Yields the speed at a length, or why it was not measured. */
export async function* timePrompts(
  device: Device,
  ranker: Ranker,
  card: CardMemory,
  size: Size,
): AsyncGenerator<Timed | string> {
  await forward(device, ranker, size.prompts[0]!); // compiles the kernels
  let last: Timed | undefined;
  for (const tokens of size.prompts) {
    const expected = last ? last.seconds * (work(ranker, tokens) / work(ranker, last.tokens)) : 0;
    if (expected > PATIENCE) {
      yield `${count(tokens)} tokens were left out: they would have taken about ${count(expected)} s`;
      continue;
    }
    try {
      last = await timePrompt(device, ranker, card, tokens, runsOf(tokens, size));
      yield last;
    } catch (error) {
      yield `${count(tokens)} tokens failed: ${error instanceof Error ? error.message : error}`;
      return;
    }
  }
}

async function timePrompt(
  device: Device,
  ranker: Ranker,
  card: CardMemory,
  tokens: number,
  atLeast: number,
): Promise<Timed> {
  card.takeMost();
  const runs: number[] = [];
  let heldBytes = 0;
  do {
    const run = await forward(device, ranker, tokens);
    runs.push(run.seconds);
    heldBytes = Math.max(heldBytes, run.heldBytes);
  } while (atLeast > 1 && (runs.length < atLeast || total(runs) < LEAST));
  const seconds = median(runs);
  return { tokens, seconds, runs, tokensPerSecond: tokens / seconds, heldBytes, cardBytes: card.takeMost() };
}

/** Texts to scores, as a user asks for them. */
export async function timeRequest(
  ranker: Ranker,
  size: Size,
): Promise<Omit<RequestSpeed, 'runner' | 'arithmetic'>> {
  const documents = texts(size.documents, size.documentLength);
  const durations: number[] = [];
  let tokens = 0;
  for (let run = 0; run < size.runs; run++) {
    const start = performance.now();
    const options = { maxDocumentLength: size.documentLength };
    tokens = (await ranker.rank('How do I edit photos?', documents, options)).tokens;
    durations.push(performance.now() - start);
  }
  return { documents: documents.length, tokens, milliseconds: median(durations) };
}

/** How often a prompt runs, at least. */
export function runsOf(tokens: number, size: Size): number {
  return tokens < LONG ? size.runs : 1;
}

/** Where documents end in a prompt of so many tokens. */
export function markers(tokens: number): number[] {
  const documents = Math.min(Math.max(1, Math.floor(tokens / DOCUMENT)), MOST_DOCUMENTS);
  return Array.from({ length: documents }, (_, i) => Math.floor(((i + 1) * tokens) / documents) - 1);
}

async function forward(device: Device, { backbone }: Ranker, tokens: number) {
  const ids = Array.from({ length: tokens }, (_, i) => (i * 7919) % WORDS);
  let heldBytes = 0;
  const onProgress = () => {
    heldBytes = Math.max(heldBytes, device.bytes);
  };
  const start = performance.now();
  await backbone.forward(ids, markers(tokens), { onProgress });
  return { seconds: (performance.now() - start) / 1000, heldBytes };
}

/** Operations that grow with the prompt's length, in proportion: products and attention. */
function work({ backbone }: Ranker, tokens: number): number {
  const { hiddenSize, heads, kvHeads, headDim, intermediateSize } = backbone.config;
  const weights = hiddenSize * ((2 * heads + 2 * kvHeads) * headDim + 3 * intermediateSize);
  return 2 * tokens * weights + 4 * heads * headDim * (tokens ** 2 / 2);
}

/** Documents of at least so many tokens: words of the golden lists, each from another one on. */
function texts(documents: number, tokens: number): string[] {
  const words = EMBEDDED_CASES.flatMap((example) => example.documents).flatMap((text) => text.split(' '));
  return Array.from({ length: documents }, (_, document) =>
    Array.from({ length: tokens }, (_, i) => words[(document * 7 + i) % words.length]).join(' '),
  );
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}
