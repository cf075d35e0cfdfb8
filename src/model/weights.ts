/** The backbone's weights on a device, under the names that Hugging Face checkpoints give them. */
import type { TensorStore } from '../checkpoint/tensors.js';
import type { Device, Tensor, Weight, WeightSource } from '../device/device.js';
import { isQuantized, type WeightDtype } from '../device/dtype.js';
import type { Qwen3Config } from './config.js';
import { columnScales, withoutScales } from './equalize.js';

/** One decoder layer. `qkv` and `gateUp` are fused, so that each is one product. */
export interface LayerWeights {
  readonly inputNorm: Tensor; // [1, hidden]
  /** Queries, keys, values: [heads·headDim + 2·kvHeads·headDim, hidden]. */
  readonly qkv: Weight;
  readonly queryNorm: Tensor; // [1, headDim]
  readonly keyNorm: Tensor; // [1, headDim]
  readonly output: Weight; // [hidden, heads·headDim]
  readonly mlpNorm: Tensor; // [1, hidden]
  /** Gate and up, row by row in turn: [2·intermediate, hidden]. */
  readonly gateUp: Weight;
  readonly down: Weight; // [hidden, intermediate]
}

/** The last layer, whose queries are wanted for few rows and whose keys and values for all of them. */
export interface LastLayerWeights extends Omit<LayerWeights, 'qkv'> {
  readonly query: Weight; // [heads·headDim, hidden]
  readonly keyValue: Weight; // [2·kvHeads·headDim, hidden]
}

export interface BackboneWeights {
  /** Read row by row where it lies: it is a third of the checkpoint, and a prompt needs a few rows of it. */
  readonly embeddings: WeightSource; // [vocabulary, hidden]
  readonly layers: readonly LayerWeights[]; // all but the last
  readonly lastLayer: LastLayerWeights;
  readonly norm: Tensor; // [1, hidden]
}

/** `onLayer` is called after each layer with how many are loaded; it may throw to stop the loading. */
export async function loadBackbone(
  device: Device,
  tensors: TensorStore,
  config: Qwen3Config,
  dtype: WeightDtype,
  onLayer: (loaded: number) => void,
): Promise<BackboneWeights> {
  const { hiddenSize: hidden, headDim, intermediateSize: intermediate } = config;
  const queryWidth = config.heads * headDim;
  const keyWidth = config.kvHeads * headDim;

  const onDevice = (values: Float32Array) => {
    const tensor = device.tensor(1, values.length);
    device.write(tensor, values);
    return tensor;
  };
  const vector = (name: string, length: number) => tensors.vector(`${name}.weight`, length);
  const matrix = (name: string, rows: number, columns: number) =>
    tensors.matrix(`${name}.weight`, rows, columns);

  /** A norm, and the matrices that it feeds; where these are quantised, it takes on what their columns are too large by. */
  const normed = async (name: string, matrices: readonly WeightSource[]) => {
    const norm = await vector(name, hidden);
    if (!isQuantized(dtype)) return { norm: onDevice(norm), matrices };
    const scales = await columnScales(matrices);
    return {
      norm: onDevice(norm.map((value, i) => value * scales[i]!)),
      matrices: matrices.map((each) => withoutScales(each, scales)),
    };
  };

  /** All of a layer but the projections of queries, keys and values, which are still sources. */
  const loadLayer = async (layer: number) => {
    const name = `model.layers.${layer}`;
    const load = (source: WeightSource) => device.weight(source, dtypeOf(layer, config.layers, dtype));
    const attention = await normed(`${name}.input_layernorm`, [
      matrix(`${name}.self_attn.q_proj`, queryWidth, hidden),
      matrix(`${name}.self_attn.k_proj`, keyWidth, hidden),
      matrix(`${name}.self_attn.v_proj`, keyWidth, hidden),
    ]);
    const mlp = await normed(`${name}.post_attention_layernorm`, [
      matrix(`${name}.mlp.gate_proj`, intermediate, hidden),
      matrix(`${name}.mlp.up_proj`, intermediate, hidden),
    ]);
    const [query, key, value] = attention.matrices;
    const [gate, up] = mlp.matrices;
    const weights = {
      inputNorm: attention.norm,
      queryNorm: onDevice(await vector(`${name}.self_attn.q_norm`, headDim)),
      keyNorm: onDevice(await vector(`${name}.self_attn.k_norm`, headDim)),
      output: await load(matrix(`${name}.self_attn.o_proj`, hidden, queryWidth)),
      mlpNorm: mlp.norm,
      gateUp: await load(alternating(gate!, up!)),
      down: await load(matrix(`${name}.mlp.down_proj`, hidden, intermediate)),
    };
    return { weights, load, query: query!, key: key!, value: value! };
  };

  const layers: LayerWeights[] = [];
  const last = config.layers - 1;
  for (let layer = 0; layer < last; layer++) {
    const { weights, load, query, key, value } = await loadLayer(layer);
    layers.push({ ...weights, qkv: await load(stacked([query, key, value])) });
    onLayer(layer + 1);
  }
  const { weights, load, query, key, value } = await loadLayer(last);
  const lastLayer = { ...weights, query: await load(query), keyValue: await load(stacked([key, value])) };
  const norm = onDevice(await vector('model.norm', hidden));
  onLayer(config.layers);
  return { embeddings: matrix('model.embed_tokens', config.vocabularySize, hidden), layers, lastLayer, norm };
}

