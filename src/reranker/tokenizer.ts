/**
 * Text to token ids, and which text may hold control tokens (`<|im_end|>`, the markers …): the template's may, a user's
 * may not.
 */
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { ListwiseError } from '../error.js';
import { finish, type Steps } from './steps.js';
import { Encoder } from './tokenizer/encoder.js';
import { tokenizerParts } from './tokenizer/parts.js';
import type { Vocabulary } from './tokenizer/vocabulary.js';

/** The markers whose hidden states become embeddings. */
export const DOCUMENT_MARKER = '<|embed_token|>';
export const QUERY_MARKER = '<|rerank_token|>';

/** One of the tokens that stand for a text as a whole and are never made of smaller ones. */
interface AddedToken {
  readonly id: number;
  readonly content: string;
}

type TokenizerFiles = Pick<Checkpoint, 'tokenizer' | 'tokenizerConfig'> & Partial<Pick<Checkpoint, 'config'>>;

export class Tokenizer {
  /** The context the tokenizer was made for, in tokens. */
  readonly maxLength: number;
  readonly #encoder: Encoder;
  readonly #vocabulary: Vocabulary;
  readonly #controlIds: ReadonlyMap<string, number>;
  readonly #controlContents: ReadonlyMap<number, string>;
  readonly #controlTokens: RegExp;

  /** Throws `checkpoint-corrupt`, `unsupported-model`, or `checkpoint-mismatch` when its context's length is missing. */
  constructor({ tokenizer, tokenizerConfig, config }: TokenizerFiles) {
    const added = addedTokens(tokenizer);
    this.#controlIds = new Map(added.map(({ content, id }) => [content, id]));
    this.#controlContents = new Map(added.map(({ content, id }) => [id, content]));
    this.#controlTokens = splitter(added);
    this.maxLength = maxLength(tokenizerConfig, config);
    const parts = tokenizerParts(tokenizer);
    this.#encoder = new Encoder(parts);
    this.#vocabulary = parts.vocabulary;
  }

  /** Throws `checkpoint-mismatch` where the tokenizer lacks it, as does `queryMarker`. */
  get documentMarker(): number {
    return this.#marker(DOCUMENT_MARKER);
  }

  get queryMarker(): number {
    return this.#marker(QUERY_MARKER);
  }

  /** Encodes text as it stands: nothing in it becomes a control token. */
  encodePlain(text: string): number[] {
    return finish(this.encodeParts([text]));
  }

  /** Encodes text in which control tokens count. */
  encode(text: string): number[] {
    return finish(this.encodeParts(this.splitControlTokens(text)));
  }

  /** The ids of texts, each by itself, with ids in between; the first `most` of them, with no more work than that takes. */
  *encodeParts(parts: readonly (string | number)[], most = Infinity): Steps<number[]> {
    let ids: number[] = [];
    for (const part of parts) {
      if (ids.length >= most) break;
      if (typeof part === 'number') ids.push(part);
      else ids = ids.concat(yield* this.#encoder.encode(part, most - ids.length));
    }
    return ids;
  }

  /** Text between control tokens as strings, control tokens as ids. The strings tokenise independently. */
  splitControlTokens(text: string): (string | number)[] {
    return text
      .split(this.#controlTokens)
      .filter((part) => part !== '')
      .map((part) => this.#controlIds.get(part) ?? part);
  }

  decode(ids: readonly number[]): string {
    return this.decodeParts(ids)
      .map(({ text }) => text)
      .join('');
  }

  /** The text of ids: stretches of plain text and, each by itself, control tokens. */
  decodeParts(ids: readonly number[]): { text: string; isControl: boolean }[] {
    const parts: { text: string; isControl: boolean }[] = [];
    let plain: number[] = [];
    const flush = () => {
      if (plain.length > 0) parts.push({ text: this.#decodePlain(plain), isControl: false });
      plain = [];
    };
    for (const id of ids) {
      const control = this.#controlContents.get(id);
      if (control === undefined) {
        plain.push(id);
        continue;
      }
      flush();
      parts.push({ text: control, isControl: true });
    }
    flush();
    return parts;
  }

  /** Ids that stand for nothing give nothing; bytes that are no characters, replacement characters. */
  #decodePlain(ids: readonly number[]): string {
    const bytes = Uint8Array.from(ids.flatMap((id) => [...this.#vocabulary.bytesOf(id)]));
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  }

  #marker(content: string): number {
    const id = this.#controlIds.get(content);
    if (id !== undefined) return id;
    throw new ListwiseError('checkpoint-mismatch', `tokenizer.json has no token "${content}".`, {
      hint: 'The tokenizer must be the reranker’s own; Qwen3’s lacks the markers.',
    });
  }
}

function addedTokens(tokenizer: Readonly<Record<string, unknown>>): AddedToken[] {
  const tokens = tokenizer.added_tokens;
  if (!Array.isArray(tokens))
    throw new ListwiseError('checkpoint-corrupt', 'tokenizer.json lists no added_tokens.');
  return tokens.map((token: unknown) => {
    if (!isAddedToken(token)) {
      throw new ListwiseError(
        'checkpoint-corrupt',
        `tokenizer.json: ${JSON.stringify(token)} is no added token.`,
      );
    }
    for (const rule of ['single_word', 'lstrip', 'rstrip', 'normalized'] as const) {
      if (token[rule] !== true) continue;
      throw new ListwiseError(
        'unsupported-model',
        `tokenizer.json: the token "${token.content}" asks for ${rule}.`,
      );
    }
    return token;
  });
}

function isAddedToken(token: unknown): token is AddedToken & Record<string, unknown> {
  if (typeof token !== 'object' || token === null) return false;
  const { id, content } = token as Record<string, unknown>;
  return Number.isSafeInteger(id) && Number(id) >= 0 && typeof content === 'string' && content !== '';
}

/** Matches each added token, the longest where two begin alike. Its group makes `split` keep them. */
function splitter(tokens: readonly AddedToken[]): RegExp {
  const contents = tokens.map(({ content }) => content).sort((a, b) => b.length - a.length);
  const escaped = contents.map((content) => content.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`(${escaped.join('|')})`, 'u');
}

/** The tokenizer's own, or the model's where it does not say. */
function maxLength(
  tokenizerConfig: Checkpoint['tokenizerConfig'],
  config: Checkpoint['config'] | undefined,
): number {
  const length = tokenizerConfig.model_max_length ?? config?.max_position_embeddings;
  if (typeof length === 'number' && length > 0) return length;
  throw new ListwiseError('checkpoint-mismatch', 'tokenizer_config.json has no model_max_length above 0.');
}
