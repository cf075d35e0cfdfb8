/** The projector: Linear, ReLU, Linear, without biases. It turns a marker's hidden state into an embedding. */
import type { TensorStore } from '../checkpoint/tensors.js';
import type { Device, Tensor, Weight } from '../device/device.js';
import { ListwiseError } from '../error.js';

export class Projector {
  readonly #device: Device;
  readonly #first: Weight; // [inner, hidden]
  readonly #second: Weight; // [embedding, inner]

  private constructor(device: Device, first: Weight, second: Weight) {
    this.#device = device;
    this.#first = first;
    this.#second = second;
  }

  /** Its two widths are the checkpoint's. It rests in f32 always: it is small, and the scores come out of it. */
  static async load(device: Device, tensors: TensorStore, hiddenSize: number): Promise<Projector> {
    const inner = outputWidth(tensors, 'projector.0.weight');
    const embedding = outputWidth(tensors, 'projector.2.weight');
    return new Projector(
      device,
      await device.weight(tensors.matrix('projector.0.weight', inner, hiddenSize), 'f32'),
      await device.weight(tensors.matrix('projector.2.weight', embedding, inner), 'f32'),
    );
  }

  /** Hidden states [rows, hidden] → embeddings [rows, embedding], as one array for each row. */
  async embed(hiddenStates: Tensor): Promise<Float32Array[]> {
    const { rows } = hiddenStates;
    const width = this.#second.rows;
    const inner = this.#device.tensor(rows, this.#first.rows);
    const embeddings = this.#device.tensor(rows, width);
    try {
      const pass = this.#device.pass();
      pass.linear(hiddenStates, this.#first, inner, 'relu');
      pass.linear(inner, this.#second, embeddings);
      await pass.submit();
      const values = await this.#device.read(embeddings);
      return Array.from({ length: rows }, (_, row) => values.slice(row * width, (row + 1) * width));
    } finally {
      for (const tensor of [inner, embeddings]) tensor.free();
    }
  }
}

function outputWidth(tensors: TensorStore, name: string): number {
  const shape = tensors.shape(name);
  if (shape?.length === 2 && shape[0]! > 0) return shape[0]!;
  throw new ListwiseError('checkpoint-mismatch', `The checkpoint has no matrix "${name}".`, {
    hint: 'A reranker of this kind has a projector; a bare Qwen3 checkpoint has none.',
  });
}
