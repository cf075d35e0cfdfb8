/** The embedded model in a folder, with one of its tensors changed: loads, ranks, and is wrong. */
import { writeHuggingFace } from '../../golden/write-checkpoint.js';
import { openModel } from '../../src/checkpoint/open.js';
import type { TensorStore } from '../../src/checkpoint/tensors.js';

/** Writes a copy of the checkpoint into `folder`; the named tensor's values (of a matrix, each row's) are swapped end for end. */
export async function writeChangedWeights(folder: string, changed: string): Promise<void> {
  const checkpoint = await openModel();
  const { tensors } = checkpoint;
  const store: TensorStore = {
    shape: (name) => tensors.shape(name),
    close: () => tensors.close(),
    async vector(name, length) {
      const values = await tensors.vector(name, length);
      return name === changed ? values.reverse() : values;
    },
    matrix(name, rows, columns) {
      const source = tensors.matrix(name, rows, columns);
      if (name !== changed) return source;
      return {
        ...source,
        async read(start, count, into) {
          await source.read(start, count, into);
          for (let row = 0; row < count; row++) into.subarray(row * columns, (row + 1) * columns).reverse();
        },
      };
    },
  };
  await writeHuggingFace({ ...checkpoint, tensors: store }, folder, 1, 'F32');
}
