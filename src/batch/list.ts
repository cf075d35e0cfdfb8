/** A list of documents to rank, as a line of the input holds it. */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Line, readLines } from './lines.js';

/** A longer line is answered with an error: no model ranks that much at once. */
const MOST_LINE_BYTES = 16 * 2 ** 20;

/** More of what is wrong with a line is not told. */
const MOST_ISSUES = 3;

const idSchema = z.union([z.string(), z.number()], { error: 'expected a string or a number' });

const documentSchema = z
  .union([z.string(), z.object({ text: z.string() })], { error: 'expected a string or {"text": string}' })
  .transform((document) => (typeof document === 'string' ? document : document.text));

/** Programs that write tables as JSON say `null` for what is not there. */
export const listSchema = z.object({
  id: idSchema.nullish(),
  query: z.string().refine((text) => text.trim() !== '', 'is empty, expected some text'),
  documents: z.array(documentSchema),
  top_n: z.int().min(1).nullish(),
  instruction: z.string().nullish(),
  return_documents: z.boolean().nullish(),
});

export const problemSchema = z.object({
  /** A ListwiseErrorCode, or `failed`. */
  code: z.string(),
  message: z.string(),
});

export type List = z.infer<typeof listSchema>;
export type ListId = z.infer<typeof idSchema>;
/** Why a list has no ranking. */
export type Problem = z.infer<typeof problemSchema>;

/** A list, or what is wrong with its line; the id is known in both cases, if there is one. */
export type ParsedLine = { readonly id: ListId | undefined } & (
  | { readonly list: List }
  | { readonly error: Problem }
);

/** The lines of a file of lists. */
export function readLists(path: string): AsyncGenerator<Line> {
  return readLines(path, MOST_LINE_BYTES);
}

/** Tells a line from what stands in its place when the file was changed. */
export function hashOf({ bytes }: Line): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

export function parseLine({ bytes, size }: Line): ParsedLine {
  if (size > MOST_LINE_BYTES) {
    const [has, may] = [size, MOST_LINE_BYTES].map((count) => (count / 2 ** 20).toFixed(1));
    return refused(`The line has ${has} MiB, expected at most ${may}.`);
  }
  if (!isUtf8(bytes)) return refused('The line is not UTF-8 text.');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return refused('The line is not JSON.');
  }
  const { success, data, error } = listSchema.safeParse(value);
  if (success) return { id: data.id ?? undefined, list: data };
  const issues = error.issues.slice(0, MOST_ISSUES);
  const told = issues.map(({ path, message }) => `${path.join('.') || 'the line'}: ${message}`).join('; ');
  return refused(`${told}.`, idOf(value));
}

function refused(message: string, id?: ListId): ParsedLine {
  return { id, error: { code: 'invalid-input', message } };
}

function idOf(value: unknown): ListId | undefined {
  return z.object({ id: idSchema }).safeParse(value).data?.id;
}
