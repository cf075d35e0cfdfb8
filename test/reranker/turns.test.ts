/** Long texts and long lists let the event loop go: timers, other requests and pages stay alive. Counted, not timed. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildPrompts } from '../../src/reranker/blocks.js';
import { checkRequest, LISTWISE_LIMITS } from '../../src/reranker/options.js';
import { PromptBuilder } from '../../src/reranker/prompt.js';
import { Listwise } from '../../src/reranker/protocols/listwise.js';
import { rankingOf } from '../../src/reranker/ranking.js';
import { Reranker } from '../../src/reranker/reranker.js';
import { finishInTurns, type Steps } from '../../src/reranker/steps.js';
import { PromptTemplate } from '../../src/reranker/template.js';
import { random } from '../support/random.js';
import { embeddedTokenizer } from '../support/tokenizers.js';

let reranker: Reranker;

beforeAll(async () => {
  reranker = await Reranker.load(undefined, { device: 'wasm', threads: 1, dtype: 'q8' });
});

afterAll(() => reranker.dispose());

/** How often the event loop turned while a task ran. */
async function turnsDuring(task: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let over = false;
  const turn = () => {
    turns++;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  await task();
  over = true;
  return turns;
}

const given = new Error('Given up.');

describe('the event loop', () => {
  const chinese = Array.from({ length: 300_000 }, (_, i) =>
    String.fromCharCode(0x4e00 + ((i * 7919) % 8000)),
  );
  const documents = Array<string>(60).fill(chinese.join(''));

  it('turns while long texts become tokens', async () => {
    const prompts = () =>
      finishInTurns(buildPrompts(embeddedTokenizer(), checkRequest('query', documents, {}, LISTWISE_LIMITS)));
    expect(await turnsDuring(prompts)).toBeGreaterThan(3);
  });

  it('turns before the prompts of a request are built, which may be given up then', async () => {
    const build = vi.spyOn(PromptBuilder.prototype, 'build');
    const controller = new AbortController();
    setImmediate(() => setImmediate(() => controller.abort(given)));
    await expect(reranker.rerank('query', documents, { signal: controller.signal })).rejects.toBe(given);
    expect(build).not.toHaveBeenCalled();
    build.mockRestore();
  });

  it('turns while documents are picked that add something', async () => {
    const { next } = random(1);
    const embedding = () => Float32Array.from({ length: 512 }, () => next() - 0.5);
    const texts = Array.from({ length: 1000 }, (_, i) => `document ${i}`);
    const blocks = [[...texts.map(embedding), embedding()]];
    const protocol = new Listwise(embeddedTokenizer(), new PromptTemplate());
    const request = checkRequest('query', texts, { diversity: 0.5 }, LISTWISE_LIMITS);
    const turns = await turnsDuring(() =>
      rankingOf(protocol, request, { blocks, tokens: 0, cachedTokens: 0 }),
    );
    expect(turns).toBeGreaterThan(3);
  });
});

describe('work in turns', () => {
  /** A clock that only work moves: however busy the machine, a turn has as many steps. Milliseconds. */
  let now = 0;
  beforeEach(() => void vi.spyOn(performance, 'now').mockImplementation(() => now));
  afterEach(() => void vi.restoreAllMocks());

  function* steps(count: number, log: (step: number) => void): Steps<string> {
    for (let step = 0; step < count; step++) {
      now += 5;
      log(step);
      yield;
    }
    return 'done';
  }

  it('is done by one at a time, each turn by the next', async () => {
    const order: string[] = [];
    const work = ['a', 'b'].map((name) => finishInTurns(steps(6, () => order.push(name))));
    const turns = await turnsDuring(async () => expect(await Promise.all(work)).toEqual(['done', 'done']));
    // Two steps a turn: the first begins at once, the second waits behind it, and then they alternate.
    expect(order.join(' ')).toBe('a a a a b b a a b b b b');
    expect(turns).toBeGreaterThan(3);
  });

  it('ends at once when it is small', async () => {
    const turns = await turnsDuring(() => finishInTurns(steps(1, () => {})));
    expect(turns).toBe(0);
  });

  it('ends between two turns when it is aborted', async () => {
    const controller = new AbortController();
    let last = 0;
    const work = finishInTurns(
      steps(1000, (step) => {
        last = step;
        if (step === 2) controller.abort(given);
      }),
      controller.signal,
    );
    await expect(work).rejects.toBe(given);
    expect(last).toBe(3);
  });

  it('hands on what a step throws', async () => {
    const failing = (function* (): Steps<void> {
      yield;
      throw given;
    })();
    await expect(finishInTurns(failing)).rejects.toBe(given);
  });
});
