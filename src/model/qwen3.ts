/**
 * Qwen3 as a prefill-only decoder: token ids in, final hidden states at a few rows out.
 *
 * The schedule is layer-outer, chunk-inner: every chunk of rows passes through a layer before the next layer
 * begins, so only one layer's keys and values need to be alive, however long the prompt. A pass is submitted for
 * each chunk of each layer; between passes there is room for progress and for aborting.
 */
import type { TensorStore } from '../checkpoint/tensors.js';
import type { Device, Pass, Tensor } from '../device/device.js';
import type { WeightDtype } from '../device/dtype.js';
import { ListwiseError } from '../error.js';
import { Activations, type Rows, type Scratch, sliceRows, sliceScratch } from './activations.js';
import type { Qwen3Config } from './config.js';
import { embed } from './embeddings.js';
import { LayerMemory, type PartMemory } from './layer-memory.js';
import { RotaryAngles } from './rotary.js';
import { chunksOf, Run, type RunOptions } from './run.js';
import { partsOf, type Sequence, shapeOf } from './sequences.js';
import { type BackboneWeights, type LastLayerWeights, type LayerWeights, loadBackbone } from './weights.js';

export interface ForwardOptions extends RunOptions {
  /**
   * Called after each layer (counted from 1) with the residual stream: [tokens, hidden], and after the last
   * layer [rows, hidden].
   */
  readonly onLayer?: (layer: number, hidden: Tensor) => Promise<void>;
}

/** Rows that pass through a layer together. */
interface Chunk {
  readonly start: number;
  readonly count: number;
  readonly rows: Rows;
}

type Chunks = Iterable<Chunk> | AsyncIterable<Chunk>;

export class Qwen3 {
  readonly config: Qwen3Config;
  readonly #device: Device;
  readonly #weights: BackboneWeights;
  readonly #rotary: RotaryAngles;

  private constructor(device: Device, config: Qwen3Config, weights: BackboneWeights) {
    this.config = config;
    this.#device = device;
    this.#weights = weights;
    this.#rotary = new RotaryAngles(config);
  }

  /** `onLayer` is called after each layer with how many are loaded; it may throw to stop the loading. */
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
   * Throws `context-exceeded`, `out-of-memory`; rejects with the signal's reason when aborted. What was to be kept
   * is of no use then.
   */
  forward(
    ids: readonly number[],
    rows: readonly number[],
    { prefix, keep, ...options }: ForwardOptions & Pick<Sequence, 'prefix' | 'keep'> = {},
  ): Promise<Float32Array> {
    const read = (hiddenStates: Tensor) => this.#device.read(hiddenStates);
    return this.run([{ ids, rows, prefix, keep }], read, options);
  }

