/** A checkpoint: a config, a tokenizer and tensors, wherever they come from. */
import { ListwiseError } from '../error.js';
import type { ByteSource } from '../platform/byte-source.js';
import { filesAt, type ModelFiles, readText } from './files.js';
import { configFromMetadata } from './gguf/config.js';
import { huggingFaceNames } from './gguf/names.js';
import { readGgufModel } from './gguf/parts.js';
import { tokenizerConfigFromMetadata, tokenizerFromMetadata } from './gguf/tokenizer.js';
import { parseJson } from './json.js';
import { MlxTensors, withoutQuantization } from './mlx.js';
import { ggufModels, INDEX_FILE, PROJECTOR_FILE, WHOLE_FILE } from './packaging.js';
import { readSafetensorsHeader } from './safetensors.js';
import { type TensorFile, TensorFiles, type TensorStore } from './tensors.js';

/** A model as its files hold it: config, tokenizer and tensors, which are read when a device wants them. */
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

/** In a GGUF file of a model that answers with a word, which needs no projector. */
const ANSWER_HEAD = 'cls.output.weight';
const TEMPLATE_FILE = 'rerank_template.jinja';

/** What MLX calls the projector's two matrices. */
const MLX_PROJECTOR: ReadonlyMap<string, string> = new Map([
  ['linear1.weight', 'projector.0.weight'],
  ['linear2.weight', 'projector.2.weight'],
]);

/** What a backbone that was saved by itself, as embedding models are, has without `model.` before it. */
const BARE_BACKBONE = /^(embed_tokens|layers|norm)\./;

/** Opens a checkpoint by the path of its folder or of its .gguf file: see `readCheckpoint`. */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const { files, main } = await filesAt(path);
  return readCheckpoint(files, main);
}

/**
 * Opens a checkpoint in any of its packagings. Only headers are read yet.
 *
 * - Hugging Face's: config.json, tokenizer.json, tokenizer_config.json, and model.safetensors or, where there is no
 *   such file, the shards that model.safetensors.index.json names.
 * - MLX's: the same, but the projector in projector.safetensors; matrices may be quantised, see mlx.ts.
 * - GGUF: the backbone in one file or in parts, named by `main`, the file or the first part, or the only one there is,
 *   and projector.safetensors. The three JSON files count where they are there; the file's metadata say the same.
 *
 * Any of them may bring the form of its prompts in rerank_template.jinja.
 *
 * Throws `checkpoint-not-found`, `checkpoint-corrupt`, `checkpoint-mismatch`, `unsupported-model`.
 */
export async function readCheckpoint(files: ModelFiles, main?: string): Promise<Checkpoint> {
  const sources: ByteSource[] = [];
  const open = async (name: string) => {
    const source = await files.open(name);
    sources.push(source);
    return source;
  };
  try {
    const gguf = main ?? onlyGguf(files);
    const checkpoint = await (gguf === undefined
      ? readHuggingFace(files, open)
      : readGguf(files, gguf, open));
    return { ...checkpoint, template: await readText(files, TEMPLATE_FILE) };
  } catch (error) {
    await Promise.all(sources.map((source) => source.close()));
    throw error;
  }
}

type Open = ModelFiles['open'];

async function readHuggingFace(files: ModelFiles, open: Open): Promise<Checkpoint> {
  const { config, quantization } = withoutQuantization(await requiredJson(files, 'config.json'));
  const tokenizer = await requiredJson(files, 'tokenizer.json');
  const tokenizerConfig = await requiredJson(files, 'tokenizer_config.json');
  const wordsOf = (tensor: string) => quantization?.packingOf(tensor)?.integers;
  const tensorFiles: TensorFile[] = [];
  for (const name of await safetensorsFiles(files)) {
    const source = await open(name);
    tensorFiles.push({ source, tensors: inBackbone(await readSafetensorsHeader(source, wordsOf)) });
  }
  const hasProjector = tensorFiles.some(({ tensors }) => tensors.has('projector.0.weight'));
  if (!hasProjector && files.names.includes(PROJECTOR_FILE)) tensorFiles.push(await readProjector(open));
  const tensors = quantization ? new MlxTensors(tensorFiles, quantization) : new TensorFiles(tensorFiles);
  return { name: files.name, config, tokenizer, tokenizerConfig, tensors };
}

