/**
 * Text to token ids. Hugging Face's tokenizers does the byte-level BPE; this class decides which text may hold
 * control tokens (`<|im_end|>`, the markers …): the template's may, a user's may not.
 */
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { ListwiseError } from '../error.js';

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
  readonly documentMarker: number;
  readonly queryMarker: number;
  readonly #plain: HuggingFaceTokenizer;
  readonly #controlIds: ReadonlyMap<string, number>;
  readonly #controlTokens: RegExp;

  /** Throws `checkpoint-corrupt`, or `checkpoint-mismatch` when a marker or its context's length is missing. */
  constructor({ tokenizer, tokenizerConfig, config }: TokenizerFiles) {
    const added = addedTokens(tokenizer);
    this.#controlIds = new Map(added.map(({ content, id }) => [content, id]));
    this.#controlTokens = splitter(added);
    this.documentMarker = this.#marker(DOCUMENT_MARKER);
    this.queryMarker = this.#marker(QUERY_MARKER);
    this.maxLength = maxLength(tokenizerConfig, config);
    try {
      // Added tokens are left out: whether they count is decided here, text by text.
      this.#plain = new HuggingFaceTokenizer({ ...tokenizer, added_tokens: [] }, { ...tokenizerConfig });
    } catch (cause) {
      throw new ListwiseError(
        'checkpoint-corrupt',
        `tokenizer.json is not a usable tokenizer (${message(cause)}).`,
        { cause },
      );
    }
  }

  /** Encodes text as it stands: nothing in it becomes a control token. */
  encodePlain(text: string): number[] {
    return text === '' ? [] : this.#plain.encode(text, { add_special_tokens: false }).ids;
  }

  /** Encodes text in which control tokens count. */
  encode(text: string): number[] {
    return this.splitControlTokens(text).flatMap((part) =>
      typeof part === 'number' ? [part] : this.encodePlain(part),
    );
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
    const contents = new Map([...this.#controlIds].map(([content, id]) => [id, content]));
    const parts: { text: string; isControl: boolean }[] = [];
    let plain: number[] = [];
    const flush = () => {
      if (plain.length === 0) return;
      parts.push({
        text: this.#plain.decode(plain, { clean_up_tokenization_spaces: false }),
        isControl: false,
      });
      plain = [];
    };
    for (const id of ids) {
      const control = contents.get(id);
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

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
