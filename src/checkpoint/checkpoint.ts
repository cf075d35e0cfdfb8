/** A checkpoint: a config, a tokenizer and tensors, wherever they come from. */
import { openFile, readTextFile } from '#platform';
import { ListwiseError } from '../error.js';
import type { ByteSource } from '../platform/byte-source.js';
import { SafetensorsStore, type TensorStore } from './tensors.js';

export interface Checkpoint {
  /** What people call it. */
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly tokenizer: Readonly<Record<string, unknown>>;
  readonly tokenizerConfig: Readonly<Record<string, unknown>>;
  readonly tensors: TensorStore;
}

/**
 * Opens a folder as Hugging Face lays it out: config.json, tokenizer.json, tokenizer_config.json, and
 * model.safetensors or the shards that model.safetensors.index.json names. Only headers are read yet.
 * Throws `checkpoint-not-found`, `checkpoint-corrupt`.
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const json = async (file: string) => parseJson(await required(folder, file), `${folder}/${file}`);
  const config = await json('config.json');
  const tokenizer = await json('tokenizer.json');
  const tokenizerConfig = await json('tokenizer_config.json');
  const sources: ByteSource[] = [];
  try {
    for (const file of await tensorFiles(folder)) sources.push(await openFile(`${folder}/${file}`));
    const tensors = await SafetensorsStore.open(sources);
    return {
      name: folder,
      config: config!,
      tokenizer: tokenizer!,
      tokenizerConfig: tokenizerConfig!,
      tensors,
    };
  } catch (error) {
    await Promise.all(sources.map((source) => source.close()));
    throw error;
  }
}

/** Parses a JSON object. Throws `checkpoint-corrupt`. */
export function parseJson(text: string, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ListwiseError('checkpoint-corrupt', `${name} is not JSON.`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ListwiseError('checkpoint-corrupt', `${name} is not a JSON object.`);
  }
  return value as Record<string, unknown>;
}

async function required(folder: string, file: string): Promise<string> {
  const text = await readTextFile(`${folder}/${file}`);
  if (text !== undefined) return text;
  throw new ListwiseError('checkpoint-not-found', `There is no ${file} in ${folder}.`, {
    hint: 'A model folder holds config.json, tokenizer.json, tokenizer_config.json and model.safetensors.',
  });
}

/** The files that hold tensors: those an index names, or the single one. */
async function tensorFiles(folder: string): Promise<string[]> {
  const indexFile = 'model.safetensors.index.json';
  const text = await readTextFile(`${folder}/${indexFile}`);
  if (text === undefined) return ['model.safetensors'];
  const { weight_map: map } = parseJson(text, `${folder}/${indexFile}`);
  const files = typeof map === 'object' && map !== null ? [...new Set(Object.values(map))] : [];
  const plain = files.every((file) => typeof file === 'string' && /^[^/\\]+\.safetensors$/.test(file));
  if (files.length === 0 || !plain) {
    throw new ListwiseError(
      'checkpoint-corrupt',
      `${folder}/${indexFile} names no .safetensors files beside it.`,
    );
  }
  return files as string[];
}
