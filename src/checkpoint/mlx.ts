/**
 * MLX's quantised checkpoints. A matrix [out, in] is three tensors: `X.weight`, whole numbers q of 4 or 8 bits packed
 * into words [out, in · bits / 32], the first in the lowest bits; `X.scales` and `X.biases`, [out, in / group].
 * value = scale · q + bias
 * https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.quantize.html
 */
import type { WeightSource } from '../device/device.js';
import { ListwiseError } from '../error.js';
import type { StoredDtype } from './dtypes.js';
import { type TensorFile, TensorFiles, type TensorStore } from './tensors.js';

type Json = Readonly<Record<string, unknown>>;

/** How one matrix is packed. */
interface Packing {
  readonly integers: StoredDtype;
  readonly groupSize: number; // values that share a scale and a bias
}

/** One word of whole numbers. */
const INTEGERS: ReadonlyMap<unknown, StoredDtype> = new Map([
  [
    4,
    {
      name: 'U4',
      blockValues: 8,
      blockBytes: 4,
      decode(bytes: Uint8Array, out: Float32Array) {
        for (let i = 0; 2 * i < out.length; i++) {
          out[2 * i] = bytes[i]! & 15;
          out[2 * i + 1] = bytes[i]! >> 4;
        }
        return true;
      },
    },
  ],
  [
    8,
    {
      name: 'U8',
      blockValues: 4,
      blockBytes: 4,
      decode(bytes: Uint8Array, out: Float32Array) {
        out.set(bytes);
        return true;
      },
    },
  ],
]);

const GROUP_SIZES: readonly unknown[] = [32, 64, 128];

/**
 * What a config.json says of how matrices are packed: one way for all, others for some by name, be it with or without
 * the `model.` that a backbone by itself lacks.
 */
export class MlxQuantization {
  readonly #packing: Packing;
  readonly #others = new Map<string, Packing | undefined>();

  /** `json` is the config's `quantization`. Throws `unsupported-model`. */
  constructor(json: Json) {
    const { group_size, bits, mode, ...others } = json;
    this.#packing = packing('quantization', { group_size, bits, mode });
    for (const [module, other] of Object.entries(others)) {
      if (other === true) continue;
      this.#others.set(
        bareName(module),
        other === false ? undefined : packing(`quantization["${module}"]`, other),
      );
    }
  }

  /** How a tensor's words are packed, if it may be quantised. */
  packingOf(tensor: string): Packing | undefined {
    const module = moduleOf(tensor);
    if (module === undefined) return undefined;
    const name = bareName(module);
    return this.#others.has(name) ? this.#others.get(name) : this.#packing;
  }
}

function packing(where: string, json: unknown): Packing {
  const { group_size: groupSize, bits, mode = 'affine' } = (json ?? {}) as Json;
  const integers = INTEGERS.get(bits);
  if (integers && GROUP_SIZES.includes(groupSize) && mode === 'affine') {
    return { integers, groupSize: groupSize as number };
  }
  throw new ListwiseError(
    'unsupported-model',
    `config.json: ${where} is ${JSON.stringify(json)}, expected 4 or 8 bits in groups of 32, 64 or 128, affine.`,
    {
      hint: 'Take another file of the model, or quantise it again: mlx_lm.convert -q --q-bits 4 --q-group-size 64.',
    },
  );
}

/** The layer that has a tensor as its weight. */
function moduleOf(tensor: string): string | undefined {
  return /^(.+)\.weight$/.exec(tensor)?.[1];
}

function bareName(module: string): string {
  return module.replace(/^model\./, '');
}

/** Takes MLX's quantisation out of a config.json: the tensors that are left to be read are no longer quantised. */
export function withoutQuantization(config: Json): { config: Json; quantization?: MlxQuantization } {
  const { quantization, ...rest } = config;
  if (typeof quantization !== 'object' || quantization === null) return { config };
  const { quantization_config: copy, ...others } = rest;
  const isCopy = JSON.stringify(copy) === JSON.stringify(quantization); // which MLX writes for the hub
  return { config: isCopy ? others : rest, quantization: new MlxQuantization(quantization as Json) };
}

/** Tensors of which matrices in whole numbers are read as the values that they stand for. */
export class MlxTensors implements TensorStore {
  readonly #stored: TensorFiles;
  readonly #packings = new Map<string, Packing>();

  /** Throws `checkpoint-corrupt` for a tensor that stands in two files. */
  constructor(files: readonly TensorFile[], quantization: MlxQuantization) {
    this.#stored = new TensorFiles(files);
    for (const [name, entry] of files.flatMap(({ tensors }) => [...tensors])) {
      const packing = quantization.packingOf(name);
      if (packing && 'dtype' in entry && entry.dtype === packing.integers) this.#packings.set(name, packing);
    }
  }

  shape(name: string): readonly number[] | undefined {
    return this.#stored.shape(name);
  }

  matrix(name: string, rows: number, columns: number): WeightSource {
    const integers = this.#stored.matrix(name, rows, columns);
    const packing = this.#packings.get(name);
    if (!packing) return integers;
    const { groupSize } = packing;
    const groups = columns / groupSize;
    if (!Number.isInteger(groups)) {
      throw mismatch(
        `Tensor "${name}" has rows of ${columns} values, which are no whole groups of ${groupSize}`,
      );
    }
    const scalesOf = this.#stored.matrix(`${moduleOf(name)}.scales`, rows, groups);
    const biasesOf = this.#stored.matrix(`${moduleOf(name)}.biases`, rows, groups);
    return {
      name,
      rows,
      columns,
      async read(start, count, into) {
        const scales = new Float32Array(count * groups);
        const biases = new Float32Array(count * groups);
        await integers.read(start, count, into);
        await scalesOf.read(start, count, scales);
        await biasesOf.read(start, count, biases);
        if (!dequantise(into, groupSize, scales, biases)) {
          throw new ListwiseError('checkpoint-corrupt', `Tensor "${name}" has values beyond 32-bit floats.`);
        }
      },
    };
  }

  async vector(name: string, length: number): Promise<Float32Array> {
    if (this.#packings.has(name)) throw mismatch(`Tensor "${name}" is quantised, which only matrices are`);
    return this.#stored.vector(name, length);
  }

  close(): Promise<void> {
    return this.#stored.close();
  }
}

/** Turns whole numbers into values, in 32-bit steps. Returns false if one is no finite number. */
function dequantise(
  values: Float32Array,
  groupSize: number,
  scales: Float32Array,
  biases: Float32Array,
): boolean {
  let finite = true;
  for (let group = 0; group < scales.length; group++) {
    const scale = scales[group]!;
    const bias = biases[group]!;
    const end = (group + 1) * groupSize;
    for (let i = end - groupSize; i < end; i++) {
      values[i] = Math.fround(scale * values[i]!) + bias;
      finite &&= Number.isFinite(values[i]!);
    }
  }
  return finite;
}

function mismatch(what: string): ListwiseError {
  return new ListwiseError('checkpoint-mismatch', `${what}.`, {
    hint: 'Do the weights belong to this config.json?',
  });
}
