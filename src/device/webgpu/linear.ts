/** The kernels of a linear layer: the weight's dtype and the device's arithmetic choose them. */
import type { Epilogue } from '../device.js';
import { Q8_BLOCK } from '../dtype.js';
import { PANEL } from './packing.js';
import type { Dispatch } from './queue.js';
import type { ShaderName } from './shaders.js';
import { type Place, spans, type WebGpuTensor, type WebGpuWeight } from './tensors.js';
import type { Tools } from './tools.js';

/** As linear-output.wgsl numbers them. */
const EPILOGUE: Readonly<Record<Epilogue, number>> = { none: 0, add: 1, relu: 2, swiglu: 3 };

const TILE = 64; // rows and outputs of a workgroup
const QUANTIZE_THREADS = 64; // blocks of a workgroup

/** One linear layer on rows that lie in one page. */
interface Product {
  readonly x: Place;
  readonly out: Place;
  readonly rows: number;
  readonly weight: WebGpuWeight;
  readonly epilogue: Epilogue;
}

export function linear(
  tools: Tools,
  x: WebGpuTensor,
  weight: WebGpuWeight,
  out: WebGpuTensor,
  epilogue: Epilogue,
): Dispatch[] {
  return spans(x, out).flatMap(({ row, count }) => {
    const product = { x: x.place(row), out: out.place(row), rows: count, weight, epilogue };
    return weight.dtype === 'q8' ? integerProduct(tools, product) : floatProduct(tools, product);
  });
}

function floatProduct({ kernels }: Tools, product: Product): Dispatch[] {
  const { x, out, weight } = product;
  const reader: ShaderName = weight.dtype === 'f32' ? 'weight-f32' : 'weight-half';
  const format = reader === 'weight-half' ? { BF16: weight.dtype === 'bf16' } : {};
  return [
    {
      kernel: kernels.kernel(['linear-output', reader, 'linear'], {
        EPILOGUE: EPILOGUE[product.epilogue],
        ...format,
      }),
      buffers: [out, x, { buffer: weight.values }],
      params: [product.rows, weight.columns, weight.rows, x.start, out.start],
      ...size(product),
    },
  ];
}

function integerProduct({ kernels, scratch, hasDot4 }: Tools, product: Product): Dispatch[] {
  const { x, out, rows, weight } = product;
  const blocks = (rows * weight.columns) / Q8_BLOCK;
  const integers = scratch.packedRows.reserve(rows * weight.columns);
  const scales = scratch.rowScales.reserve(blocks * 4);
  const shaders: ShaderName[] = ['linear-output', ...(hasDot4 ? [] : ['dot4' as const]), 'linear-q8'];
  return [
    {
      kernel: kernels.kernel(['quantize-rows']),
      buffers: [x, integers, scales],
      params: [blocks, x.start],
      workgroups: Math.ceil(blocks / QUANTIZE_THREADS),
      cost: rows * weight.columns * 16,
    },
    {
      kernel: kernels.kernel(shaders, { EPILOGUE: EPILOGUE[product.epilogue] }),
      buffers: [out, integers, scales, { buffer: weight.values }, { buffer: weight.scales! }],
      params: [rows, weight.columns, weight.rows, 0, out.start],
      ...size(product),
    },
  ];
}

/** A workgroup for each tile of the result. */
function size({ rows, weight }: Product) {
  return {
    workgroups: Math.ceil(rows / TILE) * Math.ceil(weight.rows / PANEL),
    cost: 2 * rows * weight.columns * weight.rows,
  };
}
