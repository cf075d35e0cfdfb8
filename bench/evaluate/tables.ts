/** What was measured, as Markdown for README and the model card. */
import type { LengthEffect } from './list-length.js';
import type { Metrics } from './metrics.js';
import type { Persuasion } from './persuasion.js';
import type { PositionBias } from './position-bias.js';
import type { Results, TestResult } from './results.js';
import type { UnseenResult } from './unseen.js';

export function tables({
  unseen,
  tests,
  positionBias,
  lengthEffect,
  persuasion,
  persuasionOfBM25,
}: Results): string {
  return [
    unseenTable(unseen),
    comparisonTable(tests),
    positionTable(positionBias),
    lengthTable(lengthEffect),
    persuasionTable(persuasion, persuasionOfBM25),
  ].join('\n\n');
}

function comparisonTable(tests: readonly TestResult[]): string {
  const rows = tests.map(({ name, lists, random, bm25, model }) => [
    name,
    String(lists),
    ...[random, bm25, model].map(metricsCell),
  ]);
  const head = ['test', 'lists', 'random order', 'BM25', 'model'];
  return `nDCG@10 / MRR / accuracy@1.\n\n${table(head, rows)}`;
}

function unseenTable(results: readonly UnseenResult[]): string {
  const rows = results.map(({ name, candidates, lists, found, bm25, model, both }) => [
    name,
    String(candidates),
    String(lists),
    ...[found, bm25, model, both].map(figure),
  ]);
  const head = [
    'kinds never trained on',
    'candidates',
    'lists',
    'as BM25 found them',
    'BM25 over them',
    'model',
    'sum of both',
  ];
  return `nDCG@10 among what BM25 found in a whole collection.\n\n${table(head, rows)}`;
}

function positionTable({ lists, places, spread }: PositionBias): string {
  const rows = [
    ['mean score', ...places.map(({ score }) => figure(score))],
    ['accuracy@1', ...places.map(({ accuracy }) => figure(accuracy))],
  ];
  const head = ['place of the relevant document of 16', ...places.map(({ place }) => String(place))];
  return `${table(head, rows)}\n\nThe mean scores span ${figure(spread)} (${lists} lists, random negatives).`;
}

function lengthTable({ lists, lengths, inBlocks }: LengthEffect): string {
  const rows = [
    ['BM25', ...lengths.map(({ bm25 }) => figure(bm25)), ''],
    ['model', ...lengths.map(({ model }) => figure(model)), figure(inBlocks)],
  ];
  const longest = lengths.at(-1)!.length;
  const head = [
    'nDCG@10, documents in the list',
    ...lengths.map(({ length }) => String(length)),
    `${longest}, 16 at a time`,
  ];
  return `${table(head, rows)}\n\nThe same ${lists} lists, cut.`;
}

function persuasionTable(ofModel: readonly Persuasion[], ofBM25: readonly Persuasion[]): string {
  const rows = ofModel.map(({ name, trials, scoreGained, placesGained, first }, i) => [
    name,
    figure(scoreGained),
    placesGained.toFixed(1),
    `${first} of ${trials}`,
    `${ofBM25[i]!.first} of ${trials}`,
  ]);
  const head = ['what a document ends with', 'score gained', 'places gained', 'came first', 'by BM25 first'];
  return `The document that a ranker has in the middle of 16, or last, tries to persuade.\n\n${table(head, rows)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.join('\n');
}

const metricsCell = ({ ndcg10, reciprocalRank, accuracy }: Metrics) =>
  [ndcg10, reciprocalRank, accuracy].map(figure).join(' / ');

const figure = (value: number) => value.toFixed(3);
