/** The backbone's weights on a device, under the names that Hugging Face checkpoints give them. */
import type { TensorStore } from '../checkpoint/tensors.js';
import type { Device, Tensor, Weight, WeightSource } from '../device/device.js';
import type { WeightDtype } from '../device/dtype.js';
import type { Qwen3Config } from './config.js';

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

  const vector = async (name: string, length: number) => {
    const tensor = device.tensor(1, length);
    device.write(tensor, await tensors.vector(`${name}.weight`, length));
    return tensor;
  };
  const matrix = (name: string, rows: number, columns: number) =>
    tensors.matrix(`${name}.weight`, rows, columns);

  const loadLayer = async (layer: number) => {
    const name = `model.layers.${layer}`;
    const gate = matrix(`${name}.mlp.gate_proj`, intermediate, hidden);
    const up = matrix(`${name}.mlp.up_proj`, intermediate, hidden);
    return {
      inputNorm: await vector(`${name}.input_layernorm`, hidden),
      queryNorm: await vector(`${name}.self_attn.q_norm`, headDim),
      keyNorm: await vector(`${name}.self_attn.k_norm`, headDim),
      output: await device.weight(matrix(`${name}.self_attn.o_proj`, hidden, queryWidth), dtype),
      mlpNorm: await vector(`${name}.post_attention_layernorm`, hidden),
      gateUp: await device.weight(alternating(gate, up), dtype),
      down: await device.weight(matrix(`${name}.mlp.down_proj`, hidden, intermediate), dtype),
    };
  };
  const projections = (layer: number) => {
    const name = `model.layers.${layer}.self_attn`;
    return {
      query: matrix(`${name}.q_proj`, queryWidth, hidden),
      key: matrix(`${name}.k_proj`, keyWidth, hidden),
      value: matrix(`${name}.v_proj`, keyWidth, hidden),
    };
  };

  const layers: LayerWeights[] = [];
  const last = config.layers - 1;
  for (let layer = 0; layer < last; layer++) {
    const { query, key, value } = projections(layer);
    layers.push({
      ...(await loadLayer(layer)),
      qkv: await device.weight(stacked([query, key, value]), dtype),
    });
    onLayer(layer + 1);
  }
  const { query, key, value } = projections(last);
  const lastLayer = {
    ...(await loadLayer(last)),
    query: await device.weight(query, dtype),
    keyValue: await device.weight(stacked([key, value]), dtype),
  };
  const norm = await vector('model.norm', hidden);
  onLayer(config.layers);
  return { embeddings: matrix('model.embed_tokens', config.vocabularySize, hidden), layers, lastLayer, norm };
}

/** Whether the checkpoint has layers that the config does not ask for. */
export function hasSpareLayers(tensors: TensorStore, { layers }: Qwen3Config): boolean {
  return tensors.shape(`model.layers.${layers}.input_layernorm.weight`) !== undefined;
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
