/** A request, checked once where it enters. */
import type { DownloadProgress } from '../checkpoint/hub/snapshot.js';
import { ListwiseError } from '../error.js';

/** Longer texts are cut to so many tokens, unless the request says otherwise. */
export interface Limits {
  readonly document: number;
  readonly query: number;
}

/** Those of a listwise prompt. */
export const LISTWISE_LIMITS: Limits = { document: 2048, query: 512 };

/**
 * How far a load or a rerank has come: in bytes of the download, in runs that are timed to tune a GPU, in layers of the
 * load, in tokens of the rerank.
 */
export interface Progress {
  readonly phase: 'download' | 'tune' | 'load' | 'rerank';
  readonly done: number;
  readonly total: number;
  /** The file that is being downloaded. */
  readonly file?: DownloadProgress['file'];
}

/** The side of a long text that is cut off. */
export type TruncationSide = 'start' | 'end';

/** How `Reranker.rerank` reads a list and what it returns of it. */
export interface RerankOptions {
  /** How many documents to return at most: all by default. */
  readonly topN?: number | undefined;
  /** From −1 to 1: documents whose relevance score is lower are left out. All are in by default. */
  readonly minScore?: number | undefined;
  readonly returnEmbeddings?: boolean | undefined;
  /**
   * From 0 to 1: how much a document that says what others say gives way to one that says something else. The
   * ranking is then in the order of what each document adds, its `gain`; 0 keeps the order of relevance.
   */
  readonly diversity?: number | undefined;
  /** Longer documents are cut to this many tokens: 2048 by default. */
  readonly maxDocumentLength?: number | undefined;
  /** A longer query is cut to this many tokens: 512 by default. */
  readonly maxQueryLength?: number | undefined;
  /** Where a text that is too long is cut: at its `end` by default. At its `start` means that the end is read. */
  readonly truncate?: TruncationSide | undefined;
  /** Tells the model what relevance means, as in "Prefer recent passages." */
  readonly instruction?: string | undefined;
  /**
   * Leaves the tags of the prompt itself (`</passage>`, `<query>`) in texts, as the model's released code does: whoever
   * writes one can make the model take a text for two, or for the query. By default `‹` takes the place of their `<`.
   */
  readonly keepTags?: boolean | undefined;
  /** Handles user text as the model's released code does: control tokens and tags in it count. For comparisons only. */
  readonly released?: boolean | undefined;
  /** Hears how far the request is. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Query, documents and options after checking, defaults filled in. */
export interface RerankRequest {
  readonly query: string;
  readonly documents: readonly string[];
  readonly topN: number;
  readonly minScore: number | undefined;
  readonly returnEmbeddings: boolean;
  readonly diversity: number | undefined;
  readonly maxDocumentLength: number;
  readonly maxQueryLength: number;
  readonly truncate: TruncationSide;
  readonly instruction: string | undefined;
  readonly keepTags: boolean;
  readonly released: boolean;
  /** How many documents the prompts announce, if not as many as there are. */
  readonly announce: number | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Throws `invalid-input`. */
export function checkRequest(
  query: unknown,
  documents: unknown,
  options: RerankOptions & { readonly announce?: number | undefined },
  limits: Limits,
): RerankRequest {
  if (typeof query !== 'string') throw invalid(`The query is ${kindOf(query)}, expected a string`);
  if (query.trim() === '') throw invalid('The query is empty, expected some text');
  if (!Array.isArray(documents))
    throw invalid(`documents is ${kindOf(documents)}, expected an array of strings`);
  // A copy: the request may wait for its turn, and the caller's array may change meanwhile. It has no holes either.
  const texts = Array.from(documents, (document: unknown, index) => {
    if (typeof document === 'string') return document;
    throw invalid(`Document ${index} is ${kindOf(document)}, expected a string`);
  });
  const { instruction } = options;
  if (instruction !== undefined && typeof instruction !== 'string') {
    throw invalid(`instruction is ${kindOf(instruction)}, expected a string`);
  }
  return {
    query,
    documents: texts,
    topN: wholeNumber('topN', options.topN, texts.length, 0),
    minScore: numberFrom(-1, 'minScore', options.minScore),
    returnEmbeddings: options.returnEmbeddings ?? false,
    diversity: numberFrom(0, 'diversity', options.diversity),
    maxDocumentLength: wholeNumber('maxDocumentLength', options.maxDocumentLength, limits.document, 1),
    maxQueryLength: wholeNumber('maxQueryLength', options.maxQueryLength, limits.query, 1),
    truncate: truncationSide(options.truncate),
    instruction,
    keepTags: options.keepTags ?? false,
    released: options.released ?? false,
    announce: options.announce === undefined ? undefined : wholeNumber('announce', options.announce, 0, 1),
    onProgress: options.onProgress,
    signal: options.signal,
  };
}

export function wholeNumber(name: string, value: unknown, byDefault: number, least: number): number {
  if (value === undefined) return byDefault;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least) return value;
  throw invalid(`${name} is ${shown(value)}, expected a whole number of at least ${least}`);
}

export function numberFrom(least: -1 | 0, name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= least && value <= 1) return value;
  throw invalid(`${name} is ${shown(value)}, expected a number from ${least} to 1`);
}

function truncationSide(value: unknown): TruncationSide {
  if (value === undefined) return 'end';
  if (value === 'start' || value === 'end') return value;
  throw invalid(`truncate is ${shown(value)}, expected "start" or "end"`);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'number' ? String(value) : kindOf(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value;
}

function invalid(what: string): ListwiseError {
  return new ListwiseError('invalid-input', `${what}.`);
}
