/** Traces of the embedded model: what is seen is what a ranking computes. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MemorySource } from '../../src/checkpoint/memory-source.js';
import { openSafetensors } from '../../src/checkpoint/safetensors.js';
import type { InspectOptions } from '../../src/inspect/options.js';
import { Reranker } from '../../src/reranker/reranker.js';
import { failure } from '../support/failure.js';

const query = 'why do cats purr?';
const documents = [
  'Cats purr when they are content.',
  'The stock market fell sharply on Monday. Traders were worried.',
  'A purring sound is made by the larynx of a cat; it signals contentment.',
  'Dogs bark.',
];

let reranker: Reranker;
beforeAll(async () => {
  reranker = await Reranker.load(undefined, { device: 'wasm' });
});
afterAll(() => reranker.dispose());

const inspect = (options: InspectOptions = {}, texts: readonly string[] = documents) =>
  reranker.inspect(query, texts, options);

/** In the order of the documents. */
async function scoresOf(texts: readonly string[]): Promise<number[]> {
  const scores = new Array<number>(texts.length);
  for (const { index, relevanceScore } of await reranker.rerank(query, texts)) scores[index] = relevanceScore;
  return scores;
}

function near(got: ArrayLike<number>, expected: readonly number[]): void {
  expect(got.length).toBe(expected.length);
  for (const [i, score] of expected.entries()) expect(got[i]).toBeCloseTo(score, 5);
}

test('a trace without any wish has the scores of a ranking, and the tokens', async () => {
  const trace = await inspect();
  near(trace.scores, await scoresOf(documents));
  expect(trace.tokens.length).toBe(trace.queryPosition + 1);
  expect(trace.documentPositions.map((position) => trace.tokens[position]!.text)).toEqual(
    documents.map(() => '<|embed_token|>'),
  );
  expect([trace.hidden, trace.attention, trace.blocks, trace.lens, trace.leftOut]).toEqual([
    [],
    [],
    undefined,
    undefined,
    undefined,
  ]);
});

test('the rows that are asked for come with their values, whichever they are', async () => {
  const all = await inspect({
    hidden: { rows: 'all', layers: [1] },
    attention: { rows: 'all', layers: [3], heads: [0, 2] },
  });
  const some = await inspect({
    hidden: { rows: [7, 3], layers: [1] },
    attention: { rows: [60], layers: [3], heads: [2] },
  });
  const [whole, part] = [all.hidden[0]!, some.hidden[0]!];
  expect(part.rows).toEqual([3, 7]);
  for (const [i, row] of part.rows.entries()) {
    expect([...part.values.subarray(i * 256, (i + 1) * 256)]).toEqual([
      ...whole.values.subarray(row * 256, (row + 1) * 256),
    ]);
  }
  const tokens = all.tokens.length;
  const start = (tokens + 60) * tokens; // head 2 is the second of two
  expect([...some.attention[0]!.values]).toEqual([
    ...all.attention[0]!.values.subarray(start, start + tokens),
  ]);
});

test('the final norm of the last layer is what the projector reads', async () => {
  const { hidden } = await inspect({ hidden: [{ layers: [3] }, { layers: [3], normed: true }] });
  const [stream, normed] = hidden;
  const rms = Math.sqrt(stream!.values.subarray(0, 256).reduce((sum, value) => sum + value * value, 0) / 256);
  expect(normed!.values[65]).toBeCloseTo(stream!.values[65]! / rms, 4);
});

test('what a marker looks at is summed to blocks', async () => {
  const { blocks, attention, tokens } = await inspect({
    blocks: { heads: [1, 3] },
    attention: { heads: [1, 3] },
  });
  expect(blocks!.names).toEqual([
    'head',
    'query',
    'document 0',
    'document 1',
    'document 2',
    'document 3',
    'closing',
  ]);
  const blockOf = tokens.map(({ part }) => {
    if (part.kind === 'marker') return part.document === undefined ? 'closing' : `document ${part.document}`;
    return part.kind === 'document' ? `document ${part.document}` : part.kind;
  });
  for (const [layer, { values, rows, heads }] of attention.entries()) {
    for (let row = 0; row < rows.length * heads.length; row++) {
      const sums = blocks!.names.map((name) =>
        values
          .subarray(row * tokens.length, (row + 1) * tokens.length)
          .reduce((sum, weight, token) => (blockOf[token] === name ? sum + weight : sum), 0),
      );
      near(blocks!.attention[layer]!.values.subarray(row * sums.length, (row + 1) * sums.length), sums);
    }
  }
});

test('a list without a document is scored as a ranking of the others is', async () => {
  const { leftOut } = await inspect({ leaveOut: true });
  for (const left of documents.keys()) {
    const row = [...leftOut!.subarray(left * 4, (left + 1) * 4)];
    expect(row[left]).toBeNaN();
    near(
      row.filter((_, i) => i !== left),
      await scoresOf(documents.filter((_, i) => i !== left)),
    );
  }
  expect([...(await inspect({ leaveOut: true }, ['one'])).leftOut!]).toEqual([Number.NaN]);
});

