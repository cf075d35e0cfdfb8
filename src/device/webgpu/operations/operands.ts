/** What kernels multiply with a weight or with keys: rows of activations in the form that the kernel reads. */
import { BLOCK } from '../../quantize.js';
import type { OperandForm } from '../arithmetic.js';
import { BYTES, type WebGpuTensor } from '../memory/tensors.js';
import { type Bound, COST_OF_VALUE, type Dispatch } from '../queue/queue.js';
import type { Tools } from '../tools.js';

/** Rows of halves that are there past the last: attention loads as many queries as a workgroup serves. */
export const SPARE_ROWS = 64;

const QUANTIZE_THREADS = 64; // blocks of a workgroup

/** Rows of a tensor, ready for a kernel. */
export interface Operand {
  readonly buffers: readonly Bound[];
  /** Where the first row begins in the first of the buffers, in values. */
  readonly start: number;
  /** What has to run before. */
  readonly before: readonly Dispatch[];
}

/** `count` rows of x from `row` on, which lie in one page, with zeros behind each to `columns`. */
export function operand(
  tools: Tools,
  form: OperandForm,
  x: WebGpuTensor,
  row: number,
  count: number,
  columns = x.columns,
): Operand {
  if (form === 'halves' && x.scales && columns === x.columns) {
    const place = x.place(row);
    return { buffers: [place, x.scales.place(row)], start: place.start, before: [] };
  }
  const rows = floats(tools, x, row, count);
  const whole = columns === x.columns ? rows : padded(tools, rows, count, x.columns, columns);
  switch (form) {
    case 'floats':
      return whole;
    case 'halves':
      return halves(tools, whole, count, columns);
    case 'integers':
      return integers(tools, whole, count, columns);
  }
}

/** As they are, unless they rest in halves. */
function floats({ kernels, scratch }: Tools, x: WebGpuTensor, row: number, count: number): Operand {
  const place = x.place(row);
  if (!x.scales) return { buffers: [place], start: place.start, before: [] };
  const buffer = scratch.floatRows.reserve(count * x.columns * 4);
  const convert: Dispatch = {
    kernel: kernels.kernel(['rows/floats']),
    buffers: [place, x.scales.place(row), buffer],
    params: [x.columns, place.start],
    workgroups: count,
    cost: count * x.columns * COST_OF_VALUE,
  };
  return { buffers: [buffer], start: 0, before: [convert] };
}

/** Rows of floats with zeros behind each. */
function padded(
  { kernels, scratch }: Tools,
  from: Operand,
  count: number,
  columns: number,
  wide: number,
): Operand {
  const buffer = scratch.paddedRows.reserve(count * wide * 4);
  const convert: Dispatch = {
    kernel: kernels.kernel(['rows/padded']),
    buffers: [...from.buffers, buffer],
    params: [columns, wide, from.start],
    workgroups: count,
    cost: count * wide * COST_OF_VALUE,
  };
  return { buffers: [buffer], start: 0, before: [...from.before, convert] };
}

function halves(tools: Tools, from: Operand, count: number, columns: number): Operand {
  const { scratch } = tools;
  const room = count + SPARE_ROWS;
  const packed = scratch.packedRows.reserve(room * columns * BYTES.f16);
  const scales = scratch.rowScales.reserve(room * BYTES.f32);
  const convert = halvesOf(
    tools,
    { floats: from.buffers[0]!, start: from.start },
    { halves: packed, start: 0, scales },
    count,
    columns,
  );
  return { buffers: [packed, scales], start: 0, before: [...from.before, convert] };
}

/** Rows of 32-bit floats as 16-bit ones with a scale for each. */
export function halvesOf(
  { kernels }: Tools,
  from: { readonly floats: Bound; readonly start: number },
  to: { readonly halves: Bound; readonly start: number; readonly scales: Bound },
  rows: number,
  columns: number,
): Dispatch {
  return {
    kernel: kernels.kernel(['rows/reduce', 'rows/half-scale', 'rows/halves']),
    buffers: [from.floats, to.halves, to.scales],
    params: [columns, from.start, to.start],
    workgroups: rows,
    cost: rows * columns * COST_OF_VALUE,
  };
}

function integers({ kernels, scratch }: Tools, from: Operand, count: number, columns: number): Operand {
  const blocks = (count * columns) / BLOCK;
  const buffers = [scratch.packedRows.reserve(count * columns), scratch.rowScales.reserve(blocks * 4)];
  const convert: Dispatch = {
    kernel: kernels.kernel(['rows/integers']),
    buffers: [...from.buffers, ...buffers],
    params: [blocks, from.start],
    workgroups: Math.ceil(blocks / QUANTIZE_THREADS),
    cost: count * columns * COST_OF_VALUE,
  };
  return { buffers, start: 0, before: [...from.before, convert] };
}
