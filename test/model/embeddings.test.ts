/** Rows of the embedding table read many at a time are the rows read one by one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BF16 } from '../../src/checkpoint/dtypes.js';
import { TensorFiles } from '../../src/checkpoint/tensors.js';
import type { WeightSource } from '../../src/device/device.js';
import { embed } from '../../src/model/embeddings.js';
import type { ByteSource } from '../../src/platform/byte-source.js';
import { failure } from '../support/failure.js';
import { random } from '../support/random.js';

const [ROWS, WIDTH] = [500, 8];

/** Bytes of a file that answers in any order. */
function slowFile(): { source: ByteSource; reads: () => number } {
  const { next, below } = random(1);
  const halves = Uint16Array.from({ length: ROWS * WIDTH }, () => below(0x7f80)); // finite as bfloat16
  const bytes = new Uint8Array(halves.buffer);
  let reads = 0;
  const read = async (offset: number, into: Uint8Array) => {
    reads++;
    for (let turns = next() * 8; turns > 0; turns--) await undefined;
    into.set(bytes.subarray(offset, offset + into.length));
  };
  const source = { name: 'slow', size: bytes.length, read, close: async () => {} };
  return { source, reads: () => reads };
}

function tableIn(source: ByteSource): WeightSource {
  const tensors = new Map([['table', { dtype: BF16, shape: [ROWS, WIDTH], offset: 0 }]]);
  return new TensorFiles([{ source, tensors }]).matrix('table', ROWS, WIDTH);
}

async function oneByOne(table: WeightSource, ids: readonly number[]): Promise<Float32Array> {
  const hidden = new Float32Array(ids.length * WIDTH);
  for (const [row, id] of ids.entries()) {
    await table.read(id, 1, hidden.subarray(row * WIDTH, (row + 1) * WIDTH));
  }
  return hidden;
}

test('any ids give the rows that are read one by one', async () => {
  const table = tableIn(slowFile().source);
  const ids = fc.array(fc.nat(ROWS - 1), { maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(ids, async (ids) => {
      expect(await embed(table, ids)).toEqual(await oneByOne(table, ids));
    }),
    { numRuns: 100 },
  );
});

test('neighbours are read together, and a token that comes again is not read again', async () => {
  const { source, reads } = slowFile();
  await embed(tableIn(source), [7, 5, 6, 5, 300, 12, 7, 301]);
  expect(reads()).toBe(2);
});

test('an id beyond the table is an error that names it', async () => {
  await expect(embed(tableIn(slowFile().source), [3, ROWS, 4])).rejects.toThrow(
    failure('checkpoint-mismatch', /^Token 500 has no embedding: the checkpoint has 500\./),
  );
});

test('a read that fails is the error', async () => {
  const source = { ...slowFile().source, read: () => Promise.reject(new Error('gone')) };
  await expect(embed(tableIn(source), [1, 100, 200])).rejects.toThrow('gone');
});