/** The tensors of a file under their names in the whole model. */
function inBackbone(tensors: TensorFile['tensors']): TensorFile['tensors'] {
  const isBare = (name: string) => BARE_BACKBONE.test(name) && !tensors.has(`model.${name}`);
  return new Map([...tensors].map(([name, entry]) => [isBare(name) ? `model.${name}` : name, entry]));
}

async function readGguf(files: ModelFiles, main: string, open: Open): Promise<Checkpoint> {
  const name = `${files.name}/${main}`;
  if (!files.names.includes(main)) {
    throw new ListwiseError('checkpoint-not-found', `There is no ${main} in ${files.name}.`);
  }
  const { metadata, parts } = await readGgufModel(files, main, open);
  const backbone = parts.map(({ source, tensors }) => ({
    source,
    tensors: huggingFaceNames({ metadata, tensors }, source.name),
  }));
  const hasProjector = files.names.includes(PROJECTOR_FILE);
  if (!hasProjector && !backbone.some(({ tensors }) => tensors.has(ANSWER_HEAD))) throw noProjector(name);
  const tensors = new TensorFiles(hasProjector ? [...backbone, await readProjector(open)] : backbone);
  const vocabularySize = tensors.shape('model.embed_tokens.weight')?.[0];
  return {
    name,
    config: (await optionalJson(files, 'config.json')) ?? configFromMetadata(metadata, vocabularySize),
    tokenizer: (await optionalJson(files, 'tokenizer.json')) ?? tokenizerFromMetadata(metadata),
    tokenizerConfig:
      (await optionalJson(files, 'tokenizer_config.json')) ?? tokenizerConfigFromMetadata(metadata),
    tensors,
  };
}

function noProjector(name: string): ListwiseError {
  return new ListwiseError('checkpoint-not-found', `There is no ${PROJECTOR_FILE} beside ${name}.`, {
    hint: 'A GGUF file holds the backbone only. The projector lies where the file was published: put it beside it.',
  });
}

async function readProjector(open: Open): Promise<TensorFile> {
  const source = await open(PROJECTOR_FILE);
  const tensors = await readSafetensorsHeader(source);
  return {
    source,
    tensors: new Map([...tensors].map(([name, entry]) => [MLX_PROJECTOR.get(name) ?? name, entry])),
  };
}

/** The GGUF model where there is one and nothing else to read: its file, or its first part, be it there or not. */
function onlyGguf({ name, names }: ModelFiles): string | undefined {
  const models = ggufModels(names);
  if (models.length <= 1) return models[0];
  throw new ListwiseError(
    'checkpoint-not-found',
    `${name} holds several GGUF models: ${models.join(', ')}.`,
    {
      hint: `Name one of them, as in ${name}/${models[0]}.`,
    },
  );
}

async function optionalJson(files: ModelFiles, name: string): Promise<Record<string, unknown> | undefined> {
  const text = await readText(files, name);
  return text === undefined ? undefined : parseJson(text, `${files.name}/${name}`);
}

async function requiredJson(files: ModelFiles, name: string): Promise<Record<string, unknown>> {
  const json = await optionalJson(files, name);
  if (json !== undefined) return json;
  throw new ListwiseError('checkpoint-not-found', `There is no ${name} in ${files.name}.`, {
    hint: 'A model folder holds config.json, tokenizer.json, tokenizer_config.json and model.safetensors; or a .gguf file and projector.safetensors.',
  });
}

/** The files that hold tensors: the single one where it is there, else those that an index names. */
async function safetensorsFiles(files: ModelFiles): Promise<string[]> {
  const text = files.names.includes(WHOLE_FILE) ? undefined : await readText(files, INDEX_FILE);
  if (text === undefined) return [WHOLE_FILE];
  const { weight_map: map } = parseJson(text, `${files.name}/${INDEX_FILE}`);
  const shards = typeof map === 'object' && map !== null ? [...new Set(Object.values(map))] : [];
  const plain = shards.every((file) => typeof file === 'string' && /^[^/\\]+\.safetensors$/.test(file));
  if (shards.length === 0 || !plain) {
    throw new ListwiseError(
      'checkpoint-corrupt',
      `${files.name}/${INDEX_FILE} names no .safetensors files beside it.`,
    );
  }
  return shards as string[];
}
