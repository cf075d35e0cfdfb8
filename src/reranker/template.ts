/**
 * The form of a prompt, in Jinja. It sees `query`, `documents`, `instruction` (or null), and `count`, how many
 * documents to announce. A checkpoint may bring its own, `rerank_template.jinja`; each protocol has a default.
 */
import { Template } from '@huggingface/jinja';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { ListwiseError } from '../error.js';
import jinaRerankerV3 from './templates/jina-reranker-v3.jinja?raw';
import qwen3Reranker from './templates/qwen3-reranker.jinja?raw';
import { DOCUMENT_MARKER, QUERY_MARKER } from './tokenizer.js';

/** What a template is rendered with. */
export interface TemplateValues {
  readonly query: string;
  readonly documents: readonly string[];
  readonly instruction: string | null;
  readonly count: number;
}

/** What of a prompt is read: the markers in it, or its last token. */
export type ReadAt = 'markers' | 'end';

const BY_DEFAULT: Readonly<Record<ReadAt, string>> = { markers: jinaRerankerV3, end: qwen3Reranker };

export class PromptTemplate {
  readonly readAt: ReadAt;
  readonly #template: Template;
  readonly #tags: RegExp;

  /** Throws `checkpoint-corrupt` for a template that does not parse. */
  constructor(source?: string, readAt: ReadAt = 'markers') {
    source ??= BY_DEFAULT[readAt];
    this.readAt = readAt;
    this.#template = attempt(() => new Template(source));
    this.#tags = beginningsOf(tagNames(source));
  }

  static of({ template }: Pick<Checkpoint, 'template'>, readAt: ReadAt = 'markers'): PromptTemplate {
    return new PromptTemplate(template, readAt);
  }

  /**
   * A user's text without the tags that give the prompt its structure: `‹` takes the place of their `<`, so that the
   * words stay and the border goes. The published code leaves them, and the model then believes them.
   */
  withoutTags(text: string): string {
    return text.replace(this.#tags, '‹');
  }

  /** Throws `checkpoint-corrupt`, also if the prompt lacks a marker for a document or for the query. */
  render(values: TemplateValues): string {
    const text = attempt(() => this.#template.render({ ...values }));
    if (this.readAt === 'end') return text;
    const documents = text.split(DOCUMENT_MARKER).length - 1;
    if (documents === values.documents.length && text.includes(QUERY_MARKER)) return text;
    throw broken(
      `it gives ${documents} of ${values.documents.length} documents a ${DOCUMENT_MARKER}, or the query no ${QUERY_MARKER}`,
    );
  }
}

/** The names of the tags that a template writes before the query is read: what stands after it can't be seen. */
function tagNames(source: string): string[] {
  const end = source.lastIndexOf(QUERY_MARKER);
  const seen = end < 0 ? source : source.slice(0, end);
  return [...new Set(Array.from(seen.matchAll(/<\/?([a-z][\w-]*)/gi), ([, name]) => name!))];
}

/** The `<` of these tags, opening or closing, in small or large letters, with blanks or without. */
function beginningsOf(names: readonly string[]): RegExp {
  return names.length === 0
    ? /(?!)/gu
    : new RegExp(`<(?=\\s*(?:/\\s*)?(?:${names.join('|')})(?![\\w-]))`, 'giu');
}

function attempt<T>(task: () => T): T {
  try {
    return task();
  } catch (cause) {
    throw broken(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function broken(what: string, cause?: unknown): ListwiseError {
  return new ListwiseError('checkpoint-corrupt', `The checkpoint's prompt template is not usable: ${what}.`, {
    cause,
    hint: 'See rerank_template.jinja in its folder.',
  });
}
