/** Documents as requests have them: texts, or objects of which some fields are read. */
import { z } from '@hono/zod-openapi';

/** What is deeper can't be written out again. */
const MOST_DEPTH = 100;

/** Its text is the field `text`, or what `rank_fields` names. */
export type DocumentObject = Readonly<Record<string, unknown>>;
export type GivenDocument = string | DocumentObject;

/** JSON Schema knows no way to say what `rank_fields` changes, so the words do. */
export const documentField = z.union([z.string(), z.looseObject({})]).openapi({
  anyOf: [
    { type: 'string' },
    {
      type: 'object',
      properties: { text: { type: 'string' } },
      required: ['text'],
      description:
        'Its text is read. A request with `rank_fields`, as Cohere’s version 1 has it, names what is read ' +
        'instead: strings, numbers and booleans, one below the other. Each document must have one of them.',
    },
  ],
});

/** Takes `null`, too, and an empty list for none. */
export const rankFields = z.array(z.string()).nullish();

/** The text that is read of each document. Tells `context` of those without one. */
export function textsOf(
  documents: readonly GivenDocument[],
  fields: readonly string[] | null | undefined,
  context: z.RefinementCtx,
): string[] {
  const named = fields && fields.length > 0 ? fields : undefined;
  return documents.map((document, place) => {
    if (typeof document === 'string') return document;
    const text = named ? textOf(document, named) : document.text;
    if (typeof text === 'string' && !isNestedDeeper(document, MOST_DEPTH)) return text;
    const wanted = named ? `text in ${named.join(' or ')}` : 'a text';
    const message = `expected a string or an object with ${wanted}, at most ${MOST_DEPTH} levels deep`;
    context.addIssue({ code: 'custom', path: ['documents', place], message });
    return '';
  });
}

/** The values of the fields, one below the other. */
function textOf(document: DocumentObject, fields: readonly string[]): string | undefined {
  const values = fields
    .map((field) => (Object.hasOwn(document, field) ? document[field] : undefined))
    .filter((value) => value !== undefined && value !== null);
  const areTexts = values.every((value) => ['string', 'number', 'boolean'].includes(typeof value));
  return values.length > 0 && areTexts ? values.join('\n') : undefined;
}

function isNestedDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isNestedDeeper(part, levels - 1));
}
