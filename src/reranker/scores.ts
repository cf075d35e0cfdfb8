/** Embeddings to scores: cosine within a block, then one query embedding for all blocks. */

/** What one prompt gives. */
export interface BlockEmbeddings {
  readonly documents: readonly Float32Array[];
  readonly query: Float32Array;
}

/** Below this a vector counts as this long, as in PyTorch's cosine_similarity. */
const SHORTEST = 1e-8;

/** The least weight of a block: keeps the sum above zero where every document scores −1. */
const LIGHTEST = 1e-12;

export function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let squaresOfA = 0;
  let squaresOfB = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    squaresOfA += a[i]! ** 2;
    squaresOfB += b[i]! ** 2;
  }
  return Math.fround(
    dot / (Math.max(Math.sqrt(squaresOfA), SHORTEST) * Math.max(Math.sqrt(squaresOfB), SHORTEST)),
  );
}

/**
 * The query's embedding over all blocks. A block weighs as much as its best document is relevant:
 * w = max (1 + score) / 2; the embedding is Σ w·q / Σ w.
 */
export function mergeQueries(blocks: readonly BlockEmbeddings[]): Float32Array {
  const weights = blocks.map(({ documents, query }) =>
    documents.reduce((best, document) => Math.max(best, (1 + cosine(document, query)) / 2), LIGHTEST),
  );
  const total = weights.reduce((a, b) => a + b, 0);
  return blocks[0]!.query.map(
    (_, i) => blocks.reduce((sum, { query }, b) => sum + weights[b]! * query[i]!, 0) / total,
  );
}

/** The score of every document, in input order. */
export function scoreDocuments(blocks: readonly BlockEmbeddings[]): number[] {
  const query = mergeQueries(blocks);
  return blocks.flatMap(({ documents }) => documents.map((document) => cosine(document, query)));
}

/** The scores of one prompt, by the embeddings of its documents and, last, of its query. */
export function scoresOf(embeddings: readonly Float32Array[]): number[] {
  return scoreDocuments([{ documents: embeddings.slice(0, -1), query: embeddings.at(-1)! }]);
}

/** The places of the scores, the highest score first; equal ones stay in their order. */
export function byRelevance(scores: readonly number[]): number[] {
  return scores.map((_, index) => index).sort((a, b) => scores[b]! - scores[a]!);
}
