/** Files of lists: every line is answered once, whatever it holds and however often the command is killed. */
import {
  appendFile,
  mkdtemp,
  open,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { readLines } from '../../src/batch/lines.js';
import { LocalRanker } from '../../src/batch/local-ranker.js';
import { modelName } from '../../src/batch/model-name.js';
import { Output } from '../../src/batch/output.js';
import { Window } from '../../src/batch/window.js';
import { duration, ListProgress } from '../../src/cli/list-progress.js';
import { ListwiseError } from '../../src/error.js';
import { Reranker } from '../../src/reranker/reranker.js';
import { linesOf, Running, someLists, sortedAnswers, tinyModel } from '../support/batches.js';
import { listwise } from '../support/command.js';
import { failure } from '../support/failure.js';
import { until } from '../support/until.js';

let folder: string;
let model: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'listwise-batch-'));
  model = await tinyModel(join(folder, 'tiny'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function file(content: string | Uint8Array): Promise<string> {
  const path = join(folder, `${++files}.jsonl`);
  await writeFile(path, content);
  return path;
}

const newPath = () => join(folder, `${++files}.jsonl`);
const command = (lists: string, out: string) =>
  ['batch', lists, '--out', out, '--model', model, '--device', 'wasm', '--threads', '1'] as const;
const batch = (lists: string, out: string) => listwise(command(lists, out));

describe('listwise batch', () => {
  test('answers each line as a program would have it ranked', async () => {
    const documents = ['Edit photos.', { text: 'Play chess.' }, 'View pictures.'];
    const lists = await file(
      [
        { query: 'pictures', documents },
        { id: 7, query: 'pictures', documents, top_n: 2, return_documents: true },
        { id: 'b', query: 'pictures', documents: ['one'], instruction: 'Prefer games.', top_n: null },
        { query: 'nothing', documents: [] },
      ]
        .map((list) => JSON.stringify(list))
        .join('\n'),
    );
    const out = newPath();
    const { code, stdout, stderr } = await batch(lists, out);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^4 lists answered in \d+\.\d s\. .*\.jsonl answers all 4 lists\.\n$/);

    await using reranker = await Reranker.load(model, { device: 'wasm', threads: 1 });
    const texts = ['Edit photos.', 'Play chess.', 'View pictures.'];
    const ranking = await reranker.rerank('pictures', texts);
    const instructed = await reranker.rerank('pictures', ['one'], { instruction: 'Prefer games.' });
    const results = ranking.map(({ index, relevanceScore }) => ({ index, relevance_score: relevanceScore }));
    const shared = { hash: expect.stringMatching(/^[0-9a-f]{16}$/), model: 'tiny' };
    const usage = { total_tokens: ranking.tokens };
    expect((await sortedAnswers(out)).map((line) => JSON.parse(line))).toEqual([
      { line: 1, ...shared, usage, results },
      {
        ...{ line: 2, id: 7, ...shared, usage },
        results: results
          .slice(0, 2)
          .map((result) => ({ ...result, document: { text: texts[result.index] } })),
      },
      {
        ...{ line: 3, id: 'b', ...shared, usage: { total_tokens: instructed.tokens } },
        results: [{ index: 0, relevance_score: instructed[0]!.relevanceScore }],
      },
      { line: 4, ...shared, usage: { total_tokens: 0 }, results: [] },
    ]);
  });

  test('reports lines that are no lists, answers the others, and ends with code 1', async () => {
    const good = JSON.stringify({ query: 'a', documents: ['b'] });
    const bad: [string | Buffer, RegExp][] = [
      ['{"query": "a", "documents": ["b"]', /^The line is not JSON\.$/],
      [Buffer.from('{"query": "\xff", "documents": []}', 'latin1'), /^The line is not UTF-8 text\.$/],
      ['"a query"', /^the line: .*expected object/],
      ['{"documents": ["b"]}', /^query: .*expected string/],
      ['{"query": "a"}', /^documents: .*expected array/],
      ['{"query": "  ", "documents": ["b"]}', /^query: is empty, expected some text\.$/],
      ['{"query": "a", "documents": ["b", {"title": "c"}]}', /^documents\.1: expected a string or {"text"/],
      ['{"query": "a", "documents": ["b"], "top_n": 0}', /^top_n: .*>=1/],
      ['{"query": "a", "documents": "b", "top_n": 1.5}', /^documents: .*; top_n: .*int/],
      ['{"query": "a", "documents": ["b"], "id": []}', /^id: expected a string or a number\.$/],
      ['\u0000', /^The line is not JSON\.$/],
      ['\v', /^The line is not JSON\.$/],
    ];
    // A byte order mark, blank lines and carriage returns are no lists.
    const lines = ['\uFEFF', `${good}\r\n`, '\n', ' \t\r\n', ...bad.flatMap(([line]) => [line, '\n']), good];
    const lists = await file(Buffer.concat(lines.map((line) => Buffer.from(line))));
    const out = newPath();
    const { code, stderr } = await batch(lists, out);
    const answers = (await sortedAnswers(out)).map((line) => JSON.parse(line));
    expect(code).toBe(1);
    expect(answers.map(({ line }) => line)).toEqual([1, ...bad.map((_, i) => i + 4), bad.length + 4]);
    expect([answers[0], answers.at(-1)].map(({ results }) => results.length)).toEqual([1, 1]);
    for (const [i, [, message]] of bad.entries()) {
      expect(answers[i + 1].error).toEqual({
        code: 'invalid-input',
        message: expect.stringMatching(message),
      });
    }
    expect(stderr).toContain('listwise: line 4: The line is not JSON.\n');
    expect(stderr).toContain('listwise: line 8: documents: ');
    expect(stderr).not.toContain('line 9:');
    expect(stderr).toContain('listwise: More lines failed. Their answers say why.\n');
    expect(stderr).toContain('answers all 14 lists, 12 with an error.\n');

    const again = await batch(lists, out);
    expect(again).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^\S+ answers all 14 lists, 12 with an error\.\n$/),
    });
  });

  test('reports a line of 64 MB', async () => {
    const lists = newPath();
    const handle = await open(lists, 'w');
    await handle.write(`{"query": "a", "documents": ["`);
    for (let i = 0; i < 64; i++) await handle.write(Buffer.alloc(2 ** 20, 'a'));
    await handle.write(`"]}\n{"query": "a", "documents": ["b"]}\n`);
    await handle.close();
    const out = newPath();
    const { code, stderr } = await batch(lists, out);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('listwise: line 1: The line has 64.0 MiB, expected at most 16.0.\n'),
    });
    expect((await sortedAnswers(out)).map((answer) => 'error' in JSON.parse(answer))).toEqual([true, false]);
  });

  test('goes on after it was killed, and after the machine was: the answer that is not whole is cut off', async () => {
    const lists = await file(someLists(24, { documents: 40, words: 60 }).join('\n'));
    const [whole, out] = [newPath(), newPath()];
    expect(await batch(lists, whole)).toMatchObject({ code: 0 });
    const running = new Running(command(lists, out));
    await until(async () => (await linesOf(out)).length >= 3);
    expect(await running.end('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    const before = await readFile(out, 'utf8');
    expect((await linesOf(out)).length).toBeLessThan(24);
    await truncate(out, before.length - 20);
    expect(await batch(lists, out)).toMatchObject({ code: 0 });
    expect(
      (await readFile(out, 'utf8')).startsWith(before.slice(0, before.lastIndexOf('\n', before.length - 2))),
    ).toBe(true);
    expect(await sortedAnswers(out)).toEqual(await sortedAnswers(whole));
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stops at %s with whole answers and says how to go on', async (signal, code) => {
    const lists = await file(someLists(300, { documents: 40, words: 60 }).join('\n'));
    const out = newPath();
    const running = new Running(command(lists, out));
    await until(async () => (await linesOf(out)).length >= 3);
    const { stderr, ...end } = await running.end(signal);
    expect(end).toEqual({ code, signal: null });
    const answers = (await readFile(out, 'utf8')).split('\n');
    expect(answers.pop()).toBe('');
    expect(stderr).toMatch(
      new RegExp(`^Stopped\\. \\S+ answers ${answers.length} of 300 lists; the same command goes on\\.\n$`),
    );
    for (const answer of answers) expect(JSON.parse(answer).results).toHaveLength(40);
  });

  test('loads nothing when all is answered, and answers what was added', async () => {
    const [first, second, third] = someLists(3);
    const lists = await file(`${first}\n${second}`);
    const out = newPath();
    expect(await batch(lists, out)).toMatchObject({ code: 0 });
    const before = await readFile(out, 'utf8');
    await rename(model, `${model}.away`);
    const again = await batch(lists, out);
    await rename(`${model}.away`, model);
    expect(again).toMatchObject({ code: 0, stderr: expect.stringMatching(/^\S+ answers all 2 lists\.\n$/) });
    await appendFile(lists, `\n${third}`);
    expect(await batch(lists, out)).toMatchObject({ code: 0, stderr: expect.stringMatching(/^1 list answ/) });
    const after = await readFile(out, 'utf8');
    expect(after.startsWith(before)).toBe(true);
    expect(JSON.parse(after.slice(before.length))).toMatchObject({ line: 3, id: 'list 2' });
  });

  test('answers anew what was deleted from the answers', async () => {
    const lists = await file(someLists(3).join('\n'));
    const out = newPath();
    await batch(lists, out);
    const answers = await linesOf(out);
    await writeFile(out, `${answers[0]}\n${answers[2]}\n`);
    await batch(lists, out);
    expect(await linesOf(out)).toEqual([answers[0], answers[2], answers[1]]);
  });

  test.each([
    ['a changed line', (lines: string[]) => [lines[0]!, someLists(9)[8]!], /line 2 had another text/],
    ['a line put in front', (lines: string[]) => ['{}', ...lines], /line 1 had another text/],
    ['a missing line', (lines: string[]) => lines.slice(0, 1), /lines that were answered are gone/],
  ])('refuses %s, and leaves the answers as they are', async (_, change, message) => {
    const lines = someLists(2);
    const lists = await file(lines.join('\n'));
    const out = newPath();
    await batch(lists, out);
    const before = await readFile(out);
    await writeFile(lists, change(lines).join('\n'));
    const { code, stderr } = await batch(lists, out);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
    expect(await readFile(out)).toEqual(before);
  });

  test('says what is wrong with its files', async () => {
    const lists = await file(someLists(1).join('\n'));
    const missing = await batch(join(folder, 'missing.jsonl'), newPath());
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('is not there') });
    const pipe = await batch('/dev/null', newPath());
    expect(pipe).toMatchObject({ code: 1, stderr: expect.stringContaining('/dev/null is not a file') });
    const nowhere = await batch(lists, join(folder, 'missing', 'out.jsonl'));
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining("can't be written (ENOENT") });
    const noOut = await listwise(['batch', lists]);
    expect(noOut).toMatchObject({ code: 2, stderr: expect.stringContaining("required option '-o, --out") });
    const itself = await batch(lists, lists);
    expect(itself).toMatchObject({ code: 1, stderr: expect.stringContaining('is not a file of answers') });
  });
});

