/**
 * npm run bench:rates: how fast the CPU device's products are, apart from everything else: a linear layer in each dtype
 * and attention, at jina-reranker-v3's shapes, in 10⁹ operations a second of all threads together. Builds and
 * operations take turns, and the best of many turns counts.
 *
 *   npm run bench:rates -- [threads] [builds, as in relaxed,wide]
 */
import type { Pass } from '../src/device/device.js';
import { WEIGHT_DTYPES } from '../src/device/dtype.js';
import { WasmDevice } from '../src/device/wasm/device.js';
import type { KernelBuild } from '../src/device/wasm/kernels.js';

const [threads = '1', builds = 'relaxed,wide'] = process.argv.slice(2);

const ROWS = 192;
const [INPUTS, OUTPUTS] = [1024, 6144]; // the MLP's first product
const [HEAD_DIM, HEADS, KV_HEADS, KEYS] = [128, 16, 8, 4096];
const TURNS = 12;

/** An operation that is timed. */
interface Task {
  readonly name: string;
  readonly build: KernelBuild;
  readonly operations: number;
  run(): Promise<void>;
}

async function tasksOf(build: KernelBuild): Promise<Task[]> {
  const device = await WasmDevice.open({ threads: Number(threads), build });
  const task = (name: string, operations: number, record: (pass: Pass) => void): Task => ({
    ...{ name, build, operations },
    run: async () => {
      const pass = device.pass();
      record(pass);
      await pass.submit();
    },
  });
  const filled = (rows: number, columns: number) => {
    const tensor = device.tensor(rows, columns);
    device.write(
      tensor,
      Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i)),
    );
    return tensor;
  };
  const tasks: Task[] = [];
  const [x, y] = [filled(ROWS, INPUTS), device.tensor(ROWS, OUTPUTS)];
  const values = Float32Array.from({ length: INPUTS }, (_, i) => Math.cos(i * i));
  const source = {
    ...{ name: 'weight', rows: OUTPUTS, columns: INPUTS },
    read: async (_start: number, count: number, into: Float32Array) => {
      for (let row = 0; row < count; row++) into.set(values, row * INPUTS);
    },
  };
  for (const dtype of WEIGHT_DTYPES) {
    const weight = await device.weight(source, dtype);
    tasks.push(task(`linear ${dtype}`, 2 * ROWS * INPUTS * OUTPUTS, (pass) => pass.linear(x, weight, y)));
  }
  const [queries, out] = [filled(ROWS, HEADS * HEAD_DIM), device.tensor(ROWS, HEADS * HEAD_DIM)];
  const cache = filled(KEYS, 2 * KV_HEADS * HEAD_DIM);
  const positions = device.indices(Array.from({ length: ROWS }, (_, row) => KEYS - ROWS + row));
  const pairs = ROWS * (KEYS - ROWS) + (ROWS * (ROWS + 1)) / 2;
  tasks.push(
    task('attention', 4 * pairs * HEADS * HEAD_DIM, (pass) =>
      pass.attention(queries, cache, positions, HEAD_DIM, out),
    ),
  );
  return tasks;
}

const tasks = (await Promise.all(builds.split(',').map((build) => tasksOf(build as KernelBuild)))).flat();
const least = new Map<Task, number>();
for (let turn = 0; turn < TURNS; turn++) {
  for (const task of tasks) {
    const start = performance.now();
    await task.run();
    least.set(task, Math.min(least.get(task) ?? Number.POSITIVE_INFINITY, performance.now() - start));
  }
}
const names = [...new Set(tasks.map(({ name }) => name))];
console.log(`Node ${process.versions.node}, ${threads} threads\n`);
console.log(`| | ${builds.split(',').join(' | ')} |\n|---|${'---|'.repeat(builds.split(',').length)}`);
for (const name of names) {
  const rates = tasks
    .filter((task) => task.name === name)
    .map((task) => task.operations / least.get(task)! / 1e6);
  console.log(`| ${name} | ${rates.map((rate) => rate.toFixed(0)).join(' | ')} |`);
}
process.exit();