/** Whether the checkpoint has layers that the config does not ask for. */
export function hasSpareLayers(tensors: TensorStore, { layers }: Qwen3Config): boolean {
  return tensors.shape(`model.layers.${layers}.input_layernorm.weight`) !== undefined;
}

/** One layer in so many keeps q8 where the others are in q4. */
const LAYERS_TO_ONE = 9;

/**
 * How a layer's weights rest. In q4 the first ones keep q8: what they round away every later layer builds on, and there
 * models make the few channels that are larger than all others. It costs a twelfth of the bytes.
 */
export function dtypeOf(layer: number, layers: number, dtype: WeightDtype): WeightDtype {
  return dtype === 'q4' && layer < Math.floor(layers / LAYERS_TO_ONE) ? 'q8' : dtype;
}

/** All that weights of a model in `dtype` rest in. */
export function dtypesOf(layers: number, dtype: WeightDtype): WeightDtype[] {
  return [...new Set([dtype, dtypeOf(0, layers, dtype)])];
}

/** Matrices of the same width, one below the other. */
export function stacked(parts: readonly WeightSource[]): WeightSource {
  const columns = parts[0]!.columns;
  return {
    name: parts.map((part) => part.name).join(' + '),
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    columns,
    async read(start, count, into) {
      let top = 0;
      for (const part of parts) {
        const from = Math.max(start, top);
        const to = Math.min(start + count, top + part.rows);
        if (from < to) {
          const rows = into.subarray((from - start) * columns, (to - start) * columns);
          await part.read(from - top, to - from, rows);
        }
        top += part.rows;
      }
    },
  };
}

/** Row 2i is row i of `even`, row 2i + 1 is row i of `odd`. */
export function alternating(even: WeightSource, odd: WeightSource): WeightSource {
  const { rows, columns } = even;
  let staging = new Float32Array(0);
  return {
    name: `${even.name} + ${odd.name}`,
    rows: 2 * rows,
    columns,
    async read(start, count, into) {
      for (const [parity, part] of [even, odd].entries()) {
        const first = Math.ceil((start - parity) / 2);
        const taken = Math.ceil((start + count - parity) / 2) - first;
        if (staging.length < taken * columns) staging = new Float32Array(taken * columns);
        const values = staging.subarray(0, taken * columns);
        await part.read(first, taken, values);
        for (let row = 0; row < taken; row++) {
          into.set(
            values.subarray(row * columns, (row + 1) * columns),
            (2 * (first + row) + parity - start) * columns,
          );
        }
      }
    },
  };
}
