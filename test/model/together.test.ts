/** Several prompts in one pass: each gets the numbers that it gets by itself. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { TINY_CASES } from '../../golden/measure.js';
import { SyntheticStore } from '../../golden/synthetic.js';
import { relativeError } from '../../golden/values.js';
import type { Device } from '../../src/device/device.js';
import { WEIGHT_DTYPES } from '../../src/device/dtype.js';
import { parseConfig } from '../../src/model/config.js';
import { KvCache } from '../../src/model/kv-cache.js';
import { Qwen3 } from '../../src/model/qwen3.js';
import { offsetsOf, partsOf, type Sequence } from '../../src/model/sequences.js';
import type { Progress } from '../../src/reranker/options.js';
import type { Reranker } from '../../src/reranker/reranker.js';
import { TESTED_DEVICES } from '../support/devices.js';
import { loadEmbedded } from '../support/requests.js';

describe.each(TESTED_DEVICES)('on $name', ({ open, tolerance }) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device.dispose());

  test.each(['prefix', 'sliding-3-2'])('%s: sequences of one run don’t see each other', async (name) => {
    const { config, ids } = TINY_CASES.find((example) => example.name === name)!;
    const model = await Qwen3.load(device, new SyntheticStore(), parseConfig(config), 'f32');
    const prefixes = [3, 24].map((length) => new KvCache(device, model.config, length));
    for (const keep of prefixes) await model.forward(ids.slice(0, keep.length), [0], { keep });
    const [short, long] = prefixes;
    // Longer than a chunk together; with and without a prefix; one token, and many.
    const long200 = Array.from({ length: 200 }, (_, i) => ids[i % ids.length]!);
    const sequences: Sequence[] = [
      { ids: ids.slice(3), rows: [0, ids.length - 4], prefix: short },
      { ids: ids.slice(0, 1), rows: [0] },
      { ids: long200, rows: [0, 60, 127, 199] },
      { ids: ids.slice(24), rows: [ids.length - 25], prefix: long },
      { ids: ids.slice(5, 20), rows: [3, 14] },
    ];
    const together = await model.run(sequences, (hidden) => device.read(hidden));
    const width = model.config.hiddenSize;
    const first = offsetsOf(sequences.map(({ rows }) => rows.length * width));
    for (const [i, { ids, rows, prefix }] of sequences.entries()) {
      const alone = await model.forward(ids, rows, { prefix });
      const own = together.subarray(first[i]!, first[i]! + rows.length * width);
      expect(relativeError(own, alone), `sequence ${i}`).toBeLessThan(tolerance / 10);
    }
    for (const prefix of prefixes) prefix.free();
  });

  test('what one sequence of a run is to keep is kept', async () => {
    const { config, ids } = TINY_CASES.find(({ name }) => name === 'sliding-3-2')!;
    const model = await Qwen3.load(device, new SyntheticStore(), parseConfig(config), 'f32');
    const keep = new KvCache(device, model.config, 12);
    const last = ids.length - 1;
    const read = (hidden: Parameters<Device['read']>[0]) => device.read(hidden);
    await model.run(
      [
        { ids: ids.slice(4, 30), rows: [1] },
        { ids: ids.slice(0, 20), rows: [0], keep },
      ],
      read,
    );
    const continued = await model.forward(ids.slice(12), [last - 12], { prefix: keep });
    expect(relativeError(continued, await model.forward(ids, [last]))).toBeLessThan(tolerance / 10);
    keep.free();
  });
});

describe('the parts of a chunk', () => {
  it('cover its rows once, in order, each of its sequence', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(lengths, fc.nat(), fc.nat(), (rows, a, b) => {
        const owners = rows.flatMap((count, sequence) =>
          Array.from({ length: count }, (_, inSequence) => ({ sequence, inSequence })),
        );
        const start = a % owners.length;
        const count = 1 + (b % (owners.length - start));
        const covered = partsOf(rows, start, count).flatMap((part) =>
          Array.from({ length: part.count }, (_, i) => ({
            row: part.inChunk + i,
            sequence: part.sequence,
            inSequence: part.inSequence + i,
          })),
        );
        const expected = owners.slice(start, start + count).map((owner, row) => ({ row, ...owner }));
        expect(covered).toEqual(expected);
      }),
    );
  });
});

describe('requests that wait together', () => {
  const LISTS = [
    { query: 'edit photos', documents: ['A chess engine.', 'Retouch photographs.', 'Parse XML.'] },
    { query: 'Schach', documents: ['A chess engine.', 'Retouch photographs.'] },
    { query: 'markup', documents: ['Parse XML.'] },
    {
      query: 'a longer question about what plays chess',
      documents: ['Parse XML.', 'A chess engine.', 'x', 'y'],
    },
  ];

  /** Asks for all lists while another request runs, so that they wait together. */
  async function ask(reranker: Reranker, options: readonly Parameters<Reranker['rerank']>[2][] = []) {
    let other: Promise<unknown> | undefined;
    await new Promise((onProgress) => {
      other = reranker.rerank('another', ['to come'], { onProgress });
    });
    const asked = LISTS.map(({ query, documents }, i) => reranker.rerank(query, documents, options[i]));
    const settled = Promise.allSettled(asked);
    await other;
    return settled;
  }

  const values = (settled: readonly PromiseSettledResult<unknown>[]) =>
    settled.map((each) => (each.status === 'fulfilled' ? each.value : each.reason));

  test.each(WEIGHT_DTYPES)('rank in one pass as they rank alone, in %s', async (dtype) => {
    await using together = await loadEmbedded({ dtype });
    await using apart = await loadEmbedded({ dtype, batchTokens: 0 });
    expect(values(await ask(together))).toEqual(values(await ask(apart)));
  });

  it('take one turn, unless they have too many tokens', async () => {
    const steps = async (batchTokens: number) => {
      await using reranker = await loadEmbedded({ batchTokens });
      const reports: string[] = [];
      const options = LISTS.map((_, i) => ({ onProgress: () => void reports.push(`${i}`) }));
      await ask(reranker, options);
      return reports.join('').slice(0, 4);
    };
    expect(await steps(1024)).toBe('0123'); // the first step of all, then the second
    expect(await steps(0)).toBe('0000');
    await using reranker = await loadEmbedded();
    const sizes = LISTS.map(({ query, documents }) => reranker.plan(query, documents).blocks[0]!.tokens);
    const { cachedTokens: head } = await reranker.rerank('x', ['y']);
    expect(await steps(sizes[0]! + sizes[1]! - 2 * head)).toBe('0101');
    expect(await steps(sizes[0]! + sizes[1]! - 2 * head - 1)).toBe('0202'); // the next that fits
  });

  it('hear of their own tokens', async () => {
    await using reranker = await loadEmbedded();
    const reports: Progress[][] = LISTS.map(() => []);
    const options = reports.map((own) => ({ onProgress: (report: Progress) => void own.push(report) }));
    for (const [i, ranking] of values(await ask(reranker, options)).entries()) {
      const { tokens } = ranking as { tokens: number };
      expect(reports[i]!.every(({ total }) => total === tokens)).toBe(true);
      expect(reports[i]!.at(-1)!.done).toBe(tokens);
    }
  });

  it('don’t fall with one that is aborted, or whose listener throws', async () => {
    await using reranker = await loadEmbedded();
    const usual = values(await ask(reranker));
    for (const failing of LISTS.keys()) {
      const controller = new AbortController();
      const abort = () => controller.abort(new Error('mine alone'));
      const fail = () => {
        throw new Error('mine alone');
      };
      for (const own of [{ onProgress: abort, signal: controller.signal }, { onProgress: fail }]) {
        const outcome = values(
          await ask(
            reranker,
            LISTS.map((_, i) => (i === failing ? own : {})),
          ),
        );
        expect(outcome[failing]).toEqual(new Error('mine alone'));
        expect(outcome.toSpliced(failing, 1)).toEqual(usual.toSpliced(failing, 1));
      }
    }
    expect(values(await ask(reranker))).toEqual(usual);
  });

  it('stop when nobody wants them any more', async () => {
    await using reranker = await loadEmbedded();
    const controller = new AbortController();
    let steps = 0;
    const onProgress = () => {
      steps++;
      controller.abort();
    };
    const options = LISTS.map(() => ({ signal: controller.signal, onProgress }));
    const outcome = values(await ask(reranker, options));
    expect(outcome).toEqual(LISTS.map(() => expect.objectContaining({ name: 'AbortError' })));
    expect(steps).toBe(LISTS.length); // one report each, of one step
  });
});
