/** The results as Markdown. */
import { ARITHMETIC_NAMES, type Arithmetic } from '../../src/device/webgpu/arithmetic.js';
import type { Machine } from './machine.js';
import { hasFailed, type Results } from './results.js';
import { settingName } from './settings.js';

export function tables(results: Results): string {
  const { machine, checks, notes } = results;
  const wrong = new Set(checks.filter(hasFailed).map(({ arithmetic }) => arithmetic));
  const mark: Mark = (text, arithmetic) => (arithmetic && wrong.has(arithmetic) ? `${text} ✗` : text);
  const sections = [
    `# ${machine.adapter}\n\n${about(machine)}`,
    checks.length > 0 && `## Against PyTorch's values\n\n${checksTable(results)}`,
    results.products.length > 0 && `## Products, TFLOP/s\n\n${productsTable(results, mark)}`,
    results.attention.length > 0 && `## Attention, TFLOP/s\n\n${attentionTable(results, mark)}`,
    results.variants.length > 0 && `## Variants, ms\n\n${variantsTable(results)}`,
    results.prompts.length > 0 && `## Prompts\n\n${promptsTable(results, mark)}`,
    results.requests.length > 0 && `## Requests\n\n${requestsTable(results, mark)}`,
    notes.length > 0 && `## Notes\n\n${notes.map((note) => `- ${note}`).join('\n')}`,
    wrong.size > 0 && '✗: measured, but the numbers were wrong.',
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

/** Marks what is wrong. */
type Mark = (text: string, arithmetic: Arithmetic | undefined) => string;

function about({ driver, card, processor, node, arithmetics, subgroupSizes }: Machine): string {
  const can = arithmetics.map((arithmetic) => ARITHMETIC_NAMES[arithmetic]).join(', ');
  const lines = [
    driver && `Driver: ${driver}`,
    card && `nvidia-smi: ${card}`,
    `Processor: ${processor}; Node ${node}`,
    `It has ${can}; subgroups of ${[...new Set(subgroupSizes)].join(' to ')}.`,
  ];
  return lines.filter(Boolean).join('  \n');
}

function checksTable({ checks }: Results): string {
  const rows = checks.map((check) => [
    ARITHMETIC_NAMES[check.arithmetic],
    check.what,
    Number.isFinite(check.error) ? check.error.toExponential(1) : 'failed',
    check.bound.toExponential(0),
    hasFailed(check) ? '✗' : '✓',
  ]);
  return table(['arithmetic', 'what', 'largest error', 'allowed', ''], rows);
}

/** A column for each setting, a row for each shape. */
function productsTable({ products }: Results, mark: Mark): string {
  const cells = products.map((product) => ({
    row: `${product.name}, ${product.inputs} → ${product.outputs} | ${product.rows}`,
    column: settingName(product),
    text: mark(rounded(product.teraflops), product.arithmetic),
  }));
  return crossTable('layer | rows', cells);
}

function attentionTable({ attention }: Results, mark: Mark): string {
  const cells = attention.map(({ arithmetic, queries, keys, teraflops }) => ({
    row: `${rounded(queries)} | ${keys.toLocaleString('en')}`,
    column: ARITHMETIC_NAMES[arithmetic],
    text: mark(rounded(teraflops), arithmetic),
  }));
  return crossTable('queries | keys', cells);
}

function variantsTable({ variants }: Results): string {
  const rows = variants.flatMap(({ timings, ...setting }) =>
    timings.flatMap(({ task, variants: own }) =>
      own.map(({ name, milliseconds }) => [
        settingName(setting),
        task,
        name,
        milliseconds === undefined ? '' : rounded(milliseconds),
      ]),
    ),
  );
  return table(['', 'task', 'variant', 'ms'], rows);
}

function promptsTable({ prompts }: Results, mark: Mark): string {
  const rows = prompts.map((prompt) => [
    prompt.runner,
    prompt.tokens.toLocaleString('en'),
    mark(rounded(prompt.tokensPerSecond), prompt.arithmetic),
    rounded(prompt.seconds),
    gibibytes(prompt.heldBytes),
    prompt.cardBytes === undefined ? '' : gibibytes(prompt.cardBytes),
  ]);
  const head = ['', 'tokens', 'tokens a second', 'seconds', 'memory held, GiB', 'taken of the card, GiB'];
  return table(head, rows);
}

function requestsTable({ requests }: Results, mark: Mark): string {
  const rows = requests.map(({ runner, arithmetic, documents, tokens, milliseconds }) => [
    runner,
    String(documents),
    tokens.toLocaleString('en'),
    mark(rounded(milliseconds), arithmetic),
  ]);
  return table(['', 'documents', 'tokens', 'milliseconds'], rows);
}

interface Cell {
  readonly row: string;
  readonly column: string;
  readonly text: string;
}

function crossTable(corner: string, cells: readonly Cell[]): string {
  const columns = [...new Set(cells.map(({ column }) => column))];
  const rows = [...new Set(cells.map(({ row }) => row))];
  const at = (row: string, column: string) =>
    cells.find((cell) => cell.row === row && cell.column === column)?.text ?? '';
  return table(
    [...corner.split(' | '), ...columns],
    rows.map((row) => [...row.split(' | '), ...columns.map((column) => at(row, column))]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function gibibytes(bytes: number): string {
  return rounded(bytes / 2 ** 30);
}

/** Three digits say enough. */
export function rounded(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}
