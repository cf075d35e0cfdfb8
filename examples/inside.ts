/** Looks into a ranking, then silences one head after the other to see which of them it hangs on. */
import { Reranker } from 'listwise';

const query = 'edit photos';
const documents = [
  'A chess engine without a board.',
  'Retouch photographs and compose pictures.',
  'View photos in a terminal.',
];

await using reranker = await Reranker.load(undefined, { device: 'wasm' });

const trace = await reranker.inspect(query, documents, { lens: true, mask: { by: 'word', documents: [2] } });
for (let layer = 0; layer < trace.layers; layer++) {
  const scores = trace.lens!.subarray(layer * documents.length, (layer + 1) * documents.length);
  console.log(`after layer ${layer}:`, [...scores].map((score) => score.toFixed(2)).join(' '));
}
for (const { start, end, effect } of trace.masked![0]!.spans) {
  if (Math.abs(effect) > 0.05) console.log(documents[2]!.slice(start, end).trim(), effect.toFixed(2));
}

for (let layer = 0; layer < trace.layers; layer++) {
  for (let head = 0; head < trace.heads; head++) {
    const edits = [{ layer, place: 'heads', head, scale: 0 }] as const;
    const { scores } = await reranker.inspect(query, documents, { edits });
    const change = Math.max(...scores.map((score, i) => Math.abs(score - trace.scores[i]!)));
    if (change > 0.1)
      console.log(`without head ${head} of layer ${layer} a score moves by ${change.toFixed(2)}`);
  }
}

// Prints:
// after layer 0: 0.00 0.00 0.00
// after layer 1: 0.00 0.00 0.00
// after layer 2: 0.02 0.43 0.47
// after layer 3: 0.00 0.14 0.32
// photos 0.35
// without head 0 of layer 0 a score moves by 0.61
// without head 1 of layer 0 a score moves by 0.24
// without head 3 of layer 0 a score moves by 0.27
// without head 0 of layer 1 a score moves by 0.52
// without head 3 of layer 3 a score moves by 0.30
