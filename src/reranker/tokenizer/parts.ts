/**
 * A tokenizer.json as the parts that encoding takes: byte-level BPE behind a normaliser and one pattern that cuts a text
 * into pieces. Patterns are of Oniguruma's kind; Hugging Face's package writes them as JavaScript's.
 */
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { ListwiseError } from '../../error.js';
import { Bpe } from './bpe.js';
import { bytesOfToken } from './byte-level.js';
import { nfc } from './normal-form.js';

type Json = Readonly<Record<string, unknown>>;

export interface TokenizerParts {
  readonly normalise: (text: string) => string;
  /** What it matches is a piece, and so is what lies between two matches. */
  readonly pattern: RegExp;
  readonly bpe: Bpe;
  readonly bytesOf: ReadonlyMap<number, Uint8Array>;
}

/** Throws `checkpoint-corrupt`, and `unsupported-model` for other kinds of tokenizers. */
export function tokenizerParts({ normalizer, pre_tokenizer, decoder, model }: Json): TokenizerParts {
  expectByteLevel('decoder', decoder);
  const { vocabulary, merges } = vocabularyAndMerges(model);
  return {
    normalise: normalizer === null ? (text) => text : normaliser(normalizer),
    pattern: splitPattern(pre_tokenizer),
    bpe: new Bpe(vocabulary, merges),
    bytesOf: vocabulary,
  };
}

function normaliser(config: unknown): (text: string) => string {
  const { type, ...options } = object('normalizer', config);
  switch (type) {
    case 'Sequence': {
      const steps = list('normalizer.normalizers', options.normalizers).map(normaliser);
      return (text) => steps.reduce((changed, step) => step(changed), text);
    }
    case 'NFC':
      return nfc;
    case 'Lowercase': // letter by letter: a sigma at a word's end is one like any other
      return (text) => text.replaceAll('Σ', 'σ').toLowerCase();
    case 'Prepend': {
      const prepended = string('normalizer.prepend', options.prepend);
      return (text) => prepended + text;
    }
    case 'Replace': {
      const { normalizer } = huggingFaceParts({ normalizer: config });
      return (text) => normalizer!.normalize(text);
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

function vocabularyAndMerges(config: unknown): {
  vocabulary: Map<number, Uint8Array>;
  merges: (readonly [number, number, number])[];
} {
  const model = object('model', config);
  if (model.type !== 'BPE') throw unsupported('model', model.type);
  for (const rule of [
    'unk_token',
    'continuing_subword_prefix',
    'end_of_word_suffix',
    'byte_fallback',
    'ignore_merges',
    'dropout',
  ]) {
    if (model[rule]) throw unsupported('model', `BPE with ${rule}`);
  }
  const ids = new Map(Object.entries(object('model.vocab', model.vocab)) as [string, number][]);
  const vocabulary = new Map<number, Uint8Array>();
  for (const [token, id] of ids) {
    const bytes = bytesOfToken(token);
    if (!Number.isSafeInteger(id) || id < 0)
      throw corrupt(`the token ${JSON.stringify(token)} has the id ${id}`);
    if (bytes && bytes.length > 0) vocabulary.set(id, bytes);
  }
  const single = new Set(
    Array.from(vocabulary.values(), (bytes) => (bytes.length === 1 ? bytes[0] : undefined)),
  );
  for (let byte = 0; byte < 256; byte++)
    if (!single.has(byte)) throw corrupt(`no token stands for the byte ${byte}`);
  const id = (token: string): number => {
    const found = ids.get(token);
    if (found !== undefined && vocabulary.has(found)) return found;
    throw corrupt(`the vocabulary lacks ${JSON.stringify(token)}, of which a merge speaks`);
  };
  const merges = list('model.merges', model.merges).map((merge) => {
    const [left, right, ...others] = Array.isArray(merge) ? merge : String(merge).split(' ');
    if (typeof left !== 'string' || typeof right !== 'string' || others.length > 0) {
      throw corrupt(`${JSON.stringify(merge)} is no merge of two tokens`);
    }
    return [id(left), id(right), id(left + right)] as const;
  });
  return { vocabulary, merges };
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
