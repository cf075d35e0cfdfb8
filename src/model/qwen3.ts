/**
 * Qwen3 as a prefill-only decoder: token ids in, final hidden states at a few rows out.
 *
 * The schedule is layer-outer, chunk-inner: every chunk of rows passes through a layer before the next layer
 * begins, so only one layer's keys and values need to be alive, however long the prompt. A pass is submitted for
 * each chunk of each layer; between passes there is room for progress and for aborting.
 */
import type { TensorStore } from '../checkpoint/tensors.js';
import type { Device, Indices, Pass, Tensor } from '../device/device.js';
import type { WeightDtype } from '../device/dtype.js';
import { ListwiseError } from '../error.js';
import type { Qwen3Config } from './config.js';
import { KvCache } from './kv-cache.js';
import { rotaryAngles } from './rotary.js';
import { chunksOf, Run, type RunOptions } from './run.js';
import { type BackboneWeights, type LayerWeights, loadBackbone } from './weights.js';

export interface ForwardOptions extends RunOptions {
  /** Holds the prefix that `ids` continue, and keeps their keys and values. Without it nothing is kept. */
  readonly cache?: KvCache;
  /**
   * Called after each layer (counted from 1) with the residual stream: [tokens, hidden], and after the last
   * layer [rows, hidden].
   */
  readonly onLayer?: (layer: number, hidden: Tensor) => Promise<void>;
}

/** Activations of one chunk, used again by every layer. */
interface Scratch {
  readonly normed: Tensor; // [chunk, hidden]
  readonly projected: Tensor; // [chunk, (heads + 2·kvHeads)·headDim]
  readonly queries: Tensor; // [chunk, heads·headDim]
  readonly attended: Tensor; // [chunk, heads·headDim]
  readonly activated: Tensor; // [chunk, intermediate]
}

/** The rows a step works on: their residual stream, angles and positions. */
interface Rows {
  readonly hidden: Tensor;
  readonly angles: Tensor;
  readonly positions: Indices;
}

export class Qwen3 {
  readonly config: Qwen3Config;
  readonly #device: Device;
  readonly #weights: BackboneWeights;

  private constructor(device: Device, config: Qwen3Config, weights: BackboneWeights) {
    this.config = config;
    this.#device = device;
    this.#weights = weights;
  }

  static async load(
    device: Device,
    tensors: TensorStore,
    config: Qwen3Config,
    dtype: WeightDtype,
    onLayer: (loaded: number) => void = () => {},
  ): Promise<Qwen3> {
    return new Qwen3(device, config, await loadBackbone(device, tensors, config, dtype, onLayer));
  }

