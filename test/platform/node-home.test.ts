/** `~` in paths. */
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { exists, saveFile } from '../../src/platform/node.js';
import { withHome } from '../../src/platform/node-home.js';
import { openRepositoryCache } from '../../src/platform/node-repository-cache.js';
import { tinyFolder } from '../support/tiny-checkpoint.js';

it.each([
  ['~', homedir()],
  ['~/models', `${homedir()}/models`],
  ['~\\models', `${homedir()}\\models`],
  ...['~user/models', './~/models', '/~', 'a~', 'a/~/b', '', '~~'].map((path) => [path, path]),
])('%j stands for %j', (path, expected) => {
  expect(withHome(path!)).toBe(expected);
});

it('models, caches and files that are saved may lie in the home folder', async () => {
  const folder = await tinyFolder();
  vi.stubEnv('HOME', join(folder, '..'));
  vi.stubEnv('USERPROFILE', join(folder, '..'));
  onTestFinished(() => void vi.unstubAllEnvs());
  const path = `~/${basename(folder)}`;
  const { name, tensors } = await openCheckpoint(path);
  expect(name).toBe(path);
  expect(tensors.shape('model.norm.weight')).toEqual([64]);
  await tensors.close();
  await saveFile(`${path}/saved`, Uint8Array.of(1));
  expect([await exists(`${path}/saved`), await exists(`${path}/none`)]).toEqual([true, false]);
  const cache = await openRepositoryCache(`${path}/cache`, 'a/b', () => {});
  expect(cache.place).toBe(join(folder, 'cache', 'models--a--b'));
});
