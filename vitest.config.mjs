import { defineConfig } from 'vitest/config';
import { inlineForVite } from './inline.mjs';

export default defineConfig({
  plugins: [inlineForVite],
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
