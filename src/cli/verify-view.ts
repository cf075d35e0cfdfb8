/** What `verify` found, for people: a line for each check, written as soon as it is known. */
import { styleText } from 'node:util';
import type { Expected } from '../verify/expected.js';
import type { Check, Numbers } from '../verify/verify.js';
import { oneLine } from './terminal-text.js';

/** As wide as what stands in each column. */
const COLUMNS = [
  { title: 'device', width: 9 },
  { title: 'dtype', width: 5 },
  { title: 'largest error', width: 13 },
  { title: 'allowed', width: 7 },
  { title: 'order', width: 5 },
  { title: 'load, s', width: 7 },
] as const;

const GAP = '  ';

const RESULTS: Readonly<Record<Check['result'], string>> = {
  passed: styleText('green', '✓ passed'),
  failed: styleText('red', '✗ failed'),
  'not-run': styleText('yellow', '–'),
};

export function tableHead({ description }: Expected): string {
  const titles = row([...COLUMNS.map(({ title }) => title)]);
  return `${oneLine(description)}\n\n${styleText('bold', `${titles}${GAP}result`)}\n`;
}

export function checkView({ device, dtype, result, reason = '', numbers }: Check): string {
  const start = row([device, dtype ?? '', ...(numbers ? cellsOf(numbers) : [])]);
  const end = styleText('dim', oneLine(numbers?.description ?? reason));
  return `${[start, RESULTS[result], end].join(GAP).trimEnd()}\n`;
}

export function verdictView({ source }: Expected, checks: readonly Check[]): string {
  const count = (wanted: Check['result']) => checks.filter(({ result }) => result === wanted).length;
  const [passed, failed] = [count('passed'), count('failed')];
  if (failed > 0) {
    const verdict = styleText('red', `${failed} of ${passed + failed} failed.`);
    const doubt =
      source === 'golden' ? 'Please' : "If the model's files are whole and as they were published, please";
    return `\n${verdict} ${doubt} report this, with the name of your processor or graphics card.\n`;
  }
  if (passed === 0) return `\n${styleText('red', 'Nothing could be checked.')}\n`;
  return `\n${styleText('green', passed === 1 ? 'It passed.' : `All ${passed} passed.`)}\n`;
}

function cellsOf({ largestError, allowed, ordered, loadSeconds }: Numbers): string[] {
  return [
    largestError === 0 ? '0' : largestError.toExponential(1),
    allowed.toExponential(),
    ordered ? 'right' : 'wrong',
    loadSeconds.toFixed(2),
  ];
}

/** Words to the left, numbers to the right. */
function row(cells: readonly string[]): string {
  return COLUMNS.map(({ width }, i) => {
    const cell = cells[i] ?? '';
    return i < 2 ? cell.padEnd(width) : cell.padStart(width);
  }).join(GAP);
}
