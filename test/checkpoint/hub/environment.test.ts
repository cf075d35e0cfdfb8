/** The variables and files by which a user sets the hub up for all programs. */
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hubEnvironment } from '../../../src/platform/node-hub-environment.js';
import { temporaryFolder } from '../../support/tiny-checkpoint.js';

it.each<[string, Record<string, string>, string]>([
  ['the home folder', { HF_TOKEN: 'x' }, join(homedir(), '.cache/huggingface/hub')],
  ['XDG_CACHE_HOME', { XDG_CACHE_HOME: '/xdg' }, '/xdg/huggingface/hub'],
  ['HF_HOME before it', { XDG_CACHE_HOME: '/xdg', HF_HOME: '/home' }, '/home/hub'],
  ['the older name before that', { HF_HOME: '/home', HUGGINGFACE_HUB_CACHE: '/old' }, '/old'],
  ['HF_HUB_CACHE before all', { HF_HUB_CACHE: '/new', HUGGINGFACE_HUB_CACHE: '/old' }, '/new'],
  ['a path with ~', { HF_HOME: '~/hf' }, join(homedir(), 'hf/hub')],
  [
    'what is empty is not there',
    { HF_HOME: '', HF_HUB_CACHE: '' },
    join(homedir(), '.cache/huggingface/hub'),
  ],
])('the cache is where Python has it: %s', async (_what, variables, expected) => {
  expect((await hubEnvironment(variables)).cacheFolder).toBe(expected);
});

it.each([
  ...['1', 'ON', 'yes', 'True'].map((value) => [value, true] as const),
  ...['', '0', 'off', 'no'].map((value) => [value, false] as const),
])('HF_HUB_OFFLINE=%s is %s', async (value, expected) => {
  const { offline } = await hubEnvironment({ HF_HUB_OFFLINE: value, HF_HOME: '/none' });
  expect(offline).toBe(expected);
});

it.each([
  [{ TRANSFORMERS_OFFLINE: '1' }, true],
  [{ TRANSFORMERS_OFFLINE: '1', HF_HUB_OFFLINE: '' }, true],
  [{ TRANSFORMERS_OFFLINE: '1', HF_HUB_OFFLINE: '0' }, false],
  [{ TRANSFORMERS_OFFLINE: '0', HF_HUB_OFFLINE: '1' }, true],
])('the older name counts where HF_HUB_OFFLINE is not there: %j', async (variables, expected) => {
  expect((await hubEnvironment({ ...variables, HF_HOME: '/none' })).offline).toBe(expected);
});

it('the token is a variable, else a file, else none', async () => {
  const home = await temporaryFolder();
  const tokenOf = async (variables: Record<string, string>) =>
    (await hubEnvironment({ HF_HOME: home, ...variables })).token;
  expect(await tokenOf({})).toBeUndefined();
  await writeFile(join(home, 'token'), 'from the file\n');
  expect(await tokenOf({})).toBe('from the file');
  await mkdir(join(home, 'elsewhere'));
  await writeFile(join(home, 'elsewhere', 'token'), ' from elsewhere ');
  expect(await tokenOf({ HF_TOKEN_PATH: join(home, 'elsewhere', 'token') })).toBe('from elsewhere');
  expect(await tokenOf({ HF_TOKEN: ' from the variable\n' })).toBe('from the variable');
  const older = { HUGGING_FACE_HUB_TOKEN: 'by its older name\n' };
  expect(await tokenOf(older)).toBe('by its older name');
  expect(await tokenOf({ ...older, HF_TOKEN: '' })).toBe('by its older name');
  expect(await tokenOf({ ...older, HF_TOKEN: 'by its name' })).toBe('by its name');
});

it('the endpoint is a variable', async () => {
  expect((await hubEnvironment({ HF_ENDPOINT: 'https://mirror.example/', HF_HOME: '/none' })).endpoint).toBe(
    'https://mirror.example/',
  );
});
