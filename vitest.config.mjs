import { defineConfig } from 'vitest/config';
import { inlineForVite } from './bundle/inline.mjs';
import { LeftOutReporter } from './test/support/left-out.ts';
import { softwareGpu } from './test/support/software-gpu.ts';

Object.assign(process.env, await softwareGpu());

export default defineConfig({
  plugins: [inlineForVite],
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', new LeftOutReporter()],
  },
});
