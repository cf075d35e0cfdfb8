/** Says at the end of a run what did not run and why, so that nobody takes silence for success. */
import type { Reporter, TestModule } from 'vitest/node';

export class LeftOutReporter implements Reporter {
  /** Counts the tests of each file that gave a reason, as `skip(condition, reason)` does. */
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const module of modules) {
      const counts = new Map<string, number>();
      for (const test of module.children.allTests('skipped')) {
        const result = test.result();
        if (result.state !== 'skipped' || !result.note) continue;
        counts.set(result.note, (counts.get(result.note) ?? 0) + 1);
      }
      for (const [reason, count] of counts) {
        console.log(`Not run: ${count} of ${module.relativeModuleId}, since ${reason}.`);
      }
    }
  }
}
