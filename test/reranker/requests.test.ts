import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Progress } from '../../src/reranker/options.js';
import type { Ranking } from '../../src/reranker/ranking.js';
import { Reranker } from '../../src/reranker/reranker.js';
import { failure } from '../support/failure.js';
import { DOCUMENTS, loadEmbedded, QUERY, ranksSmallRequest } from '../support/requests.js';
import { tinyCheckpoint } from '../support/tiny-checkpoint.js';

/** Two blocks, of 125 documents and of one. */
const MANY = Array.from({ length: 126 }, (_, i) => String.fromCharCode(97 + (i % 26)));

let reranker: Reranker;
let usual: Ranking;
let idleBytes: number;

beforeAll(async () => {
  reranker = await loadEmbedded();
  await reranker.rerank(QUERY, MANY); // until the kernels' own memory is as large as it gets
  usual = await ranksSmallRequest(reranker);
  idleBytes = reranker.deviceBytes;
});
afterAll(() => reranker.dispose());

/** Same numbers, same memory: whatever happened before left no trace. */
async function expectUntouched() {
  expect(await ranksSmallRequest(reranker)).toEqual(usual);
  expect(reranker.deviceBytes).toBe(idleBytes);
}

describe('requests', () => {
  it('queue up, and give what they give one by one', async () => {
    const queries = ['photos', 'chess', 'parse XML', 'photos'];
    const serial: Ranking[] = [];
    for (const query of queries) serial.push(await reranker.rerank(query, DOCUMENTS));
    expect(await Promise.all(queries.map((query) => reranker.rerank(query, DOCUMENTS)))).toEqual(serial);
    await expectUntouched();
  });

  it('finish in the order they came, where no text takes long to become tokens', async ({
    onTestFinished,
  }) => {
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0); // nothing takes long
    onTestFinished(() => clock.mockRestore());
    const finished: number[] = [];
    const requests = [MANY, DOCUMENTS, ['short']].map(async (documents, i) => {
      await reranker.rerank(QUERY, documents);
      finished.push(i);
    });
    await Promise.all(requests);
    expect(finished).toEqual([0, 1, 2]);
  });

  it('work on the documents as they were when they came', async () => {
    const documents = [...DOCUMENTS];
    const before = ranksSmallRequest(reranker);
    const waiting = reranker.rerank(QUERY, documents);
    documents.fill('changed by the caller');
    documents.length = 1;
    await before;
    expect(await waiting).toEqual(usual);
  });

  it('may be made while another reports its progress', async () => {
    const inner: Promise<Ranking>[] = [];
    const onProgress = () => {
      if (inner.length === 0) inner.push(ranksSmallRequest(reranker));
    };
    expect(await reranker.rerank(QUERY, DOCUMENTS, { onProgress })).toEqual(usual);
    expect(await Promise.all(inner)).toEqual([usual]);
  });

  it('of two rerankers don’t meet', async () => {
    await using other = await loadEmbedded();
    const both = [ranksSmallRequest(reranker), ranksSmallRequest(other), ranksSmallRequest(reranker)];
    expect(await Promise.all(both)).toEqual([usual, usual, usual]);
  });
});

describe('progress', () => {
  const progressOf = async (documents: readonly string[]) => {
    const reports: Progress[] = [];
    const ranking = await reranker.rerank(QUERY, documents, { onProgress: (report) => reports.push(report) });
    return { reports, ranking };
  };

  it.each([
    ['one block', DOCUMENTS],
    ['two blocks of different lengths', MANY],
  ])('only grows, and reaches its total, in %s', async (_what, documents) => {
    const { reports, ranking } = await progressOf(documents);
    const done = reports.map((report) => report.done);
    expect(reports.length).toBeGreaterThanOrEqual(4); // layers
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(done[0]).toBeGreaterThan(0);
    expect(reports.every(({ phase, total }) => phase === 'rerank' && total === ranking.tokens)).toBe(true);
    expect(done.at(-1)).toBe(ranking.tokens);
  });

  it('is none where there is nothing to do', async () => {
    expect((await progressOf([])).reports).toEqual([]);
  });

  it('whose listener throws fails that request alone', async () => {
    const onProgress = () => {
      throw new Error('the listener’s own');
    };
    await expect(reranker.rerank(QUERY, DOCUMENTS, { onProgress })).rejects.toThrow('the listener’s own');
    await expectUntouched();
  });
});

