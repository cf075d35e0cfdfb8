/** What is to be looked at, as users say it and as runs need it. All is checked before anything runs. */
import { ListwiseError } from '../error.js';
import type { Qwen3Config } from '../model/config.js';
import type { PromptToken } from './tokens.js';

/** Layers or heads, counted from 0. */
export type Numbers = 'all' | readonly number[];

/** Tokens of the prompt, by their places; `markers` are the documents' and the query's. */
export type Rows = 'markers' | 'all' | readonly number[];

/** The prompt and the model that are looked into. */
export interface Subject {
  readonly config: Qwen3Config;
  readonly tokens: readonly PromptToken[];
}

export function layersOf(asked: Numbers | undefined, { config }: Subject): number[] {
  return numbers('layers', asked ?? 'all', config.layers, 'layers');
}

export function headsOf(asked: Numbers | undefined, { config }: Subject): number[] {
  return numbers('heads', asked ?? 'all', config.heads, 'heads');
}

/** Ascending, the markers by default. */
export function rowsOf(asked: Rows | undefined, { tokens }: Subject): number[] {
  if (asked === undefined || asked === 'markers') return markersOf(tokens);
  return numbers('rows', asked, tokens.length, 'tokens');
}

/** The documents' markers, and the query's last. */
export function markersOf(tokens: readonly PromptToken[]): number[] {
  return [...tokens.keys()].filter((place) => tokens[place]!.part.kind === 'marker');
}

/** A whole number below `limit`. */
export function place(name: string, value: unknown, limit: number, what: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < limit) return value;
  throw invalid(
    `${name} has ${JSON.stringify(value) ?? typeof value}; there are ${limit} ${what}, 0 to ${limit - 1}.`,
  );
}

export function invalid(message: string, hint?: string): ListwiseError {
  return new ListwiseError('invalid-input', message, hint === undefined ? {} : { hint });
}

/** Each once, ascending. */
function numbers(name: string, asked: unknown, limit: number, what: string): number[] {
  if (asked === 'all') return Array.from({ length: limit }, (_, i) => i);
  if (!Array.isArray(asked) || asked.length === 0) {
    throw invalid(
      `${name} is ${JSON.stringify(asked) ?? typeof asked}, expected "all" or places from 0 to ${limit - 1}.`,
    );
  }
  const checked = asked.map((value: unknown) => place(name, value, limit, what));
  return [...new Set(checked)].sort((a, b) => a - b);
}