test.each([
  [['--device', 'wasm'], '--device'],
  [['--dtype', 'f32', '--threads', '2'], '--dtype and --threads'],
  [['--no-tune', '--offline'], '--offline and --no-tune'],
])('with --redis the workers decide what computes, and the batch refuses %j', async (args, flags) => {
  const lists = await file('{"query": "a", "documents": ["b"]}');
  const out = newPath();
  const redis = ['--redis', 'redis://127.0.0.1:1', '--model', model];
  const outcome = await listwise(['batch', lists, '--out', out, ...redis, ...args]);
  expect(outcome.code).toBe(1);
  expect(outcome.stderr).toContain(`With --redis, ${flags} can't be given to the batch.`);
  expect(outcome.stderr).toContain('The workers compute');
  await expect(readFile(out)).rejects.toThrow('ENOENT');
});

test('two batches on one file of answers: the second says so and changes nothing', async () => {
  const lists = await file(someLists(400, { documents: 20, words: 60 }).join('\n'));
  const out = newPath();
  const first = new Running(command(lists, out));
  await until(async () => (await linesOf(out)).length > 2);
  const second = await batch(lists, out);
  expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('Another program writes to') });
  const { code, signal } = await first.end('SIGKILL');
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
  const lines = await linesOf(out);
  await using output = await Output.open(out, 'tiny');
  expect(output.answered).toBeGreaterThanOrEqual(lines.length - 1);
});