  /**
   * Runs `ids` and returns the hidden states after the final norm at `rows` (places in `ids`): [rows, hidden].
   * Nothing after the last of `rows` should be in `ids`: no later token can change an earlier one.
   * Throws `context-exceeded`; rejects with the signal's reason when aborted. The cache is then as it was.
   */
  async forward(
    ids: readonly number[],
    rows: readonly number[],
    options: ForwardOptions = {},
  ): Promise<Float32Array> {
    const { hiddenSize, headDim, maxPositions, ropeTheta } = this.config;
    const start = options.cache?.length ?? 0;
    const end = start + ids.length;
    const capacity = Math.min(maxPositions, options.cache?.capacity ?? maxPositions);
    if (end > capacity) {
      throw new ListwiseError(
        'context-exceeded',
        `The prompt has ${end} tokens; there is room for ${capacity}.`,
      );
    }
    const device = this.#device;
    const owned: { free(): void }[] = [];
    const own = <T extends { free(): void }>(resource: T): T => {
      owned.push(resource);
      return resource;
    };
    try {
      const cache = options.cache ?? own(new KvCache(device, this.config, end, { kept: false }));
      const all: Rows = {
        hidden: own(device.tensor(ids.length, hiddenSize)),
        angles: own(device.tensor(ids.length, headDim)),
        positions: own(device.indices(ids.map((_, i) => start + i))),
      };
      device.write(all.hidden, await this.#embed(ids));
      device.write(all.angles, rotaryAngles(start, ids.length, headDim, ropeTheta));

      const wanted: Rows = {
        hidden: own(device.tensor(rows.length, hiddenSize)),
        angles: own(device.tensor(rows.length, headDim)),
        positions: own(device.indices(rows.map((row) => start + row))),
      };
      const wantedRows = own(device.indices(rows));
      const scratch = this.#scratch(Math.min(device.chunkRows, ids.length), own);

      const run = new Run(
        device,
        this.config.layers * chunksOf(ids.length, device.chunkRows).length,
        options,
      );
      await this.#allLayersButTheLast(run, all, cache, scratch, options);
      await this.#lastLayer(run, all, wanted, wantedRows, cache, scratch, own);
      await options.onLayer?.(this.config.layers, wanted.hidden);

      const normed = own(device.tensor(rows.length, hiddenSize));
      await run.submit((pass) => {
        pass.rmsNorm(wanted.hidden, this.#weights.norm, this.config.rmsNormEpsilon, normed);
      });
      const hiddenStates = await device.read(normed);
      cache.grow(ids.length);
      return hiddenStates;
    } finally {
      for (const resource of owned) resource.free();
    }
  }

  async #allLayersButTheLast(run: Run, all: Rows, cache: KvCache, scratch: Scratch, options: ForwardOptions) {
    for (const [index, layer] of this.#weights.layers.entries()) {
      for (const { start, count } of chunksOf(all.hidden.rows, this.#device.chunkRows)) {
        const chunk = sliceRows(all, start, count);
        const s = sliceScratch(scratch, count);
        await run.step((pass) => {
          pass.rmsNorm(chunk.hidden, layer.inputNorm, this.config.rmsNormEpsilon, s.normed);
          pass.linear(s.normed, layer.qkv, s.projected);
          this.#storeKeysValues(pass, layer, s.projected, chunk, cache.layer(index), cache.length + start);
          this.#attend(pass, layer, s.projected, chunk, cache.layer(index), s, this.config.windows[index]!);
          this.#feedForward(pass, layer, chunk.hidden, s);
        });
      }
      await options.onLayer?.(index + 1, all.hidden);
    }
  }

  /** Keys and values for all rows, the rest for the wanted rows only. */
  async #lastLayer(
    run: Run,
    all: Rows,
    wanted: Rows,
    wantedRows: Indices,
    cache: KvCache,
    scratch: Scratch,
    own: (tensor: Tensor) => Tensor,
  ) {
    const index = this.config.layers - 1;
    const layer = this.#weights.lastLayer;
    const keyValueWidth = 2 * this.config.kvHeads * this.config.headDim;
    const keysValues = own(this.#device.tensor(scratch.normed.rows, keyValueWidth));
    for (const { start, count } of chunksOf(all.hidden.rows, this.#device.chunkRows)) {
      const chunk = sliceRows(all, start, count);
      const normed = scratch.normed.slice(0, count);
      const projected = keysValues.slice(0, count);
      await run.step((pass) => {
        pass.rmsNorm(chunk.hidden, layer.inputNorm, this.config.rmsNormEpsilon, normed);
        pass.linear(normed, layer.keyValue, projected);
        this.#storeKeysValues(pass, layer, projected, chunk, cache.layer(index), cache.length + start);
      });
    }
    const queryWidth = this.config.heads * this.config.headDim;
    const projected = own(this.#device.tensor(scratch.normed.rows, queryWidth));
    for (const { start, count } of chunksOf(wanted.hidden.rows, scratch.normed.rows)) {
      const chunk = sliceRows(wanted, start, count);
      const s = sliceScratch(scratch, count);
      await run.submit((pass) => {
        pass.gather(all.hidden, wantedRows.slice(start, count), chunk.hidden);
        pass.gather(all.angles, wantedRows.slice(start, count), chunk.angles);
        pass.rmsNorm(chunk.hidden, layer.inputNorm, this.config.rmsNormEpsilon, s.normed);
        pass.linear(s.normed, layer.query, projected.slice(0, count));
        const window = this.config.windows[index]!;
        this.#attend(pass, layer, projected.slice(0, count), chunk, cache.layer(index), s, window);
        this.#feedForward(pass, layer, chunk.hidden, s);
      });
    }
  }

  #storeKeysValues(
    pass: Pass,
    layer: Pick<LayerWeights, 'keyNorm'>,
    projected: Tensor,
    chunk: Rows,
    cache: Tensor,
    position: number,
  ) {
    const place = cache.slice(position, chunk.hidden.rows);
    pass.keysValues(projected, layer.keyNorm, this.config.rmsNormEpsilon, chunk.angles, place);
  }

  /** hidden += O · attention(Q, cache) */
  #attend(
    pass: Pass,
    layer: Pick<LayerWeights, 'queryNorm' | 'output'>,
    projected: Tensor,
    chunk: Rows,
    cache: Tensor,
    { queries, attended }: Scratch,
    window: number,
  ) {
    const { headDim, rmsNormEpsilon } = this.config;
    pass.queries(projected, layer.queryNorm, rmsNormEpsilon, chunk.angles, queries);
    pass.attention(queries, cache, chunk.positions, headDim, attended, window);
    pass.linear(attended, layer.output, chunk.hidden, 'add');
  }

  /** hidden += down · (silu(gate · x) · (up · x)), x = norm(hidden) */
  #feedForward(
    pass: Pass,
    layer: Pick<LayerWeights, 'mlpNorm' | 'gateUp' | 'down'>,
    hidden: Tensor,
    { normed, activated }: Scratch,
  ) {
    pass.rmsNorm(hidden, layer.mlpNorm, this.config.rmsNormEpsilon, normed);
    pass.linear(normed, layer.gateUp, activated, 'swiglu');
    pass.linear(activated, layer.down, hidden, 'add');
  }

  /** The embedding rows of `ids` [tokens, hidden]; a token that comes again is read once. */
  async #embed(ids: readonly number[]): Promise<Float32Array> {
    const { embeddings } = this.#weights;
    const width = embeddings.columns;
    const hidden = new Float32Array(ids.length * width);
    const first = new Map<number, number>();
    for (const [row, id] of ids.entries()) {
      const into = hidden.subarray(row * width, (row + 1) * width);
      const seen = first.get(id);
      if (seen !== undefined) {
        into.set(hidden.subarray(seen * width, (seen + 1) * width));
        continue;
      }
      if (id >= embeddings.rows) {
        throw new ListwiseError(
          'checkpoint-mismatch',
          `Token ${id} has no embedding: there are ${embeddings.rows}.`,
          {
            hint: 'The tokenizer belongs to another model.',
          },
        );
      }
      await embeddings.read(id, 1, into);
      first.set(id, row);
    }
    return hidden;
  }

  #scratch(rows: number, own: (tensor: Tensor) => Tensor): Scratch {
    const { hiddenSize, heads, kvHeads, headDim, intermediateSize } = this.config;
    const tensor = (columns: number) => own(this.#device.tensor(rows, columns));
    return {
      normed: tensor(hiddenSize),
      projected: tensor((heads + 2 * kvHeads) * headDim),
      queries: tensor(heads * headDim),
      attended: tensor(heads * headDim),
      activated: tensor(intermediateSize),
    };
  }
}

function sliceRows({ hidden, angles, positions }: Rows, start: number, count: number): Rows {
  return {
    hidden: hidden.slice(start, count),
    angles: angles.slice(start, count),
    positions: positions.slice(start, count),
  };
}

function sliceScratch(scratch: Scratch, count: number): Scratch {
  return {
    normed: scratch.normed.slice(0, count),
    projected: scratch.projected.slice(0, count),
    queries: scratch.queries.slice(0, count),
    attended: scratch.attended.slice(0, count),
    activated: scratch.activated.slice(0, count),
  };
}