test.each(['sentence', 'word', 'token'] as const)(
  'a %s counts what its document loses without it',
  async (by) => {
    const trace = await inspect({ mask: { by, documents: [2, 1] } });
    expect(trace.masked!.map(({ document }) => document)).toEqual([1, 2]);
    for (const { document, text, spans } of trace.masked!) {
      expect(text).toBe(documents[document]);
      for (const { start, end, score, effect } of spans.slice(0, 3)) {
        const without = documents.with(document, text.slice(0, start) + text.slice(end));
        expect(score).toBeCloseTo((await scoresOf(without))[document]!, 5);
        expect(effect).toBeCloseTo(trace.scores[document]! - score, 6);
      }
    }
    const pieces = trace.masked![0]!.spans.map(({ start, end }) => documents[1]!.slice(start, end).trim());
    const expected = {
      sentence: ['The stock market fell sharply on Monday.', 'Traders were worried.'],
      word: ['The', 'stock'],
    };
    if (by !== 'token') expect(pieces.slice(0, 2)).toEqual(expected[by]);
    expect(pieces.join('').replace(/ /g, '')).toBe(documents[1]!.replace(/ /g, ''));
  },
);

test('documents in other orders are scored as rankings of those are', async () => {
  const { orders, scores } = await inspect({ orders: 3 });
  expect(orders!.orders[0]).toEqual([0, 1, 2, 3]);
  near(orders!.scores.subarray(0, 4), [...scores]);
  for (const [run, order] of orders!.orders.entries()) {
    const ranked = await scoresOf(order.map((document) => documents[document]!));
    for (const [place, document] of order.entries()) {
      expect(orders!.scores[run * 4 + document]).toBeCloseTo(ranked[place]!, 5);
    }
  }
  const own = orders!.orders.map((_, run) => orders!.scores[run * 4 + 2]!);
  expect(orders!.mean[2]).toBeCloseTo(own.reduce((a, b) => a + b) / 3, 6);
  expect(orders!.spread[2]).toBeGreaterThan(0);
});

test('a silent head changes scores, one that is scaled by one none; a patch brings another run’s scores', async () => {
  const clean = await inspect({ hidden: { rows: 'all', layers: [0, 3] } });
  const silent = await inspect({ edits: [{ layer: 3, place: 'heads', head: 3, scale: 0 }] });
  expect(silent.scores[0]).not.toBeCloseTo(clean.scores[0]!, 2);
  near((await inspect({ edits: [{ layer: 3, place: 'heads', head: 3, scale: 1 }] })).scores, [
    ...clean.scores,
  ]);
  const patched = await inspect({
    edits: [
      { layer: 0, place: 'mlp', scale: 0 },
      { layer: 3, place: 'mlp', rows: 'markers', patch: clean },
    ],
  });
  near(patched.scores, [...clean.scores]);
});

test('what is recorded after an edit is what the edit made', async () => {
  const { hidden } = await inspect({
    edits: [{ layer: 2, place: 'mlp', rows: [9], replace: new Float32Array(256).fill(3) }],
    hidden: { layers: [2], rows: [9] },
  });
  expect([...hidden[0]!.values]).toEqual(Array(256).fill(3));
});

test('a plan tells what a trace takes, and holds', async () => {
  const options: InspectOptions = {
    hidden: { rows: 'all' },
    attention: {},
    blocks: true,
    leaveOut: true,
    orders: 2,
  };
  const plan = reranker.planInspection(query, documents, options);
  const before = reranker.deviceBytes;
  let most = 0;
  const onProgress = ({ done, total }: { done: number; total: number }) => {
    most = Math.max(most, reranker.deviceBytes - before);
    expect([done <= total, total]).toEqual([true, plan.runTokens]);
  };
  const trace = await inspect({ ...options, onProgress });
  const arrays = [...trace.hidden, ...trace.attention, ...trace.blocks!.attention];
  expect(plan.traceBytes).toBe(arrays.reduce((sum, { values }) => sum + values.byteLength, 0));
  expect(plan.tokens).toBe(trace.tokens.length);
  expect(most).toBeLessThan(plan.deviceBytes + 2 ** 22);
  expect(reranker.deviceBytes - before).toBeLessThan(2 ** 22); // the kernels' own scratch stays
});

test('a trace beyond its limit of memory is refused before anything runs', async () => {
  const started: number[] = [];
  const refused = inspect({
    attention: { rows: 'all' },
    maxBytes: 1000,
    onProgress: ({ done }) => started.push(done),
  });
  await expect(refused).rejects.toThrow(failure('out-of-memory'));
  expect(started).toEqual([]);
});

