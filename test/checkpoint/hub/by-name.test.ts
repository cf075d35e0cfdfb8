/** Models of the hub before, between and after a download: described, kept, removed. */
import { expect, test } from 'vitest';
import { cachedModels, removeCachedModel } from '../../../src/checkpoint/hub/cached.js';
import { describeModel } from '../../../src/checkpoint/hub/description.js';
import { downloadModel } from '../../../src/checkpoint/hub/model.js';
import { startHub } from '../../support/hub.js';
import { MODEL, optionsFor, shardedFiles, tinyFiles } from '../../support/hub-models.js';
import { type RepositoryFiles, repositoryOf } from '../../support/hub-server.js';
import { TINY_CONFIG } from '../../support/tiny-checkpoint.js';

const sizeOf = (files: RepositoryFiles, names: readonly string[]) =>
  names.reduce((sum, name) => sum + files[name]!.length, 0);

const SMALL = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];

test('a model is described before anything large is fetched', async () => {
  const files = await tinyFiles();
  const server = await startHub({ [MODEL]: repositoryOf(files) });
  expect(await describeModel(MODEL, { hub: await optionsFor(server) })).toEqual({
    licence: 'cc-by-nc-4.0',
    bytes: sizeOf(files, [...SMALL, 'model.safetensors']),
    config: TINY_CONFIG,
  });
  expect(server.asked.filter(({ host }) => host === 'storage')).toEqual([]);
});

test('of a model in shards those count that its index names', async () => {
  const files = await shardedFiles();
  const server = await startHub({ [MODEL]: repositoryOf(files) });
  const names = [...SMALL, 'model.safetensors.index.json', 'model-1.safetensors', 'model-2.safetensors'];
  const { bytes } = await describeModel(MODEL, { hub: await optionsFor(server) });
  expect(bytes).toBe(sizeOf(files, names));
});

test('what was downloaded is listed with its size, and is gone when it is removed', async () => {
  const files = await tinyFiles();
  const server = await startHub({ [MODEL]: repositoryOf(files) });
  const hub = await optionsFor(server);
  expect(await cachedModels(hub)).toEqual([]);
  await downloadModel(MODEL, { hub });
  const bytes = sizeOf(files, [...SMALL, 'model.safetensors']);
  expect(await cachedModels(hub)).toEqual([{ repository: MODEL, bytes }]);
  await removeCachedModel(MODEL, hub);
  expect(await cachedModels(hub)).toEqual([]);
  await expect(downloadModel(MODEL, { hub: { ...hub, offline: true } })).rejects.toMatchObject({
    code: 'checkpoint-not-found',
  });
});

test.each(['tiny', '../tiny', 'a/b/c'])(
  '%s is no name, be it to download, to describe or to remove',
  async (name) => {
    const error = { code: 'invalid-input' };
    await expect(downloadModel(name)).rejects.toMatchObject(error);
    await expect(describeModel(name)).rejects.toMatchObject(error);
    await expect(removeCachedModel(name)).rejects.toMatchObject(error);
  },
);
