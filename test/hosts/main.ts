/** `npm run test:hosts`: installs the package where people use it, ranks there, and prints a table of what came out. */
import { Reranker } from '../../src/index.js';
import { launchBrowser } from '../support/browser.js';
import { type FoundBrowser, findBrowsers } from './browsers.js';
import { findChromium, testExtension } from './extension.js';
import { install, type Outcome, pack, run, runProgram, startServer, versionOf } from './host.js';
import { openPage } from './page.js';
import { rank } from './request.mjs';

/** One line of the table: an outcome to compare, nothing where there is none but success, or why it was left out. */
interface Line {
  readonly host: string;
  readonly version: string;
  readonly outcome?: Outcome;
  readonly leftOut?: string;
}

/** What another engine's rounding may change in a score. */
const TOLERANCE = 2e-5;

const expected: Outcome = await rank(Reranker);
const browsers = await findBrowsers();

/** Where a program prints its outcomes. `quiet`: it prints nothing else. */
async function program(host: string, fixture: string, named?: string, quiet = false): Promise<Line[]> {
  const { folder } = await install(fixture);
  const version = named ? await versionOf(folder, named) : process.versions.node;
  const { outcomes, stderr } = await runProgram(folder);
  if (outcomes.length === 0) throw new Error('It printed no outcome.');
  if (quiet && stderr) throw new Error(`It wrote to stderr: ${stderr}`);
  return outcomes.map((outcome) => ({
    host: outcome.as ? `${host}, ${outcome.as}` : host,
    version,
    outcome,
  }));
}

/** What one who installs only this package reads of npm. A tarball's scripts are told of, a registry's are not. */
async function installation(): Promise<Line[]> {
  const { folder, warnings } = await install('node');
  const ours = warnings.split('\n').filter((line) => line && !line.includes('install-scripts'));
  if (ours.length > 0) throw new Error(`npm warned: ${ours.join(' ')}`);
  const { stdout } = await run('du', ['--summarize', '--block-size=1M', 'node_modules'], folder);
  return [{ host: `npm install, ${Number.parseInt(stdout, 10)} MB`, version: await printed('npm') }];
}

async function printed(command: string): Promise<string> {
  return (await run(command, ['--version'], '.')).stdout.trim();
}

async function types(): Promise<Line[]> {
  const { folder } = await install('typescript');
  await run('npm', ['run', '--silent', 'check'], folder).catch(({ stdout }: { stdout: string }) => {
    throw new Error(stdout);
  });
  return [{ host: 'TypeScript’s checks', version: await versionOf(folder, 'typescript') }];
}

/** A page that a bundler builds, in each browser, under each policy. */
async function page(host: string, fixture: string, policies = ['']): Promise<Line[]> {
  const { folder } = await install(fixture);
  await run('npm', ['run', '--silent', 'build'], folder);
  const bundler = `${host} ${await versionOf(folder, fixture)}`;
  const lines: Line[] = [];
  for (const browser of browsers) {
    for (const policy of policies) lines.push(await pageIn(browser, policy, bundler, `${folder}/dist`));
  }
  return lines;
}

async function pageIn(browser: FoundBrowser, policy: string, bundler: string, folder: string): Promise<Line> {
  const host = [bundler, browser.name, policy].filter(Boolean).join(', ');
  if ('missing' in browser) return { host, version: '', leftOut: browser.missing };
  return { host, version: browser.version, outcome: await openPage(folder, browser, policy) };
}

async function next(): Promise<Line[]> {
  const { folder } = await install('next');
  await run('npm', ['run', '--silent', 'build'], folder);
  const version = await versionOf(folder, 'next');
  const { url, get, stop } = await startServer(folder);
  try {
    const lines = [
      { host: 'Next.js, route handler', version, outcome: await get('/rank') },
      { host: 'Next.js, edge route', version, outcome: await get('/edge') },
    ];
    const [chromium] = browsers;
    return 'missing' in chromium!
      ? lines
      : [...lines, { host: 'Next.js, client component', version, outcome: await onClient(url) }];
  } finally {
    stop();
  }
}

declare const outcome: Promise<Outcome>;

/** A page that a server renders: it is asked for what it found. */
async function onClient(url: string): Promise<Outcome> {
  const browser = (await launchBrowser({ webgpu: false }))!;
  try {
    const shown = await browser.newPage();
    await shown.goto(url);
    await shown.waitForFunction(() => 'outcome' in globalThis);
    return await shown.evaluate(() => outcome);
  } finally {
    await browser.close();
  }
}

/** Its scores are held to Node's by test/browser/extension.test.ts. */
async function extension(): Promise<Line[]> {
  const host = 'Chrome extension';
  const chromium = findChromium();
  if (!chromium) return [{ host, version: '', leftOut: 'no Chromium that takes extensions was found' }];
  return [{ host, version: (await testExtension(chromium)).version }];
}

const HOSTS: readonly (readonly [string, () => Promise<Line[]>])[] = [
  ['npm install', installation],
  ['Node', () => program('Node', 'node', undefined, true)],
  ['TypeScript', types],
  ['Jest', () => program('Jest', 'jest', 'jest')],
  ['Deno', () => program('Deno', 'deno', 'deno', true)],
  ['Bun', () => program('Bun', 'bun', 'bun', true)],
  ['Cloudflare Workers', () => program('Cloudflare Workers', 'wrangler', 'miniflare')],
  ['Next.js', next],
  ['Vite', () => page('Vite', 'vite')],
  ['webpack', () => page('webpack', 'webpack', ['', "worker-src 'self'", "worker-src 'none'"])],
  ['esbuild', () => page('esbuild', 'esbuild')],
  ['Parcel', () => page('Parcel', 'parcel')],
  ['Chrome extension', extension],
];

const counts = { passed: 0, failed: 0, skipped: 0 };

function print(mark: string, host: string, version: string, rest: string): void {
  console.log(`${mark} ${host.padEnd(50)} ${version.padEnd(18)} ${rest}`);
}

function report({ host, version, outcome: found, leftOut }: Line): void {
  if (leftOut) {
    counts.skipped++;
    print('–', host, version, `left out: ${leftOut}`);
    return;
  }
  const error = found
    ? Math.max(...found.scores.map((score, i) => Math.abs(score - expected.scores[i]!)))
    : 0;
  const right = error <= TOLERANCE && (!found || found.scores.length === expected.scores.length);
  counts[right ? 'passed' : 'failed']++;
  print(
    right ? '✓' : '✗',
    host,
    version,
    found ? `${found.description}${right ? '' : `: scores are off by ${error}`}` : '',
  );
}

await pack();
const chosen = process.argv.slice(2);
for (const [name, run] of HOSTS) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  try {
    for (const line of await run()) report(line);
  } catch (error) {
    counts.failed++;
    const { message, stderr = '' } = error as Error & { stderr?: string };
    print('✗', name, '', `${message}\n${stderr}`);
  }
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;
