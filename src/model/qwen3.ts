/**
 * Qwen3 as a prefill-only decoder: token ids in, final hidden states at a few rows out.
 *
 * The schedule is layer-outer, chunk-inner: every chunk of rows passes through a layer before the next layer
 * begins, so only one layer's keys and values need to be alive, however long the prompt. A pass is submitted for
 * each chunk of each layer; between passes there is room for progress and for aborting.
 */
import type { TensorStore } from '../checkpoint/tensors.js';
import type { Device, Tensor } from '../device/device.js';
import type { WeightDtype } from '../device/dtype.js';
import { ListwiseError } from '../error.js';
import { Activations, type Rows, type Scratch, sliceRows, sliceScratch } from './activations.js';
import type { Qwen3Config } from './config.js';
import { embed } from './embeddings.js';
import { LayerMemory, type PartMemory } from './layer-memory.js';
import { RotaryAngles } from './rotary.js';
import { chunksOf, Run, type RunOptions, type Step } from './run.js';
import { partsOf, type Sequence, shapeOf } from './sequences.js';
import { type BackboneWeights, type LastLayerWeights, type LayerWeights, loadBackbone } from './weights.js';

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
    { prefix, keep, ...options }: RunOptions & Pick<Sequence, 'prefix' | 'keep'> = {},
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
    options: RunOptions = {},
  ): Promise<T> {
    const shapes = sequences.map(shapeOf);
    for (const { start, tokens } of shapes) this.#checkRoom(start + tokens);
    const activations = new Activations(this.#device, this.config, shapes, options.observer !== undefined);
    try {
      await this.#allLayers(activations, sequences, options);
      return await use(activations.final);
    } finally {
      activations.free();
    }
  }

  /** The final norm of a residual stream [rows, hidden] from wherever; hands the result to `use`, on the device. */
  async finish<T>(stream: Float32Array, use: (hiddenStates: Tensor) => Promise<T>): Promise<T> {
    const { hiddenSize, rmsNormEpsilon } = this.config;
    const owned: Tensor[] = [];
    const rows = () => {
      owned.push(this.#device.tensor(stream.length / hiddenSize, hiddenSize));
      return owned.at(-1)!;
    };
    try {
      const [hidden, final] = [rows(), rows()];
      this.#device.write(hidden, stream);
      const pass = this.#device.pass();
      pass.rmsNorm(hidden, this.#weights.norm, rmsNormEpsilon, final);
      await pass.submit();
      return await use(final);
    } finally {
      for (const tensor of owned) tensor.free();
    }
  }

  async #allLayers(
    activations: Activations,
    sequences: readonly Sequence[],
    options: RunOptions,
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
      const step = run.step(memory.layer, () => tokensFrom(start, count));
      step.pass.rmsNorm(rows.hidden, layer.inputNorm, this.config.rmsNormEpsilon, s.normed);
      step.pass.linear(s.normed, layer.qkv, s.projected);
      await step.show('projections', s.projected);
      for (const place of memory.places(start, count)) {
        const part = (tensor: Tensor) => tensor.slice(place.inChunk, place.count);
        step.pass.heads(part(s.projected), part(rows.angles), this.config.rmsNormEpsilon, {
          queries: { norm: layer.queryNorm, out: part(s.queries) },
          keysValues: { norm: layer.keyNorm, out: place.keysValues },
        });
      }
      const seen = memory.seenByTokens(start, count);
      await this.#attention(step, layer, rows, { seen, memory }, s);
      await this.#feedForward(step, layer, rows, s);
      await step.submit();
      run.count();
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
      const step = run.step(memory.layer, () => tokensFrom(start, count));
      step.pass.rmsNorm(rows.hidden, layer.inputNorm, this.config.rmsNormEpsilon, normed);
      step.pass.linear(normed, layer.keyValue, projected);
      await step.show('projections', projected);
      for (const place of memory.places(start, count)) {
        const part = (tensor: Tensor) => tensor.slice(place.inChunk, place.count);
        step.pass.heads(part(projected), part(rows.angles), this.config.rmsNormEpsilon, {
          keysValues: { norm: layer.keyNorm, out: place.keysValues },
        });
      }
      await step.submit();
      run.count();
    }
    for (const { start, count } of chunksOf(wanted.hidden.rows, scratch.normed.rows)) {
      const chunk = sliceRows(wanted, start, count);
      const rows = wantedRows.slice(start, count);
      const s = sliceScratch(scratch, count);
      const projected = lastQueries.slice(0, count);
      const step = run.step(memory.layer, () => [...rows.values]);
      step.pass.gather(all.hidden, rows, chunk.hidden);
      step.pass.gather(all.angles, rows, chunk.angles);
      step.pass.rmsNorm(chunk.hidden, layer.inputNorm, this.config.rmsNormEpsilon, s.normed);
      step.pass.linear(s.normed, layer.query, projected);
      step.pass.heads(projected, chunk.angles, this.config.rmsNormEpsilon, {
        queries: { norm: layer.queryNorm, out: s.queries },
      });
      const seen = memory.seenByWanted(start, count);
      await this.#attention(step, layer, chunk, { seen, memory }, s);
      await this.#feedForward(step, layer, chunk, s);
      await step.submit();
    }
  }

  /** hidden += O · attention(queries, keys, values) */
  async #attention(
    step: Step,
    layer: Pick<LayerWeights, 'output'>,
    rows: Rows,
    { seen, memory }: { seen: readonly PartMemory[]; memory: LayerMemory },
    { queries, attended }: Scratch,
  ) {
    const { headDim } = this.config;
    const { window } = memory;
    for (const { inChunk, count, keysValues } of seen) {
      const [own, out] = [queries.slice(inChunk, count), attended.slice(inChunk, count)];
      const positions = memory.positions(rows).slice(inChunk, count);
      await step.showScores({ queries: own, keysValues, positions, window });
      step.pass.attention(own, keysValues, positions, headDim, out, window);
    }
    await step.show('heads', attended);
    step.pass.linear(attended, layer.output, rows.hidden, 'add');
    await step.show('attention', rows.hidden);
  }

  /** hidden += down · (silu(gate · x) · (up · x)) with x = norm(hidden) */
  async #feedForward(
    step: Step,
    layer: Pick<LayerWeights, 'mlpNorm' | 'gateUp' | 'down'>,
    { hidden }: Rows,
    { normed, activated }: Scratch,
  ) {
    step.pass.rmsNorm(hidden, layer.mlpNorm, this.config.rmsNormEpsilon, normed);
    step.pass.linear(normed, layer.gateUp, activated, 'swiglu');
    step.pass.linear(activated, layer.down, hidden, 'add');
    await step.show('mlp', hidden);
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

/** The tokens of `count` rows from `start` on. */
function tokensFrom(start: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => start + i);
}
