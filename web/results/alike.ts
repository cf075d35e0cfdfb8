/** Documents that say nearly what a better one says, told by their embeddings, as the option `diversity` does. */

/** From this cosine on: a text with some words changed has 0.95, another one on the same subject 0.3 to 0.5. */
const NEARLY_THE_SAME = 0.9;

/** Documents that are compared: the best ones. Each takes a product with every one that is not folded. */
const MOST = 1000;

/** For each document, by relevance, the place of the better one that it repeats. */
export function repeatedPlaces(embeddings: readonly Float32Array[]): (number | undefined)[] {
  const directions = embeddings.slice(0, MOST).map(normalized);
  const leaders: number[] = [];
  return embeddings.map((_, place) => {
    const direction = directions[place];
    if (!direction) return undefined;
    const leader = leaders.find((other) => dot(directions[other]!, direction) >= NEARLY_THE_SAME);
    if (leader === undefined) leaders.push(place);
    return leader;
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