describe('a file of answers', () => {
  const answer = (line: number) =>
    `${JSON.stringify({ line, hash: 'h', model: 'tiny', usage: { total_tokens: 1 }, results: [] })}\n`;

  test.each([
    ['text', 'Dear diary\n'],
    ['text without a line feed', 'Dear diary'],
    ['JSON of another kind', '{"line":1,"text":"a"}\n'],
    ['an array', '[]\n'],
    ['answers and something else', `${answer(1)}Dear diary\n${answer(2)}`],
    ['half an answer that others follow', `{"line":1,"hash\n${answer(2)}`],
    ['bytes', Buffer.from([0, 255, 10, 0])],
  ])('is not taken for one when it holds %s', async (_, content) => {
    const path = await file(content);
    await expect(Output.open(path, 'tiny')).rejects.toEqual(
      failure('invalid-input', /not a file of answers/),
    );
    expect(await readFile(path)).toEqual(Buffer.from(content));
  });

  test('of another model is left alone', async () => {
    const path = await file(answer(1));
    await expect(Output.open(path, 'large')).rejects.toEqual(
      failure('invalid-input', /answers of the model tiny, not large/),
    );
  });

  test('may end anywhere: whole answers stay', async () => {
    const content = answer(1) + answer(2);
    for (let length = 0; length <= content.length; length++) {
      const path = await file(content.slice(0, length));
      const whole = length < answer(1).length ? 0 : length < content.length ? 1 : 2;
      await using output = await Output.open(path, 'tiny');
      expect(output.answered).toBe(whole);
      expect(await readFile(path, 'utf8')).toBe(content.slice(0, whole * answer(1).length));
    }
  });

  test('belongs to the first who writes: the second hears so and changes nothing', async () => {
    const half = answer(1).slice(0, -5);
    const path = await file(half);
    await using link = { path: newPath(), [Symbol.asyncDispose]: () => rm(link.path) };
    await symlink(path, link.path);
    {
      await using mine = await Output.open(path, 'tiny');
      await writeFile(path, half); // what a second one would cut off
      for (const name of [path, link.path]) {
        await expect(Output.open(name, 'tiny')).rejects.toEqual(
          failure('invalid-input', /Another program writes/),
        );
      }
      expect(await readFile(path, 'utf8')).toBe(half);
      expect(mine.answered).toBe(0);
    }
    await using theirs = await Output.open(path, 'tiny');
    expect(theirs.answered).toBe(0);
  });

  test('is left alone when a program without the lock writes, too', async () => {
    const path = newPath();
    await using output = await Output.open(path, 'tiny');
    await appendFile(path, answer(1));
    const refused = { code: 'invalid-input', message: 'x' };
    await expect(output.append({ line: 2, hash: 'h', id: undefined, error: refused })).rejects.toEqual(
      failure('invalid-input', /Another program writes/),
    );
    expect(await linesOf(path)).toHaveLength(1);
  });
});