  /**
   * The same for several sequences in one run, none of which sees another. Hands the hidden states, those of the first
   * sequence first, to `use` while they are on the device.
   */
  async run<T>(
    sequences: readonly Sequence[],
    use: (hiddenStates: Tensor) => Promise<T>,
    options: ForwardOptions = {},
  ): Promise<T> {
    const shapes = sequences.map(shapeOf);
    for (const { start, tokens } of shapes) this.#checkRoom(start + tokens);
    const activations = new Activations(this.#device, this.config, shapes);
    try {
      await this.#allLayers(activations, sequences, options);
      return await use(activations.final);
    } finally {
      activations.free();
    }
  }

  async #allLayers(
    activations: Activations,
    sequences: readonly Sequence[],
    options: ForwardOptions,
  ): Promise<void> {
    const { all, wanted, final } = activations;
    const { layers, lastLayer, norm } = this.#weights;
    const run = new Run(this.#device, this.config.layers * this.#chunks(all).length, options);
    for (const [index, window] of this.config.windows.entries()) {
      const memory = new LayerMemory(index, window, activations, sequences);
      await run.submit((pass) => memory.restore(pass));
      const chunks = index === 0 ? this.#embedded(all, sequences) : this.#chunks(all);
      if (index < layers.length) await this.#layer(run, layers[index]!, chunks, activations, memory);
      else await this.#lastLayer(run, lastLayer, chunks, activations, memory);
      if (sequences.some(({ keep }) => keep)) await run.submit((pass) => memory.keep(pass));
      await options.onLayer?.(index + 1, index < layers.length ? all.hidden : wanted.hidden);
    }
    await run.submit((pass) => pass.rmsNorm(wanted.hidden, norm, this.config.rmsNormEpsilon, final));
  }

  /** All rows, as many at a time as the device likes. */
  #chunks(all: Rows): Chunk[] {
    return chunksOf(all.hidden.rows, this.#device.chunkRows).map(({ start, count }) => {
      return { start, count, rows: sliceRows(all, start, count) };
    });
  }

  /**
   * The same, each with its embeddings and angles, which are written when it is asked for: a GPU begins with the first
   * chunk while those of the others are read.
   */
  async *#embedded(all: Rows, sequences: readonly Sequence[]): AsyncGenerator<Chunk> {
    const ids = sequences.flatMap((sequence) => sequence.ids);
    const tokens = sequences.map((sequence) => sequence.ids.length);
    for (const chunk of this.#chunks(all)) {
      const { start, count, rows } = chunk;
      this.#device.write(rows.hidden, await embed(this.#weights.embeddings, ids.slice(start, start + count)));
      for (const part of partsOf(tokens, start, count)) {
        const position = (sequences[part.sequence]!.prefix?.length ?? 0) + part.inSequence;
        const angles = this.#rotary.at(position, part.count);
        this.#device.write(rows.angles.slice(part.inChunk, part.count), angles);
      }
      yield chunk;
    }
  }

  async #layer(run: Run, layer: LayerWeights, chunks: Chunks, { scratch }: Activations, memory: LayerMemory) {
    for await (const { start, count, rows } of chunks) {
      const s = sliceScratch(scratch, count);
      await run.step((pass) => {
        pass.rmsNorm(rows.hidden, layer.inputNorm, this.config.rmsNormEpsilon, s.normed);
        pass.linear(s.normed, layer.qkv, s.projected);
        for (const place of memory.places(start, count)) {
          const part = (tensor: Tensor) => tensor.slice(place.inChunk, place.count);
          pass.heads(part(s.projected), part(rows.angles), this.config.rmsNormEpsilon, {
            queries: { norm: layer.queryNorm, out: part(s.queries) },
            keysValues: { norm: layer.keyNorm, out: place.keysValues },
          });
        }
        const seen = memory.seenByTokens(start, count);
        this.#attention(pass, layer, rows, { seen, memory }, s);
        this.#feedForward(pass, layer, rows, s);
      });
    }
  }

  /** Keys and values for all rows; queries, output and MLP for the wanted rows alone. */
  async #lastLayer(
    run: Run,
    layer: LastLayerWeights,
    chunks: Chunks,
    activations: Activations,
    memory: LayerMemory,
  ) {
    const { all, wanted, wantedRows, scratch, lastKeysValues, lastQueries } = activations;
    for await (const { start, count, rows } of chunks) {
      const normed = scratch.normed.slice(0, count);
      const projected = lastKeysValues.slice(0, count);
      await run.step((pass) => {
        pass.rmsNorm(rows.hidden, layer.inputNorm, this.config.rmsNormEpsilon, normed);
        pass.linear(normed, layer.keyValue, projected);
        for (const place of memory.places(start, count)) {
          const part = (tensor: Tensor) => tensor.slice(place.inChunk, place.count);
          pass.heads(part(projected), part(rows.angles), this.config.rmsNormEpsilon, {
            keysValues: { norm: layer.keyNorm, out: place.keysValues },
          });
        }
      });
    }
    for (const { start, count } of chunksOf(wanted.hidden.rows, scratch.normed.rows)) {
      const chunk = sliceRows(wanted, start, count);
      const rows = wantedRows.slice(start, count);
      const s = sliceScratch(scratch, count);
      const projected = lastQueries.slice(0, count);
      await run.submit((pass) => {
        pass.gather(all.hidden, rows, chunk.hidden);
        pass.gather(all.angles, rows, chunk.angles);
        pass.rmsNorm(chunk.hidden, layer.inputNorm, this.config.rmsNormEpsilon, s.normed);
        pass.linear(s.normed, layer.query, projected);
        pass.heads(projected, chunk.angles, this.config.rmsNormEpsilon, {
          queries: { norm: layer.queryNorm, out: s.queries },
        });
        const seen = memory.seenByWanted(start, count);
        this.#attention(pass, layer, chunk, { seen, memory }, s);
        this.#feedForward(pass, layer, chunk, s);
      });
    }
  }

  /** hidden += O · attention(queries, keys, values) */
  #attention(
    pass: Pass,
    layer: Pick<LayerWeights, 'output'>,
    rows: Rows,
    { seen, memory }: { seen: readonly PartMemory[]; memory: LayerMemory },
    { queries, attended }: Scratch,
  ) {
    const { headDim } = this.config;
    const positions = memory.positions(rows);
    for (const { inChunk, count, keysValues } of seen) {
      const [own, out] = [queries.slice(inChunk, count), attended.slice(inChunk, count)];
      pass.attention(own, keysValues, positions.slice(inChunk, count), headDim, out, memory.window);
    }
    pass.linear(attended, layer.output, rows.hidden, 'add');
  }

  /** hidden += down · (silu(gate · x) · (up · x)) with x = norm(hidden) */
  #feedForward(
    pass: Pass,
    layer: Pick<LayerWeights, 'mlpNorm' | 'gateUp' | 'down'>,
    { hidden }: Rows,
    { normed, activated }: Scratch,
  ) {
    pass.rmsNorm(hidden, layer.mlpNorm, this.config.rmsNormEpsilon, normed);
    pass.linear(normed, layer.gateUp, activated, 'swiglu');
    pass.linear(activated, layer.down, hidden, 'add');
  }

  #checkRoom(tokens: number): void {
    const { maxPositions } = this.config;
    if (tokens <= maxPositions) return;
    throw new ListwiseError(
      'context-exceeded',
      `The prompt has ${tokens} tokens; there is room for ${maxPositions}.`,
      {
        hint: 'Give fewer documents, or a smaller maxDocumentLength.',
      },
    );
  }
}
