/** Linear layers, as dispatches: x in the form that the variant reads, then the product. */
import type { Epilogue } from '../../device.js';
import { paddedInputs } from '../../padding.js';
import { spans, type WebGpuTensor, type WebGpuWeight } from '../memory/tensors.js';
import type { Dispatch } from '../queue/queue.js';
import type { Tools } from '../tools.js';
import { tilesOf } from './choices.js';
import { operand } from './operands.js';

/** As linear/output.wgsl numbers them. */
const EPILOGUE: Readonly<Record<Epilogue, number>> = { none: 0, add: 1, relu: 2, swiglu: 3 };

export function linear(
  tools: Tools,
  x: WebGpuTensor,
  weight: WebGpuWeight,
  out: WebGpuTensor,
  epilogue: Epilogue,
): Dispatch[] {
  const { dtype, order, rows: outputs } = weight;
  const inputs = paddedInputs(weight.columns);
  return spans(x, out).flatMap(({ row, count }) => {
    const variant = tools.choices.linear(dtype, order, outputs, count);
    const from = operand(tools, variant.operand, x, row, count, inputs);
    const to = out.place(row);
    const workgroups = tilesOf(variant, count, outputs);
    const product: Dispatch = {
      kernel: tools.kernels.kernel(['linear/output', ...variant.shaders], {
        ...variant.constants,
        EPILOGUE: EPILOGUE[epilogue],
      }),
      buffers: [to, ...from.buffers, ...weight.buffers],
      params: [count, inputs, outputs, from.start, to.start],
      workgroups,
      // A tile with few rows takes as long as a full one.
      cost: 2 * workgroups * variant.tile.rows * variant.tile.outputs * inputs,
    };
    return [...from.before, product];
  });
}
