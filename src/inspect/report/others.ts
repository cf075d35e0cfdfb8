/** What the other documents of the list do to a score. */
import type { TraceSummary } from '../summary.js';
import { change, extent, figure, nameOf, signed } from './elements.js';
import { heatTable } from './heat.js';

export function othersFigure({ documents, leftOut }: TraceSummary): HTMLElement | undefined {
  if (!leftOut || documents.length < 2) return undefined;
  const changes = leftOut.map((row) =>
    row.map((score, i) => (score === null ? undefined : score - documents[i]!.score)),
  );
  const largest = Math.max(extent(changes.flat().map((value) => Math.abs(value ?? 0))).high, 1e-6);
  const decimals = largest < 0.01 ? 2 : 1;
  const thousandths = (value: number) => change(1000 * value, decimals);
  const names = documents.map((_, i) => nameOf(i));
  const { table, show } = heatTable('without ↓', names, names);
  show(
    changes.map((row, left) =>
      row.map((value, i) =>
        value === undefined
          ? undefined
          : {
              shade: value / largest,
              text: thousandths(value),
              title: `Without ${names[left]} ${names[i]} has ${signed(leftOut[left]![i]!)}, ${thousandths(value)} thousandths`,
            },
      ),
    ),
  );
  return figure(
    'What a document does to the others',
    `How the scores change, in thousandths, when one document is not in the list: by ${(1000 * largest).toFixed(decimals)} at most.`,
    table,
  );
}
