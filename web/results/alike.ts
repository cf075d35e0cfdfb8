/** Documents that say nearly what a better one says, told by their embeddings, as the option `diversity` does. */

/** From this cosine on: a text with some words changed has 0.95, another one on the same subject 0.3 to 0.5. */
const NEARLY_THE_SAME = 0.9;

/** Products of two embeddings at most, half a second of them: the best 1,400 documents, or more where many repeat. */
const MOST_PRODUCTS = 1_000_000;

/** For each document, by relevance, the place of the better one that it repeats. */
export function repeatedPlaces(embeddings: readonly Float32Array[]): (number | undefined)[] {
  const leaders: { readonly place: number; readonly direction: Float32Array }[] = [];
  let products = 0;
  return embeddings.map((embedding, place) => {
    if (products > MOST_PRODUCTS) return undefined;
    const direction = normalized(embedding);
    const found = leaders.findIndex((leader) => dot(leader.direction, direction) >= NEARLY_THE_SAME);
    products += found < 0 ? leaders.length : found + 1;
    if (found < 0) leaders.push({ place, direction });
    return leaders[found]?.place;
  });
}

function normalized(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length > 0 ? vector.map((value) => value / length) : vector;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
