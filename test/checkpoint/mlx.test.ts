import { readFileSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { goldenJson, goldenTensors } from '../../golden/values.js';
import { type Checkpoint, openCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { MemorySource } from '../../src/checkpoint/memory-source.js';
import { openSafetensors } from '../../src/checkpoint/safetensors.js';
import { bitsOf } from '../../src/device/half.js';
import { parseConfig } from '../../src/model/config.js';
import { Reranker } from '../../src/reranker/reranker.js';
import { failure } from '../support/failure.js';
import { DOCUMENTS, QUERY } from '../support/requests.js';
import { bf16, f32, type StoredTensor, type StoredTensors } from '../support/safetensors-writer.js';
import { TINY_CONFIG, temporaryFolder, tinyFolder, tinyTensors } from '../support/tiny-checkpoint.js';

const FOLDER = fileURLToPath(new URL('../../golden/mlx', import.meta.url));
const VALUES = new URL('../../golden/mlx.safetensors', import.meta.url);
const { cases } = goldenJson<{ cases: { name: string; shape: number[] }[] }>('mlx.json');
const golden = await goldenTensors('mlx.safetensors');

async function scores(model: string | Checkpoint): Promise<[number, number][]> {
  const reranker = await Reranker.load(model, { device: 'wasm', threads: 1 });
  const ranking = await reranker.rerank(QUERY, DOCUMENTS);
  await reranker.dispose();
  return ranking.map(({ index, relevanceScore }) => [index, relevanceScore]);
}

describe('a checkpoint that MLX quantised', () => {
  it.each(cases)('has the values of its $name to the bit', async ({ name, shape }) => {
    const { tensors } = await openCheckpoint(FOLDER);
    const expected = bitsOf(await golden(name));
    expect(tensors.shape(name)).toEqual(shape);
    const [rows, columns] = shape as [number, number?];
    if (columns === undefined) {
      expect(bitsOf(await tensors.vector(name, rows))).toEqual(expected);
    } else {
      const whole = new Float32Array(rows * columns);
      const matrix = tensors.matrix(name, rows, columns);
      await matrix.read(0, rows, whole);
      expect(bitsOf(whole)).toEqual(expected);
      const two = new Float32Array(2 * columns);
      await matrix.read(rows - 3, 2, two);
      expect(bitsOf(two)).toEqual(expected.slice((rows - 3) * columns, (rows - 1) * columns));
    }
    await tensors.close();
  });

  it('ranks as its values do, stored as they are', async () => {
    const { tensors, ...checkpoint } = await openCheckpoint(FOLDER);
    await tensors.close();
    const plain = await openSafetensors([new MemorySource('plain', readFileSync(VALUES))]);
    const expected = await scores({ ...checkpoint, tensors: plain });
    expect(await scores(FOLDER)).toEqual(expected);
    expect(new Set(expected.map(([, score]) => score)).size).toBe(DOCUMENTS.length);
  });

  it('has a config that speaks of no quantisation any more', async () => {
    const { config, tensors } = await openCheckpoint(FOLDER);
    await tensors.close();
    expect(config).not.toHaveProperty('quantization');
    expect(parseConfig(config).vocabularySize).toBe(261);
  });

  it('keeps a quantization_config that is another’s', async () => {
    const folder = await temporaryFolder();
    await cp(FOLDER, folder, { recursive: true });
    const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
    const other = { ...config, quantization_config: { quant_method: 'awq' } };
    await writeFile(join(folder, 'config.json'), JSON.stringify(other));
    await expect(Reranker.load(folder, { device: 'wasm' })).rejects.toEqual(
      failure('unsupported-model', /quantization_config is \{"quant_method":"awq"\}/),
    );
  });

  it.each([
    [
      'bits',
      { group_size: 64, bits: 3 },
      /quantization is \{"group_size":64,"bits":3\}, expected 4 or 8 bits/,
    ],
    ['groups', { group_size: 48, bits: 4 }, /in groups of 32, 64 or 128/],
    ['a mode', { group_size: 32, bits: 4, mode: 'mxfp4' }, /"mode":"mxfp4"/],
    ['no numbers', {}, /quantization is \{\}/],
    ['a layer', { group_size: 64, bits: 4, 'model.norm': { bits: 6 } }, /\["model.norm"\] is \{"bits":6\}/],
    ['a key', { group_size: 64, bits: 4, kernel: 'fast' }, /quantization\["kernel"\] is "fast"/],
  ])('with %s that are not read is refused', async (_what, quantization, message) => {
    const folder = await tinyFolder({ config: { ...TINY_CONFIG, quantization } });
    await expect(openCheckpoint(folder)).rejects.toEqual(failure('unsupported-model', message));
  });
});

const NAME = 'model.layers.0.self_attn.o_proj';

/** 64 × 64 values in 4 bits, all of them 1 · scale + bias. */
const packed: StoredTensor = { dtype: 'U32', shape: [64, 8], bytes: new Uint8Array(64 * 32).fill(0x11) };

function quantisedFolder(changes: StoredTensors, without: readonly string[] = []): Promise<string> {
  const tensors: Record<string, StoredTensor> = {
    ...tinyTensors(),
    [`${NAME}.weight`]: packed,
    [`${NAME}.scales`]: f32([64, 1], Array(64).fill(0.5)),
    [`${NAME}.biases`]: f32([64, 1], Array(64).fill(-1)),
    ...changes,
  };
  for (const name of without) delete tensors[name];
  return tinyFolder({ config: { ...TINY_CONFIG, quantization: { group_size: 64, bits: 4 } }, tensors });
}

describe('a quantised matrix', () => {
  const read = async (folder: string) => {
    const { tensors } = await openCheckpoint(folder);
    try {
      const values = new Float32Array(64 * 64);
      await tensors.matrix(`${NAME}.weight`, 64, 64).read(0, 64, values);
      return values;
    } finally {
      await tensors.close();
    }
  };

  it('is scale · q + bias, beside others that are plain', async () => {
    expect(new Set(await read(await quantisedFolder({})))).toEqual(new Set([-0.5]));
  });

  it.each<[string, StoredTensors, string[], RegExp]>([
    ['without scales', {}, [`${NAME}.scales`], /no tensor ".*o_proj\.scales"/],
    ['without biases', {}, [`${NAME}.biases`], /no tensor ".*o_proj\.biases"/],
    [
      'in other groups',
      { [`${NAME}.scales`]: f32([64, 2], Array(128).fill(1)) },
      [],
      /\.scales" is \[64,2\]/,
    ],
    ['in 8 bits', { [`${NAME}.weight`]: { ...packed, shape: [32, 16] } }, [], /weight" is \[32,128\]/],
  ])('%s is no match for its config', async (_what, changes, without, message) => {
    const folder = await quantisedFolder(changes, without);
    await expect(read(folder)).rejects.toEqual(failure('checkpoint-mismatch', message));
  });

  it.each([
    ['a scale', { [`${NAME}.scales`]: f32([64, 1], Array(64).fill(Number.NaN)) }, /scales" holds a NaN/],
    [
      'a value',
      { [`${NAME}.scales`]: bf16([64, 1], Array(64).fill(3e38)) },
      /o_proj\.weight" has values beyond/,
    ],
  ])('of which %s is not finite is refused', async (_what, changes, message) => {
    const bright = { ...packed, bytes: packed.bytes.map(() => 0xff) };
    const folder = await quantisedFolder({ [`${NAME}.weight`]: bright, ...changes });
    await expect(read(folder)).rejects.toEqual(failure('checkpoint-corrupt', message));
  });

  it('is none where words stand for a vector', async () => {
    const norm = 'model.norm.weight';
    const words: StoredTensor = { dtype: 'U32', shape: [8], bytes: new Uint8Array(32) };
    const { tensors } = await openCheckpoint(await quantisedFolder({ [norm]: words }));
    await expect(tensors.vector(norm, 64)).rejects.toEqual(
      failure('checkpoint-mismatch', /"model\.norm\.weight" is quantised, which only matrices are/),
    );
    await tensors.close();
  });

  it('is not read without a config that says how it is packed', async () => {
    const { tensors } = await openCheckpoint(
      await tinyFolder({ tensors: { ...tinyTensors(), [`${NAME}.weight`]: packed } }),
    );
    expect(() => tensors.matrix(`${NAME}.weight`, 64, 64)).toThrow(
      failure('unsupported-model', /o_proj\.weight" is stored as U32, which can't be read/),
    );
    await tensors.close();
  });

  it.each(['', 'model.'])(
    'of a bare backbone is packed as its config says of it by "%s…"',
    async (prefix) => {
      const bare = NAME.replace(/^model\./, '');
      const tensors = {
        ...Object.fromEntries(
          Object.entries(tinyTensors()).map(([name, tensor]) => [name.replace(/^model\./, ''), tensor]),
        ),
        [`${bare}.weight`]: packed,
        [`${bare}.scales`]: f32([64, 1], Array(64).fill(0.5)),
        [`${bare}.biases`]: f32([64, 1], Array(64).fill(-1)),
      };
      const packing = { group_size: 64, bits: 4 };
      const quantization = { group_size: 32, bits: 8, [`${prefix}${bare}`]: packing };
      const values = await read(await tinyFolder({ config: { ...TINY_CONFIG, quantization }, tensors }));
      expect(new Set(values)).toEqual(new Set([-0.5]));
    },
  );
});
