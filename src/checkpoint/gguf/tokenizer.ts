/** The tokenizer in a GGUF file's metadata, as the tokenizer.json it was converted from. */
import { ListwiseError } from '../../error.js';
import type { Metadata } from './header.js';

type Json = Record<string, unknown>;

/** What the format calls kinds of tokens. */
const NORMAL = 1;
const CONTROL = 3;
const USER_DEFINED = 4;
const UNUSED = 5; // fills the vocabulary up to the embedding table's rows

/**
 * How Qwen's tokenizers cut a text before byte pairs are merged: contractions, words, single digits, punctuation, line
 * breaks, white space.
 */
const QWEN2_WORDS =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const BYTE_LEVEL = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false };

/**
 * A tokenizer.json: byte-level BPE after NFC, and the control and user-defined tokens as added tokens. A token's id is
 * its place in the list. Throws `checkpoint-mismatch` where there is no tokenizer, `checkpoint-corrupt`, and
 * `unsupported-model` for a tokenizer that is not Qwen's.
 */
export function tokenizerFromMetadata(metadata: Metadata): Json {
  expectName(metadata, 'tokenizer.ggml.model', 'gpt2');
  expectName(metadata, 'tokenizer.ggml.pre', 'qwen2');
  const tokens = list(metadata, 'tokenizer.ggml.tokens', isString);
  const types = list(metadata, 'tokenizer.ggml.token_type', isNumber);
  const merges = list(metadata, 'tokenizer.ggml.merges', isString);
  if (types.length !== tokens.length) {
    throw corrupt(`tokenizer.ggml.token_type has ${types.length} entries for ${tokens.length} tokens`);
  }
  const vocabulary = new Map<string, number>();
  const added: Json[] = [];
  for (const [id, token] of tokens.entries()) {
    const type = types[id]!;
    if (type === NORMAL) {
      if (vocabulary.has(token)) throw corrupt(`the token ${JSON.stringify(token)} is there twice`);
      vocabulary.set(token, id);
    } else if (type === CONTROL || type === USER_DEFINED) {
      added.push(addedToken(id, token, type === CONTROL));
    } else if (type !== UNUSED) {
      throw unsupported(`the token ${JSON.stringify(token)} is of type ${type}`);
    }
  }
  return {
    added_tokens: added,
    normalizer: { type: 'NFC' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: QWEN2_WORDS }, behavior: 'Isolated', invert: false },
        BYTE_LEVEL,
      ],
    },
    post_processor: BYTE_LEVEL,
    decoder: BYTE_LEVEL,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(vocabulary),
      merges: merges.map(mergedPair),
    },
  };
}

/** A tokenizer_config.json: what the tokenizer was made for is the model's context. */
export function tokenizerConfigFromMetadata(metadata: Metadata): Json {
  return { model_max_length: metadata.get('qwen3.context_length') };
}

function addedToken(id: number, content: string, special: boolean): Json {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special };
}

function mergedPair(merge: string): string[] {
  const pair = merge.split(' ');
  if (pair.length === 2) return pair;
  throw corrupt(`the merge ${JSON.stringify(merge)} is not two tokens with a space between them`);
}

function expectName(metadata: Metadata, key: string, expected: string): void {
  const value = metadata.get(key);
  if (value === undefined) throw missing(key);
  if (value !== expected) throw unsupported(`${key} is ${JSON.stringify(value)}, expected "${expected}"`);
}

function list<T>(metadata: Metadata, key: string, isItem: (item: unknown) => item is T): T[] {
  const value = metadata.get(key);
  if (value === undefined) throw missing(key);
  if (Array.isArray(value) && value.every(isItem)) return value;
  throw corrupt(`${key} is not a list of the right type`);
}

function isString(item: unknown): item is string {
  return typeof item === 'string';
}

function isNumber(item: unknown): item is number {
  return typeof item === 'number';
}

const HINT = 'Put the model’s tokenizer.json and tokenizer_config.json beside the GGUF file.';

function missing(key: string): ListwiseError {
  return new ListwiseError('checkpoint-mismatch', `The GGUF metadata has no ${key}.`, { hint: HINT });
}

function corrupt(what: string): ListwiseError {
  return new ListwiseError('checkpoint-corrupt', `The GGUF metadata’s tokenizer: ${what}.`, { hint: HINT });
}

function unsupported(what: string): ListwiseError {
  return new ListwiseError('unsupported-model', `The GGUF metadata’s tokenizer: ${what}.`, { hint: HINT });
}
