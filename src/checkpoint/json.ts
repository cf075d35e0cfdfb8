/** JSON in the files of a checkpoint. */
import { ListwiseError } from '../error.js';

/** Parses a JSON object. Throws `checkpoint-corrupt`. */
export function parseJson(text: string, name: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const why = pythonNumber(text);
    throw new ListwiseError('checkpoint-corrupt', `${name} is not JSON${why ? `: ${why}` : ''}.`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ListwiseError('checkpoint-corrupt', `${name} is not a JSON object.`);
  }
  return value as Record<string, unknown>;
}

/** Names the first number of a text that Python writes and JSON does not have. */
function pythonNumber(text: string): string | undefined {
  let before = 'its beginning';
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b/gs)) {
    if (!token.startsWith('"'))
      return `after ${before} stands ${token}, which only Python takes for a number`;
    before = token;
  }
  return undefined;
}
