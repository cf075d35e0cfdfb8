/** The tensors of a checkpoint, in one safetensors file or in several, read as f32 rows when asked for. */
import type { WeightSource } from '../device/device.js';
import { ListwiseError } from '../error.js';
import type { ByteSource } from '../platform/byte-source.js';
import { decode, STORED_BYTES } from './dtypes.js';
import { readSafetensorsHeader, type TensorEntry } from './safetensors.js';

/** Bytes read at a time: small beside any weight, large beside a disk's latency. */
const PIECE = 1 << 20;

/** What the model asks of a checkpoint's weights. */
export interface TensorStore {
  /** The shape of a tensor, or undefined where there is none of that name. */
  shape(name: string): readonly number[] | undefined;
  /** A matrix [rows, columns]. Throws `checkpoint-mismatch` if it is missing or of another shape. */
  matrix(name: string, rows: number, columns: number): WeightSource;
  /** A vector [length], read whole. */
  vector(name: string, length: number): Promise<Float32Array>;
  close(): Promise<void>;
}

interface Located extends TensorEntry {
  readonly source: ByteSource;
}

export class SafetensorsStore implements TensorStore {
  readonly #tensors: ReadonlyMap<string, Located>;
  readonly #sources: readonly ByteSource[];

  private constructor(tensors: ReadonlyMap<string, Located>, sources: readonly ByteSource[]) {
    this.#tensors = tensors;
    this.#sources = sources;
  }

  /** Opens one or more files; a tensor that stands in two of them is `checkpoint-corrupt`. */
  static async open(sources: readonly ByteSource[]): Promise<SafetensorsStore> {
    const tensors = new Map<string, Located>();
    for (const source of sources) {
      for (const [name, entry] of await readSafetensorsHeader(source)) {
        if (tensors.has(name)) {
          throw new ListwiseError(
            'checkpoint-corrupt',
            `Tensor "${name}" stands in two files, one is ${source.name}.`,
          );
        }
        tensors.set(name, { ...entry, source });
      }
    }
    return new SafetensorsStore(tensors, sources);
  }

  shape(name: string): readonly number[] | undefined {
    return this.#tensors.get(name)?.shape;
  }

  matrix(name: string, rows: number, columns: number): WeightSource {
    const tensor = this.#find(name, [rows, columns]);
    let staging = new Uint8Array(0);
    return {
      name,
      rows,
      columns,
      read: (start, _count, into) => {
        const bytes = Math.min(PIECE, into.length * STORED_BYTES[tensor.dtype]);
        if (staging.length < bytes) staging = new Uint8Array(bytes);
        return readValues(name, tensor, start * columns, into, staging);
      },
    };
  }

  async vector(name: string, length: number): Promise<Float32Array> {
    const tensor = this.#find(name, [length]);
    const values = new Float32Array(length);
    await readValues(name, tensor, 0, values, new Uint8Array(length * STORED_BYTES[tensor.dtype]));
    return values;
  }

  async close(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.close()));
  }

  #find(name: string, shape: readonly number[]): Located {
    const tensor = this.#tensors.get(name);
    if (!tensor) {
      throw new ListwiseError(
        'checkpoint-mismatch',
        `The checkpoint has no tensor "${name}" (or not as F32, F16, BF16).`,
        {
          hint: 'Is this a jina-reranker-v3 checkpoint, with its projector, that matches its config.json?',
        },
      );
    }
    if (tensor.shape.join() !== shape.join()) {
      throw new ListwiseError(
        'checkpoint-mismatch',
        `Tensor "${name}" is [${tensor.shape}]; config.json asks for [${shape}].`,
      );
    }
    return tensor;
  }
}

/** Fills `into` with the tensor's values from `start` on, in row-major order, as many at a time as `staging` holds. */
async function readValues(
  name: string,
  tensor: Located,
  start: number,
  into: Float32Array,
  staging: Uint8Array,
): Promise<void> {
  const bytesEach = STORED_BYTES[tensor.dtype];
  const step = staging.length / bytesEach;
  for (let done = 0; done < into.length; done += step) {
    const out = into.subarray(done, done + step);
    const bytes = staging.subarray(0, out.length * bytesEach);
    await tensor.source.read(tensor.offset + (start + done) * bytesEach, bytes);
    if (!decode(tensor.dtype, bytes, out)) {
      throw new ListwiseError('checkpoint-corrupt', `Tensor "${name}" holds a NaN or an infinity.`, {
        hint: 'Download the checkpoint again; if it stays, the checkpoint itself is broken.',
      });
    }
  }
}
