/** What every host ranks. This file is copied beside each fixture. */
const QUERY = 'Fotos und Bilder bearbeiten';
const DOCUMENTS = [
  'Schachprogramm mit grafischer Oberfläche: gegen den Computer spielen.',
  'Image manipulation program for retouching photographs, composing pictures.',
  'Visionneuse d’images légère : parcourt un dossier de photos.',
  'Shared library to parse XML.',
];

/** Ranks with whatever serves here, and returns what to compare. */
export async function rank(Reranker, model) {
  const reranker = await Reranker.load(model);
  const ranking = await reranker.rerank(QUERY, DOCUMENTS);
  const scores = DOCUMENTS.map((_, i) => ranking.find(({ index }) => index === i).relevanceScore);
  const { device, deviceDescription } = reranker;
  await reranker.dispose();
  return { device, description: deviceDescription, scores };
}
