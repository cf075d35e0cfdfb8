/** How far the reranker comes with what others ask of it: work done, where a clock would depend on the machine. */
import { onTestFinished, vi } from 'vitest';
import type { Progress } from '../../src/reranker/options.js';
import type { Reranker } from '../../src/reranker/reranker.js';

/** Everything that is reported until the test is over. `onReport` hears of it, too. */
export function watchProgress(reranker: Reranker, onReport: () => void = () => {}): Progress[] {
  const reports: Progress[] = [];
  const rerank = reranker.rerank.bind(reranker);
  const watched = vi.spyOn(reranker, 'rerank').mockImplementation((query, documents, options) =>
    rerank(query, documents, {
      ...options,
      onProgress: (report) => {
        reports.push(report);
        options?.onProgress?.(report);
        onReport();
      },
    }),
  );
  onTestFinished(() => watched.mockRestore());
  return reports;
}

/** Resolves when the reranker begins to run what is asked of it next. */
export function nextRun(reranker: Reranker): Promise<void> {
  return new Promise((resolve) => void watchProgress(reranker, resolve));
}