test.each<[string, object]>([
  ['a layer that is not there', { hidden: { layers: [4] } }],
  ['a head that is not there', { attention: { heads: [-1] } }],
  ['a row that is not there', { hidden: { rows: [100_000] } }],
  ['no rows', { hidden: { rows: [] } }],
  ['rows that are no numbers', { attention: { rows: 'some' } }],
  ['a place that is not there', { hidden: { place: 'soul' } }],
  ['the norm of keys', { hidden: { place: 'keys', normed: true } }],
  ['an edit of the wrong length', { edits: [{ layer: 0, place: 'mlp', add: [1, 2, 3] }] }],
  [
    'an edit that is no number',
    { edits: [{ layer: 0, place: 'heads', head: 1, add: Array(64).fill(Number.NaN) }] },
  ],
  ['a head of the residual stream', { edits: [{ layer: 0, place: 'mlp', head: 1, scale: 0 }] }],
  ['an edit that changes nothing', { edits: [{ layer: 0, place: 'mlp' }] }],
  ['no edits', { edits: 3 }],
  ['an edit of lists that are compared', { edits: [], orders: 3 }],
  ['orders below one', { orders: 0 }],
  ['stretches of no kind', { mask: { by: 'letter' } }],
  ['a document that is not there', { mask: { documents: [4] } }],
])('%s is refused, and the reranker stays usable', async (_, options) => {
  await expect(inspect(options as InspectOptions)).rejects.toThrow(failure('invalid-input'));
  expect((await reranker.rerank(query, documents))[0]!.index).toBe(0);
});

test('a patch must be of this model and must have been recorded', async () => {
  const clean = await inspect({ hidden: { layers: [1] } });
  const patched = (layer: number, rows: readonly number[], patch = clean) =>
    inspect({ edits: [{ layer, place: 'mlp', rows, patch }] });
  await expect(patched(0, clean.documentPositions)).rejects.toThrow(failure('invalid-input'));
  await expect(patched(1, [3])).rejects.toThrow(failure('invalid-input'));
  const stranger = Object.assign(Object.create(Object.getPrototypeOf(clean)), clean, { model: 'another' });
  await expect(patched(1, clean.documentPositions, stranger)).rejects.toThrow(failure('invalid-input'));
  await expect(patched(1, clean.documentPositions)).resolves.toBeDefined();
});

test('no documents, or more than a prompt holds, are refused', async () => {
  await expect(inspect({}, [])).rejects.toThrow(failure('invalid-input'));
  await expect(inspect({}, Array(126).fill('x'))).rejects.toThrow(/2 prompts/);
});

test.each([
  { leaveOut: true },
  { mask: { by: 'word' as const } },
  { orders: 20 },
  { attention: {}, lens: true },
])('an abort ends %o at once, and gives everything back', async (options) => {
  await inspect(options);
  const before = reranker.deviceBytes;
  const controller = new AbortController();
  let heard = 0;
  const aborted = inspect({
    ...options,
    signal: controller.signal,
    onProgress: () => {
      if (++heard === 4) controller.abort();
    },
  });
  await expect(aborted).rejects.toThrow(/abort/i);
  expect(reranker.deviceBytes).toBe(before);
  near((await inspect()).scores, await scoresOf(documents));
});

test('a trace is saved as a safetensors file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'listwise-trace-'));
  const trace = await inspect({
    hidden: { layers: [2] },
    attention: { layers: [1] },
    blocks: true,
    lens: true,
    orders: 2,
  });
  await trace.save(join(folder, 'trace.safetensors'));
  const bytes = await readFile(join(folder, 'trace.safetensors'));
  await rm(folder, { recursive: true });
  const store = await openSafetensors([new MemorySource('trace', bytes)]);
  expect(store.shape('attention.1')).toEqual([4, 5, trace.tokens.length]);
  const lens = new Float32Array(16);
  await store.matrix('lens', 4, 4).read(0, 4, lens);
  expect(lens).toEqual(trace.lens);
  const header = JSON.parse(
    new TextDecoder().decode(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0)))),
  );
  expect(header.__metadata__).toMatchObject({ format: 'listwise trace 1', model: 'embedded', query });
  expect(JSON.parse(header.__metadata__.tokens)).toHaveLength(trace.tokens.length);
});

test('a trace as JSON has what is small', async () => {
  const trace = await inspect({ hidden: {}, blocks: true, lens: true, leaveOut: true });
  const json = JSON.parse(JSON.stringify(trace));
  expect(json.documents[0]).toMatchObject({
    document: documents[0],
    score: expect.closeTo(trace.scores[0]!, 6),
  });
  expect(json.leftOut[0][0]).toBeNull();
  expect(json.blocks.layers[3].heads[0].weights).toHaveLength(5);
  expect(json).not.toHaveProperty('hidden');
});
