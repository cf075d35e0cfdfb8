/** How documents are dealt into prompts. */
import { LISTWISE_LIMITS, type RerankRequest } from './options.js';
import { type Prompt, PromptBuilder, promptLength } from './prompt.js';
import type { Steps } from './steps.js';
import type { PromptTemplate } from './template.js';
import type { Tokenizer } from './tokenizer.js';

/** Documents in one prompt at most, as the released code has it. */
const LARGEST_BLOCK = 125;

/**
 * Deals documents into blocks, in input order: a block is closed when it holds 125 documents or when what is left
 * of the context is no more than one document's limit. Returns [start, end) for each block.
 */
export function dealBlocks(
  lengths: readonly number[], // tokens of each document
  queryLength: number, // tokens
  context: number, // tokens
  maxDocumentLength: number, // tokens
): { start: number; end: number }[] {
  const blocks: { start: number; end: number }[] = [];
  let start = 0;
  let left = context - 2 * queryLength;
  for (const [index, length] of lengths.entries()) {
    left -= length;
    if (index + 1 - start < LARGEST_BLOCK && left > maxDocumentLength) continue;
    blocks.push({ start, end: index + 1 });
    start = index + 1;
    left = context - 2 * queryLength;
  }
  if (start < lengths.length) blocks.push({ start, end: lengths.length });
  return blocks;
}

/**
 * Truncates, deals into blocks, and builds a prompt for each. The rule by which blocks are dealt counts the texts
 * alone, not what the prompt puts around each: a block that does not fit the context after all is halved.
 */
export function* buildPrompts(
  tokenizer: Tokenizer,
  request: RerankRequest,
  context = tokenizer.maxLength, // tokens
  template?: PromptTemplate,
): Steps<Prompt[]> {
  const { released, keepTags } = request;
  const builder = new PromptBuilder(tokenizer, { template, released, keepTags });
  const query = yield* builder.truncate(request.query, request.maxQueryLength, request.truncate);
  const documents: { text: string; tokens: number }[] = [];
  for (const document of request.documents) {
    documents.push(yield* builder.truncate(document, request.maxDocumentLength, request.truncate));
  }
  const build = function* (start: number, end: number): Steps<Prompt[]> {
    const prompt = yield* builder.build({
      query: query.text,
      documents: documents.slice(start, end).map(({ text }) => text),
      instruction: request.instruction,
      announced: announcedIn(request, start),
    });
    if (end - start === 1 || promptLength(prompt) <= context) return [prompt];
    const middle = Math.ceil((start + end) / 2);
    return [...(yield* build(start, middle)), ...(yield* build(middle, end))];
  };
  const lengths = documents.map(({ tokens }) => tokens);
  const room = roomToKeep(lengths, request.maxDocumentLength);
  const prompts: Prompt[] = [];
  for (const { start, end } of dealBlocks(lengths, query.tokens, context, room)) {
    prompts.push(...(yield* build(start, end)));
  }
  return prompts;
}

/** One document's limit, but where it is larger than usual no more than the longest document needs of it. */
function roomToKeep(lengths: readonly number[], maxDocumentLength: number): number {
  const longest = lengths.reduce((most, length) => Math.max(most, length), LISTWISE_LIMITS.document);
  return Math.min(maxDocumentLength, longest);
}

/** What the prompt of the block from `start` on announces of the request's number. */
function announcedIn({ announce }: RerankRequest, start: number): number | undefined {
  return announce === undefined ? undefined : Math.min(announce - start, LARGEST_BLOCK);
}
