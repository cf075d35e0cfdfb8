import { cp, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EncodedDtype } from '../../golden/encode.js';
import { largestDifference } from '../../golden/values.js';
import { writeGguf, writeHuggingFace, writeMlx } from '../../golden/write-checkpoint.js';
import { type Checkpoint, openCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { openModel } from '../../src/checkpoint/open.js';
import type { WeightDtype } from '../../src/device/dtype.js';
import { parseConfig } from '../../src/model/config.js';
import { Reranker } from '../../src/reranker/reranker.js';
import { failure } from '../support/failure.js';
import { CAN_LIST_OPEN_FILES, openFilesIn } from '../support/open-files.js';
import { DOCUMENTS, QUERY } from '../support/requests.js';
import { f32, writeSafetensors } from '../support/safetensors-writer.js';
import { TINY_CONFIG, temporaryFolder, tinyCheckpoint, tinyFolder } from '../support/tiny-checkpoint.js';
import { cutAsQwen3 } from '../support/tokenizers.js';

/** In input order. */
async function scores(model: string | Checkpoint | undefined, dtype: WeightDtype = 'f32'): Promise<number[]> {
  const reranker = await Reranker.load(model, { device: 'wasm', threads: 1, dtype });
  const ranking = await reranker.rerank(QUERY, DOCUMENTS);
  await reranker.dispose();
  return [...ranking].sort((a, b) => a.index - b.index).map(({ relevanceScore }) => relevanceScore);
}

const embedded = await scores(undefined);

/** With the tokenizer that GGUF's metadata can name. */
const embeddedLikeQwen3 = await scores(cutAsQwen3(await openModel()));

const gguf = async (dtype: EncodedDtype, tokenizer: 'metadata' | 'files') => {
  const folder = await temporaryFolder();
  await writeGguf(await openModel(), folder, dtype, tokenizer);
  return folder;
};

describe('the embedded model, rewritten', () => {
  it('in shards gives the same scores', async () => {
    const folder = await temporaryFolder();
    await writeHuggingFace(await openModel(), folder, 3, 'F32');
    expect(await scores(folder)).toEqual(embedded);
  });

  it('as MLX has it gives the same scores', async () => {
    const folder = await temporaryFolder();
    await writeMlx(await openModel(), folder, 'F32');
    expect(await scores(folder)).toEqual(embedded);
  });

  it.each(['metadata', 'files'] as const)(
    'as GGUF in F32, which holds its weights as they are, gives the same scores with its tokenizer in %s',
    async (tokenizer) => {
      const expected = tokenizer === 'metadata' ? embeddedLikeQwen3 : embedded;
      expect(await scores(await gguf('F32', tokenizer))).toEqual(expected);
    },
  );

  it.each([
    ['Q8_0', 1e-3], // all of them but two matrices are in it
    ['F16', 3e-3],
    ['BF16', 1e-2],
  ] as const)('as GGUF in %s, which rounds its weights, gives scores that near', async (dtype, near) => {
    expect(largestDifference(await scores(await gguf(dtype, 'files')), embedded)).toBeLessThan(near);
  });

  it('as GGUF in Q8_0 loads in q8 without further loss of weights', async () => {
    const folder = await gguf('Q8_0', 'files');
    expect(largestDifference(await scores(folder, 'q8'), embedded)).toBeLessThan(0.02);
  });
});

describe('a GGUF file', () => {
  const tinyGguf = async () => {
    const folder = await temporaryFolder();
    await writeGguf(await tinyCheckpoint(), folder, 'Q8_0', 'metadata');
    return folder;
  };
  const refused = async (path: string, expected: unknown, hint: string) => {
    const error = await openCheckpoint(path).catch((e: unknown) => e);
    expect(error).toEqual(expected);
    expect(error).toHaveProperty('hint', expect.stringContaining(hint));
    if (CAN_LIST_OPEN_FILES) expect(await openFilesIn(path)).toEqual([]);
  };

  it('is opened by its path or by its folder’s, with what its metadata say', async () => {
    const folder = await tinyGguf();
    const relativePath = relative(process.cwd(), join(folder, 'model.gguf'));
    for (const path of [folder, `${folder}/`, join(folder, 'model.gguf'), relativePath]) {
      const { name, config, tensors } = await openCheckpoint(path);
      expect(name).toMatch(/model\.gguf$/);
      expect(parseConfig(config)).toEqual(parseConfig(TINY_CONFIG));
      expect(tensors.shape('projector.2.weight')).toEqual([32, 32]);
      expect(tensors.shape('model.layers.1.self_attn.k_proj.weight')).toEqual([32, 64]);
      await tensors.close();
    }
  });

  it('beside model.safetensors is read where it is named', async () => {
    const folder = await tinyFolder();
    await writeGguf(await tinyCheckpoint(), folder, 'F32', 'metadata');
    for (const [path, name] of [
      [folder, folder],
      [join(folder, 'model.gguf'), join(folder, 'model.gguf')],
    ] as const) {
      const checkpoint = await openCheckpoint(path);
      expect(checkpoint.name).toBe(name);
      await checkpoint.tensors.close();
    }
  });

  it('is the model of a folder whose index names shards that are not there', async () => {
    const folder = await tinyGguf();
    const weight_map = { a: 'model-00001-of-00001.safetensors' };
    await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map }));
    const { name, tensors } = await openCheckpoint(folder);
    expect(name).toBe(join(folder, 'model.gguf'));
    await tensors.close();
  });

  it('leaves config and tokenizer to the files beside it', async () => {
    const folder = await tinyGguf();
    for (const file of ['config.json', 'tokenizer.json', 'tokenizer_config.json']) {
      await writeFile(join(folder, file), JSON.stringify({ file }));
    }
    const { config, tokenizer, tokenizerConfig, tensors } = await openCheckpoint(folder);
    await tensors.close();
    expect([config, tokenizer, tokenizerConfig]).toEqual([
      { file: 'config.json' },
      { file: 'tokenizer.json' },
      { file: 'tokenizer_config.json' },
    ]);
  });

  it('among others has to be named', async () => {
    const folder = await tinyGguf();
    await cp(join(folder, 'model.gguf'), join(folder, 'another.gguf'));
    await refused(
      folder,
      failure('checkpoint-not-found', /several GGUF models: another\.gguf, model\.gguf/),
      'another.gguf',
    );
    await (await openCheckpoint(join(folder, 'another.gguf'))).tensors.close();
  });

  it('that is not there is not found', async () => {
    const folder = await tinyGguf();
    const error = await openCheckpoint(join(folder, 'other.gguf')).catch((e: unknown) => e);
    expect(error).toEqual(failure('checkpoint-not-found', /no other\.gguf in/));
  });

  it('without its projector says where that is', async () => {
    const folder = await tinyGguf();
    await rm(join(folder, 'projector.safetensors'));
    await refused(folder, failure('checkpoint-not-found', /no projector\.safetensors beside/), 'published');
  });

  it('without a tokenizer says what to put beside it', async () => {
    const folder = await temporaryFolder();
    await writeGguf(await tinyCheckpoint(), folder, 'F32', 'files');
    await rm(join(folder, 'tokenizer.json'));
    await refused(folder, failure('checkpoint-mismatch', /no tokenizer\.ggml\.model/), 'tokenizer.json');
  });
});

describe('an MLX checkpoint', () => {
  it('may have its projector in both files: the first counts', async () => {
    const folder = await tinyFolder();
    const other = { 'linear1.weight': f32([1, 1], [1]), 'linear2.weight': f32([1, 1], [1]) };
    await writeFile(join(folder, 'projector.safetensors'), writeSafetensors(other));
    const { tensors } = await openCheckpoint(folder);
    expect(tensors.shape('projector.0.weight')).toEqual([32, 64]);
    await tensors.close();
  });
});