test('lines are read as they are, wherever chunks end', async () => {
  const piece = fc.constantFrom('a', 'é', ' ', '\n', '\r\n', '\n\n', 'x'.repeat(2 ** 19));
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      const text = pieces.join('');
      const path = await file(text);
      const found: string[] = [];
      for await (const { number, bytes, size, end, ended } of readLines(path, 2 ** 20)) {
        found[number - 1] = bytes.toString();
        const start = end - size - (ended ? 1 : 0);
        expect(
          Buffer.from(text)
            .subarray(start, start + bytes.length)
            .equals(bytes),
        ).toBe(true);
      }
      const expected = text.split('\n').map((line) =>
        Buffer.from(line)
          .subarray(0, 2 ** 20)
          .toString(),
      );
      for (const [i, line] of expected.entries()) {
        expect(found[i]).toBe(line.trim() === '' ? undefined : line);
      }
    }),
    { numRuns: 30 },
  );
});

describe('a device that fails', () => {
  const list = { query: 'a', documents: ['b'] };
  const broken = new ListwiseError('device-failed', 'The device failed.');

  test.each([
    [2, 3, { tokens: 9, results: [] }],
    [9, 3, { error: { code: 'device-failed', message: 'The device failed.' } }],
  ])('%i times is tried %i times', async (failures, tries, outcome) => {
    const rerank = vi.fn(async () => {
      if (rerank.mock.calls.length <= failures) throw broken;
      return Object.assign([], { scale: 'cosine' as const, tokens: 9, cachedTokens: 0 });
    });
    const ranker = new LocalRanker({ rerank }, new AbortController().signal);
    expect(await ranker.rank(list)).toEqual(outcome);
    expect(rerank).toHaveBeenCalledTimes(tries);
  });

  test('is not to blame for a prompt that is too long', async () => {
    const rerank = vi.fn(async () => {
      throw new ListwiseError('context-exceeded', 'Too long.');
    });
    const ranker = new LocalRanker({ rerank }, new AbortController().signal);
    expect(await ranker.rank(list)).toEqual({ error: { code: 'context-exceeded', message: 'Too long.' } });
    expect(rerank).toHaveBeenCalledTimes(1);
  });
});

