/** How documents are dealt into prompts. */

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
