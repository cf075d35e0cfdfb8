/** Fields that several APIs have. */
import { z } from '@hono/zod-openapi';
import type { ApiOptions } from './api.js';

export const EXAMPLE_DOCUMENTS = [
  'A chess engine without a board.',
  'Retouch photographs and compose pictures.',
  'View pictures in a terminal.',
];

/** A field that may be left out; `null`, which many clients send, says the same. */
export function optional<T extends z.ZodType>(schema: T, description?: string) {
  return schema
    .nullish()
    .transform((value): z.output<T> | undefined => value ?? undefined)
    .openapi(description === undefined ? {} : { description });
}

/** With something other than white space in it, as `rerank` wants it. Not `\S`, which other languages read differently. */
export const queryField = z
  .string()
  .regex(/[^\s\uFEFF]/, 'is empty, expected some text')
  .openapi({ description: 'What is looked for.', example: 'edit photos' });

export function modelField({ names, strictModel }: ApiOptions) {
  const described = strictModel
    ? { enum: [...names, null], description: 'One of the names of the model.' }
    : { description: 'Whatever is asked for, the model that runs here ranks, and the answer names it.' };
  return optional(z.string()).openapi({ ...described, example: names[0] });
}

export function documentsField<T extends z.ZodType>(document: T, { maxDocuments }: ApiOptions) {
  return z.array(document).min(1).openapi({ maxItems: maxDocuments, example: EXAMPLE_DOCUMENTS });
}

/** Larger ones are no whole numbers in JavaScript. */
export function wholeNumber(least: number) {
  return z.int().min(least).openapi({ maximum: Number.MAX_SAFE_INTEGER });
}

/** A field that has one value, or none. */
export function only(value: number, otherwise: string, description: string) {
  return optional(z.literal(value, otherwise), description).openapi({ enum: [value, null] });
}

export function topNField() {
  return optional(wholeNumber(1), 'How many documents to return at most: all by default.').openapi({
    example: 3,
  });
}

export function minScoreField() {
  return optional(
    z.number().min(-1).max(1),
    'Of this server: documents that score lower, in the numbers of the answer, are left out.',
  );
}
