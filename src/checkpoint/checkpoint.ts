/** A checkpoint: a config, a tokenizer and tensors, wherever they come from. */
import { ListwiseError } from '../error.js';
import type { ByteSource } from '../platform/byte-source.js';
import { folderFiles, type ModelFiles, readText } from './files.js';
import { SafetensorsStore, type TensorStore } from './tensors.js';

export interface Checkpoint {
  /** What people call it. */
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly tokenizer: Readonly<Record<string, unknown>>;
  readonly tokenizerConfig: Readonly<Record<string, unknown>>;
  /** The form of its prompts, if it brings one: see reranker/template.ts. */
  readonly template?: string | undefined;
  readonly tensors: TensorStore;
}

/** Opens the folder of a checkpoint: see `readCheckpoint`. */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  return readCheckpoint(await folderFiles(folder));
}

/**
 * Opens a checkpoint as Hugging Face lays it out: config.json, tokenizer.json, tokenizer_config.json, and
 * model.safetensors or the shards that model.safetensors.index.json names. Only headers are read yet.
 * Throws `checkpoint-not-found`, `checkpoint-corrupt`.
 */
export async function readCheckpoint(files: ModelFiles): Promise<Checkpoint> {
  const json = async (name: string) => parseJson(await required(files, name), `${files.name}/${name}`);
  const config = await json('config.json');
  const tokenizer = await json('tokenizer.json');
  const tokenizerConfig = await json('tokenizer_config.json');
  const template = await readText(files, 'rerank_template.jinja');
  const sources: ByteSource[] = [];
  try {
    for (const name of await tensorFiles(files)) sources.push(await files.open(name));
    const tensors = await SafetensorsStore.open(sources);
    return {
      name: files.name,
      config,
      tokenizer,
      tokenizerConfig,
      template,
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

async function required(files: ModelFiles, name: string): Promise<string> {
  const text = await readText(files, name);
  if (text !== undefined) return text;
  throw new ListwiseError('checkpoint-not-found', `There is no ${name} in ${files.name}.`, {
    hint: 'A model folder holds config.json, tokenizer.json, tokenizer_config.json and model.safetensors.',
  });
}

/** The files that hold tensors: those an index names, or the single one. */
async function tensorFiles(files: ModelFiles): Promise<string[]> {
  const indexFile = 'model.safetensors.index.json';
  const text = await readText(files, indexFile);
  if (text === undefined) return ['model.safetensors'];
  const { weight_map: map } = parseJson(text, `${files.name}/${indexFile}`);
  const shards = typeof map === 'object' && map !== null ? [...new Set(Object.values(map))] : [];
  const plain = shards.every((file) => typeof file === 'string' && /^[^/\\]+\.safetensors$/.test(file));
  if (shards.length === 0 || !plain) {
    throw new ListwiseError(
      'checkpoint-corrupt',
      `${files.name}/${indexFile} names no .safetensors files beside it.`,
    );
  }
  return shards as string[];
}
