/** Qwen3-Reranker's protocol: its prompts, and its scores against transformers' own models. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { POINTWISE_CASES, type PointwiseCase, pointwiseCheckpoint } from '../../../golden/pointwise.js';
import { goldenTensors, largestDifference, relativeError } from '../../../golden/values.js';
import type { Device } from '../../../src/device/device.js';
import { parseConfig } from '../../../src/model/config.js';
import { Qwen3 } from '../../../src/model/qwen3.js';
import type { LoadOptions } from '../../../src/reranker/load-options.js';
import { checkRequest } from '../../../src/reranker/options.js';
import { type Prompt, runIds } from '../../../src/reranker/prompt.js';
import { type PROTOCOLS, protocolOf } from '../../../src/reranker/protocols/choose.js';
import { Reranker } from '../../../src/reranker/reranker.js';
import { finish } from '../../../src/reranker/steps.js';
import { Tokenizer } from '../../../src/reranker/tokenizer.js';
import { TESTED_DEVICES } from '../../support/devices.js';
import { failure } from '../../support/failure.js';
import { hostileText } from '../../support/hostile-text.js';
import { qwen3TokenizerFiles } from '../../support/tokenizers.js';

const FILES = qwen3TokenizerFiles();
const SMALL = POINTWISE_CASES.filter(({ name }) => name !== 'full');
const TIED = POINTWISE_CASES.find(({ name }) => name === 'tied')!;
const POSITIONS = 40_960;

function protocolFor(example: PointwiseCase) {
  const checkpoint = pointwiseCheckpoint(example, FILES);
  return protocolOf(checkpoint, new Tokenizer({ ...FILES, config: example.config }));
}

const protocol = protocolFor(TIED);
const tokenizer = new Tokenizer({ ...FILES, config: TIED.config });

function promptsOf(query: string, documents: readonly string[], options = {}): Prompt[] {
  return finish(protocol.prompts(checkRequest(query, documents, options, protocol.limits), POSITIONS));
}

describe('prompts', () => {
  test.each(POINTWISE_CASES)('of $name have the ids that its tokenizer gives in Python', (example) => {
    const { query, documents, instruction } = example;
    const prompts = promptsOf(query, documents, { instruction: instruction ?? undefined });
    expect(prompts.map(runIds)).toEqual(example.ids);
  });

  test('hold as many control tokens whatever a user writes', () => {
    const controls = (prompts: readonly Prompt[]) =>
      prompts.map(({ ids }) => tokenizer.decodeParts(ids).filter(({ isControl }) => isControl).length);
    const expected = controls(promptsOf('query', ['document']));
    fc.assert(
      fc.property(hostileText, hostileText, (query, document) => {
        fc.pre(query.trim() !== '');
        expect(controls(promptsOf(query, [document], { instruction: document || undefined }))).toEqual(
          expected,
        );
      }),
    );
  });

  test('cut a long document, never what comes after it', () => {
    const [whole] = promptsOf('query', ['word '.repeat(20_000)]);
    const [short] = promptsOf('query', ['word']);
    expect(whole!.ids.length).toBeLessThanOrEqual(8192);
    expect(whole!.ids.length).toBeGreaterThan(8150);
    expect(whole!.ids.slice(-9)).toEqual(short!.ids.slice(-9));
    const [longer] = promptsOf('query', ['word '.repeat(20_000)], { maxDocumentLength: 10_000 });
    expect(longer!.ids.length).toBeGreaterThan(10_000);
  });
});

describe.each(TESTED_DEVICES)('on $name', ({ open, tolerance }) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device.dispose());

  test.each(SMALL)('logits and scores of $name are those of transformers', async (example) => {
    const golden = await goldenTensors('pointwise.safetensors');
    const { tensors } = pointwiseCheckpoint(example, FILES);
    const own = protocolFor(example);
    const model = await Qwen3.load(device, tensors, parseConfig(example.config), 'f32');
    const readout = await own.loadReadout(device, tensors, model.config);
    const sequences = example.ids.map((ids) => ({ ids, rows: [ids.length - 1] }));
    const logits = await model.run(sequences, (hidden) => readout.embed(hidden));
    expect(
      relativeError(
        logits.flatMap((each) => [...each]),
        await golden(`${example.name}.logits`),
      ),
    ).toBeLessThan(tolerance);
    const scores = own.scores(logits.map((each) => [each]));
    expect(largestDifference(scores, await golden(`${example.name}.scores`))).toBeLessThan(1e-4);
  });
});

const load = (example: PointwiseCase, options: LoadOptions = {}) =>
  Reranker.load(pointwiseCheckpoint(example, FILES), { device: 'wasm', threads: 2, ...options });

test('all 28 layers of the full shape give the logits of transformers', { tags: 'long' }, async () => {
  const example = POINTWISE_CASES.find(({ name }) => name === 'full')!;
  const golden = await goldenTensors('pointwise.safetensors');
  await using reranker = await load(example);
  const ranking = await reranker.rerank(example.query, example.documents);
  const scores = ranking.sort((a, b) => a.index - b.index).map(({ relevanceScore }) => relevanceScore);
  expect(largestDifference(scores, await golden('full.scores'))).toBeLessThan(1e-4);
});

describe('a reranker', () => {
  const { query, documents } = TIED;
  let reranker: Reranker;
  beforeAll(async () => {
    reranker = await load(TIED);
  });
  afterAll(() => reranker.dispose());

  test('says that its scores are probabilities, the highest first', async () => {
    const ranking = await reranker.rerank(query, documents);
    expect(ranking.scale).toBe('probability');
    expect(reranker.scale).toBe('probability');
    const scores = ranking.map(({ relevanceScore }) => relevanceScore);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    for (const score of scores) expect(score >= 0 && score <= 1).toBe(true);
  });

  test('scores documents together as one by one, to the last bit', async () => {
    const many = Array.from({ length: 60 }, (_, i) => `${documents[i % 5]} ${'again '.repeat(i % 13)}`);
    const together = await reranker.rerank(query, many);
    for (const { index, relevanceScore } of together.filter((_, place) => place % 7 === 0)) {
      const [alone] = await reranker.rerank(query, [many[index]!]);
      expect(alone!.relevanceScore).toBe(relevanceScore);
    }
  });

  test('runs what all documents share once', async () => {
    const { tokens, cachedTokens } = await reranker.rerank(query, documents);
    const alone = await Promise.all(documents.map((document) => reranker.rerank(query, [document])));
    expect(tokens).toBe(alone.reduce((sum, each) => sum + each.tokens, 0));
    const head = alone[0]!.cachedTokens;
    const shared = (cachedTokens - head) / (documents.length - 1);
    expect(shared).toBeGreaterThan(head + 20); // instruction and query, too
  });

  test('plans what it takes', async () => {
    const plan = reranker.plan(query, documents);
    expect(plan.blocks).toHaveLength(documents.length);
    const before = reranker.deviceBytes;
    let most = 0;
    await reranker.rerank(query, documents, {
      onProgress: () => {
        most = Math.max(most, reranker.deviceBytes - before);
      },
    });
    expect(most).toBeLessThanOrEqual(plan.bytes + 2 ** 20);
    expect(most).toBeGreaterThan(plan.bytes / 2);
  });

  test('runs in a session only what is new', async () => {
    await using session = reranker.session(query);
    await session.add(documents.slice(0, 3));
    const all = await session.add(documents.slice(3));
    expect(all.map(({ relevanceScore }) => relevanceScore)).toEqual(
      (await reranker.rerank(query, documents)).map(({ relevanceScore }) => relevanceScore),
    );
    const once = await reranker.rerank(query, documents.slice(3));
    expect(all.tokens - all.cachedTokens).toBe(once.tokens - once.cachedTokens);
  });

  test('can be looked into, a document at a time', async () => {
    const [ranked] = await reranker.rerank(query, [documents[0]!]);
    const trace = await reranker.inspect(query, [documents[0]!], { lens: true, mask: { by: 'word' } });
    expect(trace.scores[0]).toBe(ranked!.relevanceScore);
    expect(trace.lens!.at(-1)).toBe(ranked!.relevanceScore);
    await expect(reranker.inspect(query, documents)).rejects.toThrow(failure('invalid-input', /5 prompts/));
  });

  test.each([{ diversity: 0.5 }, { returnEmbeddings: true }])('has no embeddings for %o', async (options) => {
    await expect(reranker.rerank(query, documents, options)).rejects.toThrow(
      failure('invalid-input', /makes no embeddings/),
    );
  });

  test('ranks nothing where there is nothing', async () => {
    expect(await reranker.rerank(query, [])).toHaveLength(0);
  });
});

describe('which protocol a checkpoint is for', () => {
  test('its architecture says, or its head', () => {
    for (const example of POINTWISE_CASES) expect(protocolFor(example).scale).toBe('probability');
    const bare = {
      ...pointwiseCheckpoint(TIED, FILES),
      config: { ...TIED.config, architectures: undefined },
    };
    expect(() => protocolOf(bare, tokenizer)).toThrow(failure('checkpoint-mismatch', /embed_token/));
    expect(protocolOf(bare, tokenizer, 'qwen3-reranker').scale).toBe('probability');
  });

  test('an unknown one is an error that names the known ones', () => {
    const unknown = 'monot5' as (typeof PROTOCOLS)[number];
    expect(() => protocolOf(pointwiseCheckpoint(TIED, FILES), tokenizer, unknown)).toThrow(
      failure('invalid-input', /monot5/),
    );
  });
});
