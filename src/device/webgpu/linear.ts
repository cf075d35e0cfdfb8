/** The kernels of a linear layer: the weight's dtype and the device's arithmetic choose them. */
import type { Epilogue } from '../device.js';
import { isQuantized, type WeightDtype } from '../dtype.js';
import { BLOCK } from '../quantize.js';
import type { Arithmetic } from './arithmetic.js';
import { COST_OF_VALUE, type Dispatch } from './queue.js';
import type { ShaderName } from './shaders.js';
import { type Place, spans, type WebGpuTensor, type WebGpuWeight } from './tensors.js';
import type { Tools } from './tools.js';

/** As linear-output.wgsl numbers them. */
const EPILOGUE: Readonly<Record<Epilogue, number>> = { none: 0, add: 1, relu: 2, swiglu: 3 };

const TILE = 64; // rows and outputs of a workgroup
/** The same on tensor cores. Matrices are loaded whole: what they are loaded from goes to a multiple of it. */
export const MATRIX_TILE = 128;
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
  const record = recorderOf(weight.dtype, tools.arithmetic);
  return spans(x, out).flatMap(({ row, count }) =>
    record(tools, { x: x.place(row), out: out.place(row), rows: count, weight, epilogue }),
  );
}

function recorderOf(dtype: WeightDtype, arithmetic: Arithmetic) {
  if (isQuantized(dtype)) return integerProduct;
  return dtype === 'f16' && arithmetic !== 'f32' ? halfProduct : floatProduct;
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
      ...size(product, TILE),
    },
  ];
}

function integerProduct({ kernels, scratch, hasDot4 }: Tools, product: Product): Dispatch[] {
  const { x, out, rows, weight } = product;
  const blocks = (rows * weight.columns) / BLOCK;
  const integers = scratch.packedRows.reserve(rows * weight.columns);
  const scales = scratch.rowScales.reserve(blocks * 4);
  const reader: ShaderName = weight.dtype === 'q8' ? 'weight-q8' : 'weight-q4';
  const dot4: ShaderName[] = hasDot4 ? [] : ['dot4'];
  return [
    {
      kernel: kernels.kernel(['quantize-rows']),
      buffers: [x, integers, scales],
      params: [blocks, x.start],
      workgroups: Math.ceil(blocks / QUANTIZE_THREADS),
      cost: rows * weight.columns * COST_OF_VALUE,
    },
    {
      kernel: kernels.kernel(['linear-output', ...dot4, reader, 'linear-integer'], {
        EPILOGUE: EPILOGUE[product.epilogue],
      }),
      buffers: [out, integers, scales, { buffer: weight.values }, { buffer: weight.scales! }],
      params: [rows, weight.columns, weight.rows, 0, out.start],
      ...size(product, TILE),
    },
  ];
}

function halfProduct(tools: Tools, product: Product): Dispatch[] {
  const { out, rows, weight } = product;
  const { halves, scales, dispatch } = halfRows(tools, product.x, rows, weight.columns);
  const [shader, tile]: [ShaderName, number] = tools.matrices
    ? ['linear-matrix', MATRIX_TILE]
    : ['linear-f16', TILE];
  return [
    dispatch,
    {
      kernel: tools.kernels.kernel(['linear-output', shader], {
        EPILOGUE: EPILOGUE[product.epilogue],
        ...tools.matrices,
      }),
      buffers: [out, halves, scales, { buffer: weight.values }],
      params: [rows, weight.columns, weight.rows, 0, out.start],
      ...size(product, tile),
    },
  ];
}

/** Rows of activations in 16 bits, with room to a multiple of the tensor cores' tile. */
export function halfRows({ kernels, scratch }: Tools, x: Place, rows: number, columns: number) {
  const room = Math.ceil(rows / MATRIX_TILE) * MATRIX_TILE;
  const halves = scratch.packedRows.reserve(room * columns * 2);
  const scales = scratch.rowScales.reserve(room * 4);
  const dispatch: Dispatch = {
    kernel: kernels.kernel(['half-rows']),
    buffers: [x, halves, scales],
    params: [columns, x.start],
    workgroups: rows,
    cost: rows * columns * COST_OF_VALUE,
  };
  return { halves, scales, dispatch };
}

/** A workgroup for each tile of the result; a tile with few rows takes as long as a full one. */
function size({ rows, weight }: Product, tile: number) {
  const tilesDown = Math.ceil(rows / tile);
  const tilesAcross = Math.ceil(weight.rows / tile);
  return {
    workgroups: tilesDown * tilesAcross,
    cost: 2 * tilesDown * tilesAcross * tile * tile * weight.columns,
  };
}
