/** Tiny models on a hub, and how tests load them: in a hurry, and in small parts. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ModelFiles } from '../../src/checkpoint/files.js';
import { type HubModelOptions, hubFiles, type Manner } from '../../src/checkpoint/hub/model.js';
import { parseHubName } from '../../src/checkpoint/hub/name.js';
import type { HubOptions } from '../../src/checkpoint/hub/options.js';
import type { HubServer, RepositoryFiles } from './hub-server.js';
import { writeSafetensors } from './safetensors-writer.js';
import { TINY_CONFIG, type TinyParts, temporaryFolder, tinyTensors } from './tiny-checkpoint.js';

export const MODEL = 'owner/tiny';

/** The weights of the tiny model are seven of these. */
export const PART = 512 * 1024; // bytes

export const HURRIED: Manner = {
  patience: { attempts: 4, pause: 1, silence: 30_000 },
  portions: { bytes: PART, atOnce: 3 },
};

/** For silence that is meant: on a busy machine a hub that speaks may be silent for as long. */
export const IMPATIENT: Manner = { ...HURRIED, patience: { ...HURRIED.patience, silence: 400 } };

/** Files that lie about in repositories and make no model. */
const OTHERS = {
  'README.md': new TextEncoder().encode('# A model'),
  'original/model.safetensors': new Uint8Array(1000),
  'model.onnx': new Uint8Array(1000),
};

/** The tiny checkpoint as a repository has it. */
export async function tinyFiles({
  config = TINY_CONFIG,
  tensors = tinyTensors(),
}: TinyParts = {}): Promise<RepositoryFiles> {
  const tokenizerFile = (name: string) => readFile(new URL(`../../weights/${name}`, import.meta.url));
  return {
    'config.json': new TextEncoder().encode(JSON.stringify(config)),
    'tokenizer.json': await tokenizerFile('tokenizer.json'),
    'tokenizer_config.json': await tokenizerFile('tokenizer_config.json'),
    'model.safetensors': writeSafetensors(tensors),
    ...OTHERS,
  };
}

/** The same in two shards and with an index, and with a shard of something else. */
export async function shardedFiles(): Promise<RepositoryFiles> {
  const { 'model.safetensors': _whole, ...rest } = await tinyFiles();
  const tensors = Object.entries(tinyTensors());
  const shards = { 'model-1.safetensors': tensors.slice(0, 5), 'model-2.safetensors': tensors.slice(5) };
  const weightMap: Record<string, string> = {};
  const files: Record<string, Uint8Array> = { ...rest, 'other.safetensors': new Uint8Array(10) };
  for (const [name, entries] of Object.entries(shards)) {
    files[name] = writeSafetensors(Object.fromEntries(entries));
    for (const [tensor] of entries) weightMap[tensor] = name;
  }
  files['model.safetensors.index.json'] = new TextEncoder().encode(JSON.stringify({ weight_map: weightMap }));
  return files;
}

/** How this hub is asked, with a cache of the test's own and whatever the environment says left out. */
export async function optionsFor(hub: HubServer, options: HubOptions = {}): Promise<HubOptions> {
  return { endpoint: hub.url, token: '', offline: false, cacheFolder: await temporaryFolder(), ...options };
}

/** Brings a model into the cache in small parts, as a load does with large ones. */
export function bring(
  hub: HubOptions,
  options: HubModelOptions = {},
  { model = MODEL, name = parseHubName(model)!, manner = HURRIED } = {},
): Promise<ModelFiles> {
  return hubFiles(name, { ...options, hub }, manner);
}

/** The SHA-256 of a file of a model: megabytes are compared by it. */
export async function hashOf(files: ModelFiles, name: string): Promise<string> {
  const source = await files.open(name);
  const bytes = new Uint8Array(source.size);
  await source.read(0, bytes);
  await source.close();
  return sha256(bytes);
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
