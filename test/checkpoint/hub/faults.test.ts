/** What can go wrong between a hub and its cache: some of it passes, none of it becomes a file of a model. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HubOptions } from '../../../src/checkpoint/hub/options.js';
import type { ListwiseErrorCode } from '../../../src/error.js';
import { failure } from '../../support/failure.js';
import { startHub } from '../../support/hub.js';
import {
  bring,
  HURRIED,
  hashOf,
  IMPATIENT,
  MODEL,
  optionsFor,
  PART,
  sha256,
  tinyFiles,
} from '../../support/hub-models.js';
import {
  type Asked,
  type Fault,
  type HubServer,
  type Repository,
  repositoryOf,
} from '../../support/hub-server.js';
import { temporaryFolder } from '../../support/tiny-checkpoint.js';

const TOKEN = 'a token of any form';

const files = await tinyFiles();
const WEIGHTS = sha256(files['model.safetensors']!);

function tinyHub(more: Partial<Repository> = {}): Promise<HubServer> {
  return startHub({ [MODEL]: repositoryOf(files, more) });
}

/** Something goes wrong with the weights, the first time or each time. */
function withWeights(fault: Fault, times = 1): (asked: Asked) => Fault | undefined {
  let left = times;
  return ({ path }) => (path === `/${WEIGHTS}` && left-- > 0 ? fault : undefined);
}

const mannerFor = (fault: Fault) => ('silent' in fault ? IMPATIENT : HURRIED);

/** What is in the folder of contents: whole ones alone have a hash and no more for a name. */
async function contents({ cacheFolder }: HubOptions): Promise<string[]> {
  return readdir(join(cacheFolder!, 'models--owner--tiny', 'blobs')).catch(() => []);
}

describe('it gets over', () => {
  it.each<[string, Fault, number]>([
    ['a cut in the middle of a file', { cutAfter: 1000 }, 3],
    ['an answer that ends early', { endAfter: 1000 }, 3],
    ['an answer of nothing', { endAfter: 0 }, 3],
    ['another size', { claimedSize: 77 }, 1],
    ['a busy server', { status: 503 }, 3],
    ['a limit on requests', { status: 429, headers: { 'Retry-After': '0' } }, 3],
    ['a silent server', { silent: true }, 1],
    ['a server that overlooks ranges', { wholeFile: true }, 100],
    ['wrong bytes, once', { corrupt: true }, 1],
  ])('%s', async (_what, fault, times) => {
    const hub = await tinyHub();
    hub.fault = withWeights(fault, times);
    const options = await optionsFor(hub);
    const model = await bring(options, {}, { manner: mannerFor(fault) });
    expect(await hashOf(model, 'model.safetensors')).toBe(WEIGHTS);
    expect((await contents(options)).filter((name) => !/^[0-9a-f]+$/.test(name))).toEqual([]);
  });

  it('a cut without asking again for what came before it', async () => {
    const hub = await tinyHub();
    hub.fault = withWeights({ cutAfter: 1000 });
    await bring(await optionsFor(hub));
    const asked = hub.asked.filter(({ path }) => path === `/${WEIGHTS}`);
    const [start, end] = asked[0]!.range!;
    expect(asked.map(({ range }) => range)).toContainEqual([start + 1000, end]);
  });

  it('any number of cuts, as long as something comes in between', async () => {
    const hub = await tinyHub();
    hub.fault = withWeights({ cutAfter: PART / 6 }, 30);
    expect(await hashOf(await bring(await optionsFor(hub)), 'model.safetensors')).toBe(WEIGHTS);
  });

  it('a cut in a small answer', async () => {
    const hub = await tinyHub();
    const failed = new Set<string>();
    hub.fault = ({ path, host }) => {
      if (host === 'storage' || failed.has(path)) return undefined;
      failed.add(path);
      return { status: 502 };
    };
    expect(await hashOf(await bring(await optionsFor(hub)), 'config.json')).toBe(
      sha256(files['config.json']!),
    );
  });

  it('a limit on requests after the time that the hub asks for, and says why it waits', async () => {
    const hub = await tinyHub();
    hub.fault = withWeights({ status: 429, headers: { 'Retry-After': '1' } }, 3);
    const notices: string[] = [];
    const start = performance.now();
    await bring(await optionsFor(hub), { onNotice: (notice) => notices.push(notice) });
    expect(performance.now() - start).toBeGreaterThan(990);
    expect(notices.filter((notice) => /^127.0.0.1:\d+ asks to wait for 1 s\.$/.test(notice))).toHaveLength(1);
  });
});

