/**
 * npm run bench:kernels: what real GPUs' compilers make of the kernels, without the GPUs. README.md says how to read it.
 *
 *   npm run bench:kernels -- [--gpu NAME …] [--kernel PART_OF_A_NAME …] [--json] [--check]
 */
import { parseArgs } from 'node:util';
import { check, expectedBounds } from './check.js';
import { GPUS } from './gpus.js';
import { whyNot } from './launch.js';
import { measure, type Result } from './results.js';
import { tables } from './tables.js';

const { values } = parseArgs({
  options: {
    gpu: { type: 'string', multiple: true, default: Object.keys(GPUS) },
    kernel: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  },
});
const unknown = values.gpu.find((name) => !GPUS[name]);
const obstacle = unknown ? `--gpu is ${Object.keys(GPUS).join(', ')}, not ${unknown}` : whyNot();
if (obstacle) {
  console.error(`${obstacle}.`);
  process.exitCode = 1;
} else if (values.check) {
  await checkAll();
} else {
  await measureAll();
}

async function measureAll(): Promise<void> {
  const results: Result[] = [];
  for (const gpu of values.gpu) {
    for (const boundsChecks of [false, true]) {
      const what = `${gpu}, ${boundsChecks ? 'with' : 'without'} bounds checks`;
      results.push(...(await measure(gpu, { boundsChecks, kernels: values.kernel }, progressOf(what))));
    }
  }
  console.log(values.json ? JSON.stringify(results, undefined, 2) : tables(results));
}

async function checkAll(): Promise<void> {
  const expected = await expectedBounds();
  for (const gpu of values.gpu) {
    const missed = await check(gpu, expected, progressOf(gpu));
    for (const miss of missed) console.log(miss);
    if (missed.length > 0) process.exitCode = 1;
  }
}

/** One line that changes where a person watches, and one at the end where none does. */
function progressOf(what: string) {
  return (done: number, total: number) => {
    const line = `${what}: ${done} of ${total} kernels`;
    if (process.stderr.isTTY) process.stderr.write(`\r${line}${done === total ? '\n' : ''}`);
    else if (done === total) console.error(line);
  };
}
