/** The tensors of a checkpoint, in one file or in several, read as f32 rows when asked for. */
import type { WeightSource } from '../device/device.js';
import { ListwiseError } from '../error.js';
import type { ByteSource } from '../platform/byte-source.js';
import type { StoredDtype } from './dtypes.js';

/** Bytes read at a time: so few that what each weight leaves to the garbage collector does not add up. */
const PIECE = 1 << 17;

/** What the model asks of a checkpoint's weights. */
export interface TensorStore {
  /** The shape of a tensor, or undefined where there is none of that name. */
  shape(name: string): readonly number[] | undefined;
  /**
   * A matrix [rows, columns], several ranges of which may be read at a time. Throws `checkpoint-mismatch` if it is
   * missing or of another shape, `unsupported-model` if its dtype can't be read.
   */
  matrix(name: string, rows: number, columns: number): WeightSource;
  /** A vector [length], read whole. */
  vector(name: string, length: number): Promise<Float32Array>;
  /** Closes the files; nothing is read afterwards. */
  close(): Promise<void>;
}

/** Where one tensor stands in its file. Its rows are whole blocks of its dtype. */
export interface TensorEntry {
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  readonly offset: number; // bytes from the file's start
}

/** A tensor of a dtype that no weight has, such as whole numbers. It may be there, but can't be read. */
export interface UnreadableTensor {
  readonly unreadableDtype: string;
  readonly shape: readonly number[];
}

/** A file and what its header says about its tensors. */
export interface TensorFile {
  readonly source: ByteSource;
  readonly tensors: ReadonlyMap<string, TensorEntry | UnreadableTensor>;
}

interface Located extends TensorEntry {
  readonly source: ByteSource;
}

export class TensorFiles implements TensorStore {
  readonly #tensors = new Map<string, Located | UnreadableTensor>();
  readonly #sources: readonly ByteSource[];

  /** Throws `checkpoint-corrupt` for a tensor that stands in two files. */
  constructor(files: readonly TensorFile[]) {
    this.#sources = files.map(({ source }) => source);
    for (const { source, tensors } of files) {
      for (const [name, entry] of tensors) {
        if (this.#tensors.has(name)) {
          throw new ListwiseError(
            'checkpoint-corrupt',
            `Tensor "${name}" stands in two files, one is ${source.name}.`,
          );
        }
        this.#tensors.set(name, { ...entry, source });
      }
    }
  }

  shape(name: string): readonly number[] | undefined {
    return this.#tensors.get(name)?.shape;
  }

  matrix(name: string, rows: number, columns: number): WeightSource {
    const tensor = this.#find(name, [rows, columns]);
    const { blockBytes } = tensor.dtype;
    const piece = PIECE - (PIECE % blockBytes);
    const spare: Uint8Array[] = []; // one for each read under way, taken in turn
    return {
      name,
      rows,
      columns,
      read: async (start, _count, into) => {
        const bytes = Math.min(piece, storedBytes(tensor.dtype, into.length));
        const kept = spare.pop();
        const staging = kept && kept.length >= bytes ? kept : new Uint8Array(bytes);
        await readValues(name, tensor, start * columns, into, staging);
        spare.push(staging);
      },
    };
  }

  async vector(name: string, length: number): Promise<Float32Array> {
    const tensor = this.#find(name, [length]);
    const values = new Float32Array(length);
    await readValues(name, tensor, 0, values, new Uint8Array(storedBytes(tensor.dtype, length)));
    return values;
  }

  async close(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.close()));
  }

  #find(name: string, shape: readonly number[]): Located {
    const tensor = this.#tensors.get(name);
    if (!tensor) {
      throw new ListwiseError('checkpoint-mismatch', `The checkpoint has no tensor "${name}".`, {
        hint: 'Is this a jina-reranker-v3 checkpoint, with its projector, that matches its config?',
      });
    }
    if ('unreadableDtype' in tensor) {
      throw new ListwiseError(
        'unsupported-model',
        `Tensor "${name}" is stored as ${tensor.unreadableDtype}, which can't be read.`,
        { hint: 'Take a file of the same model in BF16, F16 or F32.' },
      );
    }
    if (tensor.shape.join() !== shape.join()) {
      throw new ListwiseError(
        'checkpoint-mismatch',
        `Tensor "${name}" is [${tensor.shape}]; the config asks for [${shape}].`,
      );
    }
    return tensor;
  }
}

/** How many bytes `count` values take: they are whole blocks. */
function storedBytes({ blockValues, blockBytes }: StoredDtype, count: number): number {
  return (count / blockValues) * blockBytes;
}

/**
 * Fills `into` with the tensor's values from `start` on, in row-major order, as many at a time as `staging` holds.
 * Start, length and staging are whole blocks.
 */
async function readValues(
  name: string,
  { source, dtype, offset }: Located,
  start: number,
  into: Float32Array,
  staging: Uint8Array,
): Promise<void> {
  const step = (staging.length / dtype.blockBytes) * dtype.blockValues;
  for (let done = 0; done < into.length; done += step) {
    const out = into.subarray(done, done + step);
    const bytes = staging.subarray(0, storedBytes(dtype, out.length));
    await source.read(offset + storedBytes(dtype, start + done), bytes);
    if (!dtype.decode(bytes, out)) {
      throw new ListwiseError('checkpoint-corrupt', `Tensor "${name}" holds a NaN or an infinity.`, {
        hint: 'Download the checkpoint again; if it stays, the checkpoint itself is broken.',
      });
    }
  }
}