describe('it fails, and keeps nothing that is wrong, after', () => {
  it.each<[string, Fault, ListwiseErrorCode, RegExp]>([
    ['too many cuts', { cutAfter: 0 }, 'download-failed', /can't be downloaded/],
    ['too many answers that end early', { endAfter: 0 }, 'download-failed', /ended \d+ bytes early/],
    [
      'another size each time',
      { claimedSize: 77 },
      'download-failed',
      /"bytes .*\/77", expected bytes from \d+ of/,
    ],
    ['a server that stays busy', { status: 503 }, 'download-failed', /answered 503/],
    ['a long limit', { status: 429, headers: { 'Retry-After': '9999' } }, 'download-failed', /answered 429/],
    ['a refusal', { status: 418 }, 'download-failed', /answered 418/],
    ['lasting silence', { silent: true }, 'download-failed', /fell silent/],
    ['wrong bytes twice', { corrupt: true }, 'checkpoint-corrupt', /wrong content, twice/],
  ])('%s', async (_what, fault, code, message) => {
    const hub = await tinyHub();
    hub.fault = withWeights(fault, Number.POSITIVE_INFINITY);
    const options = await optionsFor(hub);
    await expect(bring(options, {}, { manner: mannerFor(fault) })).rejects.toEqual(failure(code, message));
    const kept = await contents(options);
    expect(kept).not.toContain(WEIGHTS);
    if (code === 'checkpoint-corrupt') expect(kept.filter((name) => name.startsWith(WEIGHTS))).toEqual([]);
    await expect(bring({ ...options, offline: true })).rejects.toEqual(failure('checkpoint-not-found'));
    hub.fault = () => undefined;
    expect(await hashOf(await bring(options), 'model.safetensors')).toBe(WEIGHTS);
  });

  it('wrong bytes of a small file, which git names by its SHA-1', async () => {
    const hub = await tinyHub();
    hub.fault = ({ path }) => (path.endsWith('/config.json') ? { corrupt: true } : undefined);
    await expect(bring(await optionsFor(hub))).rejects.toEqual(
      failure('checkpoint-corrupt', /config.json came with the wrong content, twice/),
    );
  });

  it('an answer of something that is no hub', async () => {
    const hub = await tinyHub();
    hub.fault = () => ({ status: 200, headers: { 'Content-Type': 'text/html' } });
    await expect(bring(await optionsFor(hub))).rejects.toEqual(
      failure('download-failed', /does not answer as the hub does/),
    );
  });

  it.each(['../../x', 'C0FFEE', ''])('a commit that is none: %j', async (commit) => {
    const hub = await startHub({ [MODEL]: { commits: { [commit]: files }, refs: { main: commit } } });
    await expect(bring(await optionsFor(hub))).rejects.toEqual(
      failure('download-failed', /the commit of owner\/tiny/),
    );
  });

  it('a cache that can not be written to', async () => {
    const hub = await tinyHub();
    const cacheFolder = join(await temporaryFolder(), 'file');
    await writeFile(cacheFolder, '');
    await expect(bring({ ...(await optionsFor(hub)), cacheFolder })).rejects.toEqual(
      failure('download-failed', /Nothing can be kept in .*file/),
    );
  });

  it('a listener that throws', async () => {
    const hub = await tinyHub();
    const onProgress = () => {
      throw new Error('the listener’s own');
    };
    await expect(bring(await optionsFor(hub), { onProgress })).rejects.toThrow('the listener’s own');
  });
});

describe('it is refused', () => {
  it.each<[string, string, HubOptions, RegExp]>([
    ['an unknown repository', 'owner/none', {}, /The hub has nothing there: .*owner\/none/],
    ['an unknown revision', MODEL, { revision: 'none' }, /no such revision: .*\/none/],
  ])('%s', async (_what, model, more, message) => {
    const hub = await tinyHub();
    await expect(bring(await optionsFor(hub, more), {}, { model })).rejects.toEqual(
      failure('checkpoint-not-found', message),
    );
  });

  it.each(['../main', '/main', 'a/../b', 'a\\b', ' '])('the revision %j, which is none', async (revision) => {
    await expect(bring({ revision })).rejects.toEqual(failure('invalid-input', /is no revision/));
  });

  it.each(['huggingface.co', 'file:///etc', ''])('the endpoint %j, which is none', async (endpoint) => {
    await expect(bring({ endpoint })).rejects.toEqual(failure('invalid-input', /endpoint/));
  });

  it('what is not open to everybody without a token, and says how to get one', async () => {
    const hub = await tinyHub({ token: TOKEN });
    for (const token of ['', 'wrong']) {
      const refused = bring(await optionsFor(hub, { token }));
      await expect(refused).rejects.toEqual(failure('unauthorized', /Access to owner\/tiny is restricted/));
      await expect(refused).rejects.toHaveProperty('hint', expect.stringMatching(/terms.*HF_TOKEN/));
    }
  });
});

describe('a token', () => {
  it('opens a repository, and goes to the endpoint alone, not where that redirects to', async () => {
    const hub = await tinyHub({ token: TOKEN });
    await bring(await optionsFor(hub, { token: TOKEN }));
    const tokensAt = (host: Asked['host']) =>
      new Set(hub.asked.filter((asked) => asked.host === host).map(({ authorization }) => authorization));
    expect(tokensAt('hub')).toEqual(new Set([`Bearer ${TOKEN}`]));
    expect(tokensAt('storage')).toEqual(new Set([undefined]));
  });

  it('that is not accepted any more leaves the cache in use', async () => {
    const hub = await tinyHub({ token: TOKEN });
    const options = await optionsFor(hub, { token: TOKEN });
    await bring(options);
    const notices: string[] = [];
    const model = await bring({ ...options, token: 'wrong' }, { onNotice: (notice) => notices.push(notice) });
    expect(await hashOf(model, 'model.safetensors')).toBe(WEIGHTS);
    expect(notices).toEqual([expect.stringMatching(/restricted\. The cache serves/)]);
  });
});