describe('what is under way', () => {
  const MiB = 2 ** 20;

  test('is so many tasks, and so many bytes', async () => {
    const window = new Window(3);
    const ends: (() => void)[] = [];
    const task = () => new Promise<void>((resolve) => ends.push(resolve));
    const start = async (bytes: number) => {
      let started = false;
      const starting = window.start(bytes, task).then(() => {
        started = true;
      });
      await new Promise(setImmediate);
      return { starting, started: () => started };
    };
    for (const bytes of [1, 2, 3]) expect((await start(bytes)).started()).toBe(true);
    const fourth = await start(100 * MiB);
    expect(fourth.started()).toBe(false);
    ends[0]!();
    await new Promise(setImmediate);
    expect(fourth.started()).toBe(false);
    for (const end of ends) end();
    await fourth.starting;
    ends.at(-1)!();
    await window.ended();
  });

  test('ends with the first that fails', async () => {
    const window = new Window(1);
    await window.start(1, () => Promise.reject(new Error('no room')));
    await expect(window.start(1, async () => {})).rejects.toThrow('no room');
    await expect(window.ended()).rejects.toThrow('no room');
  });
});

test('a model is called the same wherever it lies', async () => {
  expect(await modelName(undefined)).toBe('embedded');
  expect(await modelName('jinaai/jina-reranker-v3')).toBe('jinaai/jina-reranker-v3');
  expect(await modelName('https://huggingface.co/a/b/blob/main/c.gguf')).toBe('a/b/c.gguf');
  expect(await modelName('/models/tiny/')).toBe('tiny');
  expect(await modelName('./tiny')).toBe('tiny');
});

describe('progress', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function terminal(isTTY: boolean) {
    const written: string[] = [];
    const stream = { isTTY, columns: 120, write: (text: string) => written.push(text) };
    return { written, stream: stream as unknown as WriteStream };
  }

  test('on a terminal is a line that is drawn anew, with the speed and the time that is left', () => {
    const { written, stream } = terminal(true);
    using progress = new ListProgress(stream, { done: 1_000, total: 2_000 });
    for (let second = 0; second < 100; second++) {
      vi.advanceTimersByTime(1_000);
      for (let list = 0; list < 5; list++) progress.add();
    }
    vi.advanceTimersByTime(200);
    const half = `${'█'.repeat(22)}${'░'.repeat(8)}`;
    expect(written.at(-1)).toMatch(`\rranking  ${half}  1,500 of 2,000 lists  5`);
    expect(written.at(-1)).toMatch(/ {2}(5|4\.9\d|5\.0\d) a second {2}10\d s|2 min left$/);
    progress.notify('Mind the gap.');
    expect(stripVTControlCharacters(written.at(-1)!)).toBe('listwise: Mind the gap.\n');
  });

  test('elsewhere is a line every half minute', () => {
    const { written, stream } = terminal(false);
    using progress = new ListProgress(stream, { total: 100 });
    vi.advanceTimersByTime(29_000);
    expect(written).toEqual([]);
    for (let list = 0; list < 15; list++) progress.add();
    vi.advanceTimersByTime(1_000);
    expect(written).toEqual([expect.stringMatching(/15 of 100 lists {2}0\.5 a second {2}3 min left\n$/)]);
  });

  test('of a worker is silent while nothing is ranked', () => {
    const { written, stream } = terminal(false);
    using progress = new ListProgress(stream);
    vi.advanceTimersByTime(90_000);
    progress.add();
    vi.advanceTimersByTime(90_000);
    expect(written).toEqual([expect.stringMatching(/^1 lists? ranked/)]);
  });

  test.each([
    [0.2, '1 s'],
    [89, '89 s'],
    [600, '10 min'],
    [7_300, '2 h'],
    [500_000, '6 days'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});
