import { defineConfig } from 'vitest/config';
import { inlineForVite } from './bundle/inline.mjs';
import { LeftOutReporter, TAGS } from './test/support/left-out.ts';
import { softwareGpu } from './test/support/software-gpu.ts';

Object.assign(process.env, await softwareGpu());
// The hubs of the tests are on this machine, wherever it has to go for others.
for (const name of ['http_proxy', 'https_proxy', 'all_proxy']) process.env[name] = '';

export default defineConfig({
  plugins: [inlineForVite],
  test: {
    include: ['test/**/*.test.ts'],
    // Milliseconds, for what hangs: no test is slow because the machine has other things to do.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Of what tests ask Firefox one thing in some hundreds gets no answer.
    retry: process.env.LISTWISE_TEST_BROWSER === 'firefox' ? 2 : 0,
    expect: { poll: { timeout: 150_000 } },
    pool: 'forks',
    maxWorkers: 2,
    tags: TAGS,
    reporters: ['default', new LeftOutReporter()],
  },
});
