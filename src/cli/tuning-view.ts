/** `listwise devices --tune`: how long the GPU takes in each of the ways in which it can compute. */
import { styleText } from 'node:util';
import type { WeightDtype } from '../device/dtype.js';
import { requestAdapter } from '../device/webgpu/adapter.js';
import { openWebGpu } from '../device/webgpu/open.js';
import { fastestOf, type Timing } from '../device/webgpu/tuning/tune.js';
import { ListwiseError } from '../error.js';
import { ProgressBar } from './progress-bar.js';

/** jina-reranker-v3's. */
const SHAPE = { hiddenSize: 1024, heads: 16, kvHeads: 8, headDim: 128, intermediateSize: 3072 };

/** Nothing of it is kept: a load finds out for itself. Throws `device-unsupported` where there is no GPU. */
export async function showTuning(dtype: WeightDtype, json: true | undefined): Promise<void> {
  const { name, isSoftware } = await requestAdapter();
  if (isSoftware) {
    const message = `${name} is no GPU but the CPU in disguise: its times say nothing of GPUs.`;
    throw new ListwiseError('device-unsupported', message);
  }
  using progressBar = new ProgressBar(process.stderr);
  const onProgress = (done: number, total: number) => progressBar.show({ phase: 'tune', done, total });
  const device = await openWebGpu({
    ...{ dtypes: [dtype], shape: SHAPE, tune: false, software: false },
    onNotice: progressBar.notify,
  });
  const timings = await device.timeVariants(SHAPE, dtype, { onProgress });
  progressBar.clear();
  const report = { device: device.description, dtype, timings };
  await device.dispose();
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${report.device}\n${tuningView(timings)}`);
}

/** A task's variants below it, the fastest marked. */
export function tuningView(timings: readonly Timing[]): string {
  const fastest = fastestOf(timings);
  const width = Math.max(...timings.flatMap(({ variants }) => variants.map(({ name }) => name.length)));
  return timings
    .map(({ task, variants }) => {
      const lines = variants.map(({ name, milliseconds }) => {
        const time = milliseconds === undefined ? 'not timed' : `${milliseconds.toFixed(2)} ms`;
        const mark = fastest[task] === name ? styleText('green', '✓') : ' ';
        return `  ${mark} ${name.padEnd(width)}  ${time.padStart(10)}\n`;
      });
      return `\n${styleText('bold', task)}\n${lines.join('')}`;
    })
    .join('');
}
