import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { parseJson } from '../../src/checkpoint/json.js';
import { openModel } from '../../src/checkpoint/open.js';
import * as browser from '../../src/platform/browser.js';
import { failure } from '../support/failure.js';
import { CAN_LIST_OPEN_FILES, NO_LIST, openFilesIn } from '../support/open-files.js';
import { f32, type StoredTensors, writeSafetensors } from '../support/safetensors-writer.js';
import {
  TINY_CONFIG,
  temporaryFolder,
  tinyCheckpoint,
  tinyFolder,
  tinyTensors,
} from '../support/tiny-checkpoint.js';

const JSON_FILES = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
const INDEX = 'model.safetensors.index.json';

/** Shards are small: what is in the tensors doesn't matter here. */
const SHARDS: Record<string, StoredTensors> = {
  'model-00001-of-00002.safetensors': { a: f32([2], [1, 2]) },
  'model-00002-of-00002.safetensors': { b: f32([2], [3, 4]) },
};
const WEIGHT_MAP = { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' };

async function shardedFolder(index: unknown, shards = SHARDS): Promise<string> {
  const folder = await temporaryFolder();
  for (const file of JSON_FILES) await writeFile(join(folder, file), '{}');
  await writeFile(join(folder, INDEX), JSON.stringify(index));
  for (const [file, tensors] of Object.entries(shards))
    await writeFile(join(folder, file), writeSafetensors(tensors));
  return folder;
}

/** Opening must fail so, say what to do, and leave no file open. */
async function expectFailure(folder: string, expected: unknown) {
  const error = await openCheckpoint(folder).then(
    () => 'opened',
    (e: unknown) => e,
  );
  expect(error).toEqual(expected);
  if (CAN_LIST_OPEN_FILES) expect(await openFilesIn(folder)).toEqual([]);
}

describe('a checkpoint folder', () => {
  it('is opened with its config, its tokenizer and its tensors', async () => {
    const folder = await tinyFolder();
    const checkpoint = await openCheckpoint(folder);
    expect(checkpoint.name).toBe(folder);
    expect(checkpoint.config).toEqual(TINY_CONFIG);
    expect(checkpoint.tokenizer).toHaveProperty('added_tokens');
    expect(checkpoint.tokenizerConfig).toHaveProperty('model_max_length', 8192);
    expect(await checkpoint.tensors.vector('model.norm.weight', 64)).toEqual(
      await (await tinyCheckpoint()).tensors.vector('model.norm.weight', 64),
    );
    await checkpoint.tensors.close();
  });

  it('may end in a slash', async () => {
    await (await openCheckpoint(`${await tinyFolder()}/`)).tensors.close();
  });

  it('holds only its tensors open, until it is closed', async ({ skip }) => {
    skip(!CAN_LIST_OPEN_FILES, NO_LIST);
    const folder = await tinyFolder();
    const { tensors } = await openCheckpoint(folder);
    expect(await openFilesIn(folder)).toEqual([join(folder, 'model.safetensors')]);
    await tensors.close();
    expect(await openFilesIn(folder)).toEqual([]);
  });

  it('that is read after it was closed is not readable', async () => {
    const { tensors } = await openCheckpoint(await tinyFolder());
    await tensors.close();
    await expect(tensors.vector('model.norm.weight', 64)).rejects.toEqual(
      failure('checkpoint-not-found', /can't be read/),
    );
  });

  it('that is not there is not found', async () => {
    const folder = join(await temporaryFolder(), 'nowhere');
    await expectFailure(folder, failure('checkpoint-not-found', /nowhere is not there/));
    await expect(openCheckpoint(folder)).rejects.toHaveProperty('hint', expect.stringContaining('folder'));
  });

  it('that is a file is not found', async () => {
    const folder = await tinyFolder();
    await expectFailure(
      join(folder, 'config.json'),
      failure('checkpoint-not-found', /config\.json is not there/),
    );
  });

  it.each(JSON_FILES)('without %s is not found', async (file) => {
    const folder = await tinyFolder();
    await rm(join(folder, file));
    await expectFailure(folder, failure('checkpoint-not-found', new RegExp(`no ${file} in`)));
  });

  it('without model.safetensors is not found', async () => {
    const folder = await tinyFolder();
    await rm(join(folder, 'model.safetensors'));
    await expectFailure(folder, failure('checkpoint-not-found', /model\.safetensors is not there/));
    await expect(openCheckpoint(folder)).rejects.toHaveProperty('hint', expect.stringContaining('folder'));
  });

  it.each([...JSON_FILES, INDEX, 'model.safetensors'])(
    'whose %s is a folder is not readable',
    async (file) => {
      const folder = await tinyFolder();
      await rm(join(folder, file), { force: true });
      if (file === INDEX) await rm(join(folder, 'model.safetensors'));
      await mkdir(join(folder, file));
      await expectFailure(folder, failure('checkpoint-not-found', new RegExp(`${file} can't be read`)));
    },
  );

  it.each([...JSON_FILES, INDEX])('whose %s is broken is corrupt', async (file) => {
    const folder = await tinyFolder();
    if (file === INDEX) await rm(join(folder, 'model.safetensors'));
    for (const text of ['', '{"a":', 'null', '[]', '"text"', '7', '\u0000']) {
      await writeFile(join(folder, file), text);
      await expectFailure(
        folder,
        failure('checkpoint-corrupt', new RegExp(`${file} is not (JSON|a JSON object)`)),
      );
    }
  });

  it('whose tensors were cut short is corrupt', async () => {
    const folder = await tinyFolder();
    const file = join(folder, 'model.safetensors');
    const { length } = await readFile(file);
    for (const size of [length - 1, length >> 1, 9, 0]) {
      await truncate(file, size);
      await expectFailure(folder, failure('checkpoint-corrupt', /not a whole safetensors file/));
    }
  });

  it('whose tensors are cut short while they are read is corrupt', async () => {
    const folder = await tinyFolder();
    const { tensors } = await openCheckpoint(folder);
    await truncate(join(folder, 'model.safetensors'), 10_000);
    const reading = tensors.vector('model.norm.weight', 64);
    await expect(reading).rejects.toEqual(failure('checkpoint-corrupt', /became shorter/));
    await tensors.close();
  });
});

describe('a file of JSON', () => {
  it.each([
    ['{"rope_theta": Infinity}', 'after "rope_theta" stands Infinity'],
    ['{"a": [1, -Infinity]}', 'after "a" stands -Infinity'],
    ['{"a": "NaN", "b": "\\" Infinity", "c":NaN}', 'after "c" stands NaN'],
    ['NaN', 'after its beginning stands NaN'],
  ])('of %s has its fault named', (text, fault) => {
    expect(() => parseJson(text, 'config.json')).toThrow(
      failure('checkpoint-corrupt', new RegExp(`^config\\.json is not JSON: ${fault}, which only Python`)),
    );
  });

  it.each(['{"a": "NaN"', '{"a": aNaN}', '{"Infinity": 1,}', `{"a": "${'x'.repeat(1e7)}"`])(
    'that is broken in another way is not JSON',
    (text) => {
      expect(() => parseJson(text, 'config.json')).toThrow(
        failure('checkpoint-corrupt', /^config\.json is not JSON\.$/),
      );
    },
  );
});

describe('a checkpoint of another’s making', () => {
  const opened = async (tensors: StoredTensors) => {
    const checkpoint = await openCheckpoint(await tinyFolder({ tensors }));
    onTestFinished(() => checkpoint.tensors.close());
    return checkpoint.tensors;
  };

  it('that was saved as a bare backbone has the names of the whole model', async () => {
    const bare = Object.entries(tinyTensors()).map(([name, tensor]) => [
      name.replace(/^model\./, ''),
      tensor,
    ]);
    const tensors = await opened(Object.fromEntries(bare));
    for (const [name, { shape }] of Object.entries(tinyTensors())) expect(tensors.shape(name)).toEqual(shape);
  });

  it('may have a tensor under both names: each keeps its own', async () => {
    const tensors = await opened({ ...tinyTensors(), 'norm.weight': f32([1], [7]) });
    expect(await tensors.vector('norm.weight', 1)).toEqual(Float32Array.of(7));
    expect(tensors.shape('model.norm.weight')).toEqual([64]);
  });
});

describe('a checkpoint in shards', () => {
  it('is opened by its index', async () => {
    const folder = await shardedFolder({ metadata: { total_size: 16 }, weight_map: WEIGHT_MAP });
    await writeFile(join(folder, 'other.safetensors'), 'not a file to read');
    const { tensors } = await openCheckpoint(folder);
    expect([...(await tensors.vector('a', 2)), ...(await tensors.vector('b', 2))]).toEqual([1, 2, 3, 4]);
    await tensors.close();
  });

  it.each([
    ['its shards there', SHARDS],
    ['its shards gone', {}],
  ])('and whole besides is the single file, with %s, as in transformers', async (_what, shards) => {
    const folder = await shardedFolder({ weight_map: WEIGHT_MAP }, shards);
    await writeFile(join(folder, 'model.safetensors'), writeSafetensors({ a: f32([1], [5]) }));
    const { tensors } = await openCheckpoint(folder);
    expect([tensors.shape('a'), tensors.shape('b')]).toEqual([[1], undefined]);
    await tensors.close();
  });

  it.each([
    '../model.safetensors',
    '/tmp/model.safetensors',
    'folder/model.safetensors',
    '..\\model.safetensors',
    'C:\\model.safetensors',
    'model.bin',
    '.safetensors/..',
    '',
    7,
    null,
  ])('is refused if its index names %j', async (file) => {
    const folder = await shardedFolder({ weight_map: { ...WEIGHT_MAP, c: file } });
    await expectFailure(folder, failure('checkpoint-corrupt', /names no \.safetensors files beside it/));
  });

  it.each([[undefined], [null], [{}], [[]], ['model.safetensors'], [7]])(
    'is refused if its index maps %j',
    async (map) => {
      const folder = await shardedFolder({ weight_map: map });
      await expectFailure(folder, failure('checkpoint-corrupt', /names no \.safetensors files/));
    },
  );

  it('is refused if a shard is missing', async () => {
    const folder = await shardedFolder({ weight_map: WEIGHT_MAP });
    await rm(join(folder, WEIGHT_MAP.b));
    await expectFailure(folder, failure('checkpoint-not-found', /00002-of-00002\.safetensors is not there/));
  });

  it('is refused if a tensor stands in two shards', async () => {
    const folder = await shardedFolder(
      { weight_map: WEIGHT_MAP },
      { [WEIGHT_MAP.a]: { a: f32([1], [1]) }, [WEIGHT_MAP.b]: { a: f32([1], [1]) } },
    );
    await expectFailure(folder, failure('checkpoint-corrupt', /"a" stands in two files/));
  });
});

it('the embedded checkpoint holds what its config asks for', async () => {
  const { name, config, tensors } = await openModel();
  expect(name).toBe('embedded');
  expect(tensors.shape('model.embed_tokens.weight')).toEqual([config.vocab_size, config.hidden_size]);
  expect(tensors.shape('projector.2.weight')).toEqual([224, 416]);
});

it('a browser, which has no folders, says what to pass instead', async () => {
  for (const open of [browser.openFile, browser.listFolder]) {
    const error = await open('model').catch((e: unknown) => e);
    expect(error).toEqual(failure('checkpoint-not-found', /browser/));
    expect(error).toHaveProperty('hint', expect.stringContaining('Checkpoint'));
  }
});