describe('an aborted request', () => {
  const abortError = expect.objectContaining({ name: 'AbortError' });

  it('is rejected before it begins', async () => {
    const signal = AbortSignal.abort();
    await expect(reranker.rerank(QUERY, DOCUMENTS, { signal })).rejects.toEqual(abortError);
    await expectUntouched();
  });

  it('is rejected with the signal’s own reason', async () => {
    const reason = new Error('changed my mind');
    await expect(reranker.rerank(QUERY, DOCUMENTS, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });

  it('stops at whichever step it is, and the next gives the same numbers as ever', async () => {
    let steps = 0;
    await reranker.rerank(QUERY, MANY, { onProgress: () => steps++ });
    for (const last of [1, 2, steps >> 1, steps - 1, steps]) {
      const controller = new AbortController();
      let step = 0;
      const onProgress = () => {
        if (++step === last) controller.abort();
      };
      const { signal } = controller;
      await expect(reranker.rerank(QUERY, MANY, { onProgress, signal })).rejects.toEqual(abortError);
      expect(step).toBe(last); // nothing was done after it
      await expectUntouched();
    }
  });

  it('is rejected while it waits for its turn, and those around it are not', async () => {
    const controller = new AbortController();
    const first = ranksSmallRequest(reranker);
    const second = reranker.rerank(QUERY, MANY, { signal: controller.signal });
    const third = ranksSmallRequest(reranker);
    controller.abort();
    await expect(second).rejects.toEqual(abortError);
    expect(await Promise.all([first, third])).toEqual([usual, usual]);
    await expectUntouched();
  });

  it('is not aborted any more once it has its result', async () => {
    const controller = new AbortController();
    const ranking = await reranker.rerank(QUERY, DOCUMENTS, { signal: controller.signal });
    controller.abort();
    expect(ranking).toEqual(usual);
    await expectUntouched();
  });
});

describe('disposing', () => {
  it('is final: requests afterwards are refused', async () => {
    const other = await loadEmbedded({ device: 'reference' });
    await other.dispose();
    expect(other.deviceBytes).toBe(0);
    await expect(ranksSmallRequest(other)).rejects.toEqual(failure('disposed', /disposed/));
  });

  it('waits for what runs and for what waits, however often it is asked', async () => {
    const checkpoint = await tinyCheckpoint();
    let closed = 0;
    const tensors = {
      shape: checkpoint.tensors.shape.bind(checkpoint.tensors),
      matrix: checkpoint.tensors.matrix.bind(checkpoint.tensors),
      vector: checkpoint.tensors.vector.bind(checkpoint.tensors),
      close: async () => {
        closed++;
      },
    };
    const tiny = await Reranker.load({ ...checkpoint, tensors }, { device: 'reference' });
    const requests = [ranksSmallRequest(tiny), ranksSmallRequest(tiny)];
    const first = tiny.dispose();
    await expect(ranksSmallRequest(tiny)).rejects.toEqual(failure('disposed'));
    await tiny.dispose();
    expect(closed).toBe(1);
    await first;
    const [one, two] = await Promise.all(requests);
    expect(one).toHaveLength(DOCUMENTS.length);
    expect(two).toEqual(one);
    await tiny.dispose();
    expect(closed).toBe(1);
  });

  it('happens by itself at the end of a block', async () => {
    let escaped: Reranker | undefined;
    {
      await using tiny = await Reranker.load(await tinyCheckpoint(), { device: 'reference' });
      escaped = tiny;
    }
    await expect(ranksSmallRequest(escaped)).rejects.toEqual(failure('disposed'));
  });
});
