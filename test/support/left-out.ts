/** Says at the end of a run what did not run and why, so that nobody takes silence for success. */
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

/** The tag of what `npm test` leaves to `npm run test:all`. */
const LONG = 'long';

/** Tags of tests that don't run everywhere, and the reason where they don't. */
export const TAGS = [
  { name: LONG, description: 'they take long: npm run test:all runs them', timeout: 600_000 }, // milliseconds
  { name: 'gpu', description: 'WebGPU finds no GPU here' },
  { name: 'matrix', description: 'there is no GPU with matrix units here' },
  { name: 'wide', description: 'WebAssembly has no vectors of 256 bits in this engine' },
];

export class LeftOutReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  /** For each reason the number of tests, and their files. */
  onTestRunEnd(modules: readonly TestModule[]): void {
    const byReason = new Map<string, { count: number; files: Set<string> }>();
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const reason = this.#reasonOf(test);
        if (reason === undefined) continue;
        const leftOut = byReason.get(reason) ?? { count: 0, files: new Set() };
        byReason.set(reason, { count: leftOut.count + 1, files: leftOut.files.add(module.relativeModuleId) });
      }
    }
    for (const [reason, { count, files }] of byReason) {
      console.log(`Left out: ${counted(count)}, since ${reason} (${[...files].join(', ')}).`);
    }
  }

  /** What the test said, as in `skip(condition, reason)`, or else what its tag says. */
  #reasonOf(test: TestCase): string | undefined {
    const result = test.result();
    if (result.state === 'skipped' && result.note) return result.note;
    const { tags, tagsFilter, testNamePattern } = this.#vitest!.config;
    if (testNamePattern) return undefined; // it may as well be of another name
    const isLong = tagsFilter !== undefined && test.tags.includes(LONG);
    const tag = isLong ? LONG : test.tags.find((name) => name !== LONG);
    return tags.find(({ name }) => name === tag)?.description;
  }
}

function counted(tests: number): string {
  return tests === 1 ? '1 test' : `${tests} tests`;
}
