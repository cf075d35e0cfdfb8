/** What is timed: a model's linear layers and its attention, on memory that holds nothing in particular. */
import type { Epilogue } from '../../device.js';
import type { WeightDtype } from '../../dtype.js';
import type { ModelShape } from '../../model-shape.js';
import type { Order } from '../memory/packing.js';
import type { WebGpuIndices, WebGpuTensor, WebGpuWeight } from '../memory/tensors.js';
import { attention } from '../operations/attention.js';
import { attentionVariants } from '../operations/attention-variants.js';
import { ATTENTION_TASK, linearTask } from '../operations/choices.js';
import { linear } from '../operations/linear.js';
import { linearVariants } from '../operations/linear-variants.js';
import type { Dispatch } from '../queue/queue.js';
import type { Tools } from '../tools.js';

/** What runs when a variant serves. */
export interface RecordedVariant {
  readonly name: string;
  readonly dispatches: readonly Dispatch[];
}

/** One operation of the model, in each variant that may serve it. */
export interface TuningTask {
  readonly name: string;
  readonly variants: readonly RecordedVariant[];
}

/** What makes tensors, and weights of zeros. */
export interface Maker {
  tensor(rows: number, columns: number): WebGpuTensor;
  operand(rows: number, columns: number): WebGpuTensor;
  cache(rows: number, columns: number): WebGpuTensor;
  indices(values: readonly number[]): WebGpuIndices;
  weight(rows: number, columns: number, order: Order): WebGpuWeight;
}

interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly epilogue: Epilogue;
}

/** Records what is timed, and holds the memory that it works on. */
export class TuningTasks {
  readonly #tools: Tools;
  readonly #maker: Maker;
  readonly #shape: ModelShape;
  readonly #dtype: WeightDtype;
  readonly #owned: { free(): void }[] = [];

  constructor(tools: Tools, maker: Maker, shape: ModelShape, dtype: WeightDtype) {
    this.#tools = tools;
    this.#maker = maker;
    this.#shape = shape;
    this.#dtype = dtype;
  }

  /** All linear layers of a decoder layer, for `rows` tokens. */
  linear(rows: number): TuningTask {
    const { hiddenSize, heads, kvHeads, headDim, intermediateSize } = this.#shape;
    const layers: Layer[] = [
      { inputs: hiddenSize, outputs: (heads + 2 * kvHeads) * headDim, epilogue: 'none' },
      { inputs: heads * headDim, outputs: hiddenSize, epilogue: 'add' },
      { inputs: hiddenSize, outputs: 2 * intermediateSize, epilogue: 'swiglu' },
      { inputs: intermediateSize, outputs: hiddenSize, epilogue: 'add' },
    ];
    const variants = linearVariants(this.#dtype, this.#tools.abilities);
    const weights = new Map<Order, WebGpuWeight[]>();
    for (const { order } of variants) {
      if (weights.has(order)) continue;
      weights.set(
        order,
        layers.map(({ inputs, outputs }) => this.#own(this.#maker.weight(outputs, inputs, order))),
      );
    }
    const places = layers.map(({ inputs, outputs, epilogue }) => ({
      x: this.#own(this.#maker.operand(rows, inputs)),
      out: this.#own(this.#maker.tensor(rows, epilogue === 'swiglu' ? outputs / 2 : outputs)),
    }));
    return this.#task(linearTask(this.#dtype, rows), variants, ({ order }) =>
      layers.flatMap(({ epilogue }, i) => {
        const { x, out } = places[i]!;
        return linear(this.#tools, x, weights.get(order)![i]!, out, epilogue);
      }),
    );
  }

  /** Of `rows` tokens to each other. */
  attention(rows: number): TuningTask {
    const { heads, kvHeads, headDim } = this.#shape;
    const shape = { heads, kvHeads, headDim, window: Number.POSITIVE_INFINITY };
    const queries = this.#own(this.#maker.operand(rows, heads * headDim));
    const keysValues = this.#own(this.#maker.cache(rows, 2 * kvHeads * headDim));
    const positions = this.#own(this.#maker.indices(Array.from({ length: rows }, (_, i) => i)));
    const out = this.#own(this.#maker.operand(rows, heads * headDim));
    const variants = attentionVariants(
      { headDim, group: heads / kvHeads, cache: keysValues.dtype },
      this.#tools.abilities,
    );
    return this.#task(ATTENTION_TASK, variants, () =>
      attention(this.#tools, queries, keysValues, positions, shape, out),
    );
  }

  free(): void {
    for (const resource of this.#owned) resource.free();
  }

  /** Each variant is recorded as it would be if it were preferred. */
  #task<V extends { readonly name: string }>(
    name: string,
    variants: readonly V[],
    record: (variant: V) => readonly Dispatch[],
  ): TuningTask {
    const { choices } = this.#tools;
    const recorded = variants.map((variant) => {
      choices.prefer({ [name]: variant.name });
      return { name: variant.name, dispatches: record(variant) };
    });
    choices.prefer({});
    return { name, variants: recorded };
  }

  #own<T extends { free(): void }>(resource: T): T {
    this.#owned.push(resource);
    return resource;
  }
}
