/**
 * A tokenizer.json as the parts that encoding takes: byte-level BPE behind a normaliser and one pattern that cuts a text
 * into pieces. Patterns are of Oniguruma's kind; Hugging Face's package writes them as JavaScript's.
 */
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { ListwiseError } from '../../error.js';
import type { Steps } from '../steps.js';
import { Bpe, type Merges } from './bpe.js';
import { nfc } from './normal-form.js';
import { Vocabulary } from './vocabulary.js';

type Json = Readonly<Record<string, unknown>>;

/** More than any vocabulary has. */
const MOST_TOKENS = 2 ** 24;

export type Normaliser = (text: string) => Steps<string>;

export interface TokenizerParts {
  readonly normalise: Normaliser;
  /** What it matches is a piece, and so is what lies between two matches. */
  readonly pattern: RegExp;
  readonly bpe: Bpe;
  readonly vocabulary: Vocabulary;
}

/** Throws `checkpoint-corrupt`, and `unsupported-model` for other kinds of tokenizers. */
export function tokenizerParts({ normalizer, pre_tokenizer, decoder, model }: Json): TokenizerParts {
  expectByteLevel('decoder', decoder);
  const { vocabulary, merges } = vocabularyAndMerges(model);
  return {
    normalise: normalizer === null ? atOnce((text) => text) : normaliser(normalizer),
    pattern: splitPattern(pre_tokenizer),
    bpe: bytePairs(vocabulary, merges),
    vocabulary,
  };
}

function atOnce(change: (text: string) => string): Normaliser {
  // biome-ignore lint/correctness/useYield: a single step
  return function* (text) {
    return change(text);
  };
}

function bytePairs(vocabulary: Vocabulary, merges: Merges): Bpe {
  try {
    return new Bpe(vocabulary, merges);
  } catch (cause) {
    if (cause instanceof RangeError) throw corrupt(cause.message, cause);
    throw cause;
  }
}

function normaliser(config: unknown): Normaliser {
  const { type, ...options } = object('normalizer', config);
  switch (type) {
    case 'Sequence': {
      const steps = list('normalizer.normalizers', options.normalizers).map(normaliser);
      return function* (text) {
        let changed = text;
        for (const step of steps) {
          changed = yield* step(changed);
          yield;
        }
        return changed;
      };
    }
    case 'NFC':
      return nfc;
    case 'Lowercase': // letter by letter: a sigma at a word's end is one like any other
      return atOnce((text) => text.replaceAll('Σ', 'σ').toLowerCase());
    case 'Prepend': {
      const prepended = string('normalizer.prepend', options.prepend);
      return atOnce((text) => prepended + text);
    }
    case 'Replace': {
      const { normalizer } = huggingFaceParts({ normalizer: config });
      return atOnce((text) => normalizer!.normalize(text));
    }
    default:
      throw unsupported('normalizer', type);
  }
}

/** The pattern of a Split before a ByteLevel that cuts no further. */
function splitPattern(config: unknown): RegExp {
  const { type, pretokenizers } = object('pre_tokenizer', config);
  if (type !== 'Sequence') throw unsupported('pre_tokenizer', type);
  const [split, bytes, ...others] = list('pre_tokenizer.pretokenizers', pretokenizers);
  const { type: kind, behavior, invert } = object('pre_tokenizer', split);
  if (kind !== 'Split' || behavior !== 'Isolated' || invert !== false || others.length > 0) {
    throw unsupported('pre_tokenizer', `${kind} of ${behavior}`);
  }
  expectByteLevel('pre_tokenizer', bytes);
  const { pre_tokenizer } = huggingFaceParts({ pre_tokenizer: split });
  if (pre_tokenizer?.pattern) return pre_tokenizer.pattern;
  throw corrupt('its pre_tokenizer has no pattern');
}

/** What is used of Hugging Face's package, which makes such parts for whole tokenizers only. */
interface HuggingFaceParts {
  readonly normalizer: { normalize(text: string): string } | null;
  readonly pre_tokenizer: { readonly pattern?: RegExp | null } | null;
}

function huggingFaceParts(parts: { normalizer?: unknown; pre_tokenizer?: unknown }): HuggingFaceParts {
  const model = { type: 'BPE', vocab: {}, merges: [] };
  const none = {
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    added_tokens: [],
  };
  try {
    return new HuggingFaceTokenizer({ ...none, model, ...parts }, {});
  } catch (cause) {
    throw corrupt(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function expectByteLevel(part: string, config: unknown): void {
  const { type, use_regex, add_prefix_space } = object(part, config);
  if (type !== 'ByteLevel') throw unsupported(part, type);
  if (part === 'pre_tokenizer' && (use_regex !== false || add_prefix_space !== false)) {
    throw unsupported(part, 'ByteLevel with a pattern or a blank of its own');
  }
}

const UNKNOWN_RULES = [
  'unk_token',
  'continuing_subword_prefix',
  'end_of_word_suffix',
  'byte_fallback',
  'ignore_merges',
  'dropout',
];

function vocabularyAndMerges(config: unknown): { vocabulary: Vocabulary; merges: Merges } {
  const model = object('model', config);
  if (model.type !== 'BPE') throw unsupported('model', model.type);
  const unknown = UNKNOWN_RULES.find((rule) => model[rule]);
  if (unknown !== undefined) throw unsupported('model', `BPE with ${unknown}`);
  const ids = object('model.vocab', model.vocab);
  const vocabulary = new Vocabulary(Object.entries(ids).map(checkedToken));
  const id = (token: string): number => {
    const found = ids[token];
    if (typeof found === 'number' && vocabulary.lengthOf(found) > 0) return found;
    throw corrupt(`the vocabulary lacks ${JSON.stringify(token)}, of which a merge speaks`);
  };
  const listed = list('model.merges', model.merges);
  const merges = { left: new Int32Array(listed.length), right: new Int32Array(listed.length) };
  for (const [rank, merge] of listed.entries()) {
    const [left, right] = mergedPair(merge);
    merges.left[rank] = id(left);
    merges.right[rank] = id(right);
  }
  return { vocabulary, merges };
}

function checkedToken([token, id]: [string, unknown]): [string, number] {
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < MOST_TOKENS) return [token, id];
  throw corrupt(`the token ${JSON.stringify(token)} has the id ${JSON.stringify(id)}`);
}

/** Two texts, or one with a blank between them, as older files have it. */
function mergedPair(merge: unknown): [string, string] {
  const pair: unknown = typeof merge === 'string' ? merge.split(' ') : merge;
  if (Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string')) {
    return pair as [string, string];
  }
  throw corrupt(`${JSON.stringify(merge)} is no merge of two tokens`);
}

function object(name: string, value: unknown): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw corrupt(`its ${name} is no object`);
}

function list(name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw corrupt(`its ${name} is no list`);
}

function string(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw corrupt(`its ${name} is no text`);
}

function corrupt(what: string, cause?: unknown): ListwiseError {
  return new ListwiseError('checkpoint-corrupt', `tokenizer.json is not a usable tokenizer: ${what}.`, {
    cause,
  });
}

function unsupported(part: string, what: unknown): ListwiseError {
  if (typeof what !== 'string') return corrupt(`its ${part} has no type`);
  return new ListwiseError(
    'unsupported-model',
    `tokenizer.json: its ${part} is ${what}, which listwise does not compute.`,
    {
      hint: 'It computes byte-level BPE as Qwen has it: a normalizer, a pattern that splits, bytes, merges.',
    },
  );
}
