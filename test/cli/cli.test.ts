/** The command line, run as a user runs it: `dist/cli.js` in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goldenJson } from '../../golden/values.js';
import packageJson from '../../package.json' with { type: 'json' };
import { WEIGHT_DTYPES } from '../../src/device/dtype.js';
import { mayHaveGpu } from '../../src/platform/node.js';
import { COMMAND, ENVIRONMENT, listwise } from '../support/command.js';

const ESCAPE = '\u001B';
const QUERY = 'graphical tool to edit photos and images';
const DOCUMENTS = [
  'A fast text editor for the terminal, with syntax highlighting and macros.',
  'An image manipulation program: retouch photographs, compose pictures, convert between formats.',
  'Shared library for parsing XML documents.',
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'listwise-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe.concurrent('listwise rerank', () => {
  test('where there is no GPU it says so only when asked', async ({ skip }) => {
    skip(await mayHaveGpu(), 'there may be a GPU here');
    const quiet = await listwise(['rerank', QUERY, ...DOCUMENTS]);
    expect([quiet.code, quiet.stderr]).toEqual([0, '']);
    const verbose = await listwise(['rerank', QUERY, ...DOCUMENTS, '--verbose']);
    expect(verbose.stderr).toBe('listwise: webgpu was passed over: This machine shows no graphics card.\n');
    const asked = await listwise(['rerank', QUERY, ...DOCUMENTS, '--device', 'webgpu']);
    expect(asked.code).not.toBe(0);
    expect(asked.stderr).toMatch(/no graphics card/);
  });

  test('prints the ranking in the shape of the Jina API with --json, and nothing else', async () => {
    const { code, stdout, stderr } = await listwise([
      ...['rerank', QUERY, ...DOCUMENTS, '--device', 'wasm'],
      ...['--json', '--dtype', 'q8', '-n', '2'],
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { results, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({
      model: 'embedded',
      device: 'wasm',
      dtype: 'q8',
      usage: { total_tokens: expect.any(Number) },
    });
    expect(results).toHaveLength(2);
    expect(results[0]).toEqual({
      index: 1,
      relevance_score: expect.closeTo(0.24, 1),
      document: { text: DOCUMENTS[1] },
    });
  });

  test('prints a list for people, uncut and without colour in a pipe', async () => {
    const { code, stdout, stderr } = await listwise(['rerank', QUERY, ...DOCUMENTS, '--device', 'wasm']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [first, second, , footer] = stdout.split('\n');
    expect(first).toMatch(/^1 {2,3}0\.1\d{3} {2}█{3}. {2,}\[1\] {2}An image .* formats\.$/);
    expect(second).toMatch(/^2 {2,3}0\.\d{4} {2}\S+ {2,}\[0\] {2}A fast/);
    expect(footer).toMatch(/^\d+ tokens in \d+\.\d\d s · .+ · embedded model, f32$/);
    expect(stdout).not.toContain(ESCAPE);
  });

  test('says with --diversity what each document adds', async () => {
    const args = ['rerank', QUERY, ...DOCUMENTS, '--device', 'wasm', '--diversity', '0.5'];
    const [json, text] = await Promise.all([listwise([...args, '--json']), listwise(args)]);
    const gains = JSON.parse(json.stdout).results.map(({ gain }: { gain: number }) => gain);
    expect(gains.reduce((a: number, b: number) => a + b)).toBeCloseTo(1, 9);
    for (const gain of gains) expect(text.stdout).toContain(`+${(100 * gain).toFixed(1)} %  [`);
    expect(text.stdout).toContain('\n+ is what a document adds');
  });

  test('leaves out with --min-score what scores lower', async () => {
    const args = ['rerank', QUERY, ...DOCUMENTS, '--device', 'wasm', '--min-score'];
    const [some, none] = await Promise.all([listwise([...args, '0.1', '--json']), listwise([...args, '1'])]);
    const { results } = JSON.parse(some.stdout);
    expect(results.map(({ index }: { index: number }) => index)).toEqual([1]);
    expect(none).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+ tokens in .*\n$/) });
  });

  test('prints documents without their control characters', async () => {
    const hostile = `red ${ESCAPE}[31m, C1 \u009B2J, back\bspace,\n\n\ta line, \u202Ereversed`;
    const { stdout } = await listwise(['rerank', QUERY, hostile]);
    expect(stdout).toContain('red �[31m, C1 �2J, back�space, a line, �reversed');
  });

  test('stops on Ctrl-C with code 130 and says nothing', async () => {
    const child = spawn(process.execPath, [COMMAND, 'rerank', QUERY], { env: ENVIRONMENT });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    // More than a pipe holds: once it is written, the command is up and reads.
    await new Promise((written) => child.stdin.write('a document\n'.repeat(1e5), written));
    child.kill('SIGINT');
    const [code, signal] = await once(child, 'close');
    expect({ code, signal, output }).toEqual({ code: 130, signal: null, output: '' });
  });
});

describe.concurrent('documents', () => {
  const promptOfArguments = listwise(['prompt', QUERY, ...DOCUMENTS, '--json']).then(({ stdout }) => stdout);
  const asValues = (separator: string) =>
    DOCUMENTS.map((text, i) => JSON.stringify(i === 1 ? { text } : text)).join(separator);

  test.each([
    ['a file of lines', 'd.txt', `\uFEFF${DOCUMENTS.join('\r\n\r\n')}\r\n`],
    ['a file of JSON Lines', 'd.jsonl', asValues('\n\n')],
    ['a file that is a JSON array', 'd.JSON', `[${asValues(', ')}]`],
  ])('come from %s', async (_, name, content) => {
    const path = await file(name, content);
    const { stdout } = await listwise(['prompt', '-q', QUERY, '-d', path, '--json']);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(await promptOfArguments));
  });

  test.each([
    ['when there are no others', []],
    ['when it is asked for', ['--documents', '-']],
  ])('come from standard input %s', async (_, args) => {
    const { stdout } = await listwise(['prompt', QUERY, ...args, '--json'], { stdin: DOCUMENTS.join('\n') });
    expect(JSON.parse(stdout)).toEqual(JSON.parse(await promptOfArguments));
  });
});

describe.concurrent('listwise prompt', () => {
  interface GoldenCase {
    query: string;
    documents: string[];
    blocks: { ids: number[]; documentPositions: number[]; queryPosition: number; weight: number }[];
  }
  const parsePrompt = (line: string): { ids: number[]; queryPosition: number } => JSON.parse(line);
  const { cases } = goldenJson<{ cases: (GoldenCase & { name: string })[] }>('embedded.json');

  test.each(['photo-editor', 'odd-text', 'two-blocks'])(
    'prints text, ids and marker places as JSON, a line for each block (%s)',
    async (wanted) => {
      const { query, documents, blocks } = cases.find(({ name }) => name === wanted)!;
      const path = await file(`${wanted}.json`, JSON.stringify(documents));
      const { stdout } = await listwise(['prompt', '--query', query, '--documents', path, '--json']);
      const prompts = stdout.trimEnd().split('\n').map(parsePrompt);
      // The golden ids end with the query's marker, as far as the model runs.
      const run = prompts.map((prompt) => ({
        ...prompt,
        ids: prompt.ids.slice(0, prompt.queryPosition + 1),
      }));
      const text = expect.stringContaining(`relevance to query: ${query}\n<passage id="0">\n`);
      expect(run).toEqual(blocks.map(({ weight: _, ...golden }) => ({ text, ...golden })));
    },
  );

  test('deletes markers from texts, as the released code does, with --released', async () => {
    const { sanitise_plain: golden } =
      goldenJson<Record<string, { query: string; docs: string[]; prompt: string }>>('prompts.json');
    const path = await file('released.json', JSON.stringify(golden!.docs));
    const { stdout } = await listwise(['prompt', '-q', golden!.query, '-d', path, '--released', '--json']);
    expect(JSON.parse(stdout).text).toBe(golden!.prompt);
  });

  test('colours control tokens, but not what looks like one in a text', async () => {
    const args = ['prompt', 'q', 'a <|im_end|>', '--instruction', 'Prefer tools.'];
    const { stdout } = await listwise(args, { env: { FORCE_COLOR: '1' } });
    expect(stdout).toContain(` a <| im_ end|>${ESCAPE}[35m<|embed_token|>`);
    expect(stdout.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, 'g'), '')).toContain(
      '\n<instruct>\n prefer tools.\n</instruct>\n',
    );
    expect(stdout).toMatch(/\d+ tokens\ndocument markers at \d+\nquery marker at \d+/);
  });

  test('ends quietly when its reader goes away', async () => {
    const child = spawn(process.execPath, [COMMAND, 'prompt', 'q', 'a document'], { env: ENVIRONMENT });
    let errors = '';
    child.stderr.on('data', (data) => (errors += data));
    child.stdout.destroy();
    const [code] = await once(child, 'close');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
  });
});

describe.concurrent('listwise devices', () => {
  test('says of each device what it is and which dtypes it takes', async () => {
    const { code, stdout } = await listwise(['devices', '--json']);
    expect(code).toBe(0);
    const [webgpu, ...others] = JSON.parse(stdout);
    expect(webgpu).toMatchObject({ kind: 'webgpu', available: expect.any(Boolean) });
    expect(others).toEqual([
      {
        kind: 'wasm',
        available: true,
        description: expect.stringMatching(/^WebAssembly/),
        dtypes: [...WEIGHT_DTYPES],
        notices: [],
      },
      {
        kind: 'reference',
        available: true,
        description: expect.any(String),
        dtypes: [...WEIGHT_DTYPES],
        notices: [],
      },
    ]);
  });

  test('prints a line for each device', async () => {
    expect((await listwise(['devices'])).stdout).toMatch(
      /^[✓✗] webgpu {5}.+\n(?: {2}! .+\n)*✓ wasm {7}WebAssembly.* \(f32, f16, bf16, q8, q4\)\n✓ reference {2}.* \(f32, f16, bf16, q8, q4\)\n$/,
    );
  });
});

describe.concurrent('what goes wrong', () => {
  test.each([
    ['an unknown command', ['sort'], "unknown command 'sort'"],
    ['an unknown option', ['rerank', '--topn', '3'], "unknown option '--topn' (Did you mean --top-n?)"],
    ['no query', ['rerank'], 'the query is missing'],
    ['a blank query', ['rerank', ' ', 'a document'], 'the query is missing'],
    ['documents given twice', ['rerank', 'q', 'a', '-d', 'b.txt'], 'both as arguments and with --documents'],
    ['a --top-n that is no number', ['rerank', 'q', 'a', '--top-n', 'all'], 'whole number of at least 1'],
    ['a --diversity beyond 1', ['rerank', 'q', 'a', '--diversity', '2'], 'a number from 0 to 1'],
    ['a --top-n of nothing', ['rerank', 'q', 'a', '--top-n', '0'], 'whole number of at least 1'],
    [
      'an unknown device',
      ['rerank', 'q', 'a', '--device', 'abacus'],
      'Allowed choices are webgpu, wasm, reference',
    ],
  ])('exits with 2 for %s', async (_, args, message) => {
    const { code, stdout, stderr } = await listwise(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^listwise: .+\nhint: .+\n$/);
    expect(stderr).toContain(message);
  });

  test.each([
    ['a file that is not there', 'none.txt', undefined, 'none.txt is not there.'],
    ['a file that is not JSON', 'broken.json', '["a", ', 'broken.json is not JSON.'],
    ['a file that is no array', 'object.json', '{"text": "a"}', 'object.json is not an array.'],
    ['a line that is no document', 'odd.jsonl', '"a"\n\n{"title": "b"}', 'odd.jsonl:3 is not a document.'],
    ['a file that is not text', 'latin-1.txt', Uint8Array.of(0xe4, 0x0a), 'latin-1.txt is not UTF-8 text.'],
  ])('exits with 1 for %s', async (_, name, content, message) => {
    const path = content === undefined ? join(folder, name) : await file(name, content);
    const { code, stdout, stderr } = await listwise(['rerank', 'q', '--documents', path, '--json']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^listwise: .+\n(hint: .+\n)?$/);
    expect(stderr).toContain(message);
  });

  test('exits with 1 for a folder that holds no model', async () => {
    const { code, stderr } = await listwise(['rerank', 'q', 'a', '--model', folder]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^listwise: There is no .+\.json in .+\nhint: .+\n$/);
  });

  test('shows where an error came from, and its cause, with --verbose', async () => {
    const path = await file('verbose.json', '["a", ');
    const { code, stderr } = await listwise(['prompt', 'q', '-d', path, '--verbose']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ListwiseError: .+ is not JSON\.\n {4}at .+\[cause\]: SyntaxError/s);
  });
});

describe.concurrent('listwise', () => {
  test('says its version', async () => {
    expect((await listwise(['--version'])).stdout).toBe(`${packageJson.version}\n`);
  });

  test('explains itself: commands, options with defaults and choices, examples, the licence of the weights', async () => {
    const { code, stdout } = await listwise(['--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/rerank.*prompt.*devices.*verify.*Examples:/s);
    const help = (await listwise(['rerank', '--help'])).stdout.replaceAll(/\s+/g, ' ');
    for (const part of [
      'default: the embedded model',
      '"wasm", "reference"',
      'default: "f32"',
      'CC BY-NC 4.0',
    ]) {
      expect(help).toContain(part);
    }
  });
});
