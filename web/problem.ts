/** What a visitor can put right: a sentence that says what is wrong, and a second that says what to do. */
import { ListwiseError } from '../src/error.js';

export function problem(message: string, hint: string, cause?: unknown): ListwiseError {
  return new ListwiseError('invalid-input', message, { hint, cause });
}

/** Both sentences of an error, or the one that there is. */
export function sentencesOf(error: unknown): string {
  if (error instanceof ListwiseError && error.hint) return `${error.message} ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}
