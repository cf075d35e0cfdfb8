/** Models of the hub, asked of a hub on this machine: what is fetched, what is kept and what is asked again. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeGguf } from '../../../golden/write-checkpoint.js';
import { hubFiles } from '../../../src/checkpoint/hub/model.js';
import type { HubOptions } from '../../../src/checkpoint/hub/options.js';
import type { DownloadProgress } from '../../../src/checkpoint/hub/snapshot.js';
import type { Progress } from '../../../src/reranker/options.js';
import { Reranker } from '../../../src/reranker/reranker.js';
import { failure } from '../../support/failure.js';
import { startHub } from '../../support/hub.js';
import {
  bring,
  HURRIED,
  hashOf,
  MODEL,
  optionsFor,
  PART,
  sha256,
  shardedFiles,
  tinyFiles,
} from '../../support/hub-models.js';
import { COMMIT, type HubServer, type Repository, repositoryOf } from '../../support/hub-server.js';
import { ranksSmallRequest } from '../../support/requests.js';
import { temporaryFolder, tinyCheckpoint, tinyFolder } from '../../support/tiny-checkpoint.js';

const DEVICE = 'reference';
const SMALL = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
const OTHER_COMMIT = 'decade'.padEnd(40, '0');

async function tinyHub(more: Partial<Repository> = {}): Promise<HubServer> {
  return startHub({ [MODEL]: repositoryOf(await tinyFiles(), more) });
}

/** The files that were asked for, each once. */
function filesAsked({ asked }: HubServer): string[] {
  const files = asked.flatMap(({ path }) => /\/resolve\/[^/]+\/(.+)$/.exec(path)?.[1] ?? []);
  return [...new Set(files)].sort();
}

/** The ranges of a large file that were asked for, in the order of the file. */
function rangesOf(hub: HubServer, content: Uint8Array): [number, number][] {
  const asked = hub.asked.filter(({ path }) => path === `/${sha256(content)}`);
  return asked.map(({ range }): [number, number] => [...range!]).sort(([a], [b]) => a - b);
}

describe('a model of the hub', () => {
  it('ranks as from a folder, and says its licence and how far it is at the first download', async () => {
    const hub = await tinyHub();
    const options = { device: DEVICE, hub: await optionsFor(hub) } as const;
    const notices: string[] = [];
    const reports: Progress[] = [];
    await using reranker = await Reranker.load(MODEL, {
      ...options,
      onNotice: (notice) => notices.push(notice),
      onProgress: (report) => reports.push(report),
    });
    await using fromFolder = await Reranker.load(await tinyFolder(), { device: DEVICE });
    expect(await ranksSmallRequest(reranker)).toEqual(await ranksSmallRequest(fromFolder));
    expect(reranker.model).toBe(MODEL);
    expect(notices).toEqual(['owner/tiny is licensed under CC BY-NC 4.0: not for commercial use.']);
    expect(filesAsked(hub)).toEqual([
      'config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);

    const downloads = reports.filter((report) => report.phase === 'download');
    expect(downloads.map(({ done }) => done)).toEqual(
      downloads.map(({ done }) => done).sort((a, b) => a - b),
    );
    const files = await tinyFiles();
    const total = [...SMALL, 'model.safetensors'].reduce((sum, name) => sum + files[name]!.length, 0);
    const size = files['model.safetensors']!.length;
    expect(downloads.at(-1)).toEqual({
      ...{ phase: 'download', done: total, total },
      file: { name: 'model.safetensors', done: size, total: size },
    });

    hub.asked.length = 0;
    await using again = await Reranker.load(MODEL, {
      ...options,
      onNotice: (notice) => notices.push(notice),
    });
    expect(await ranksSmallRequest(again)).toEqual(await ranksSmallRequest(reranker));
    expect(hub.asked.map(({ path }) => path)).toEqual(['/api/models/owner/tiny/revision/main']);
    expect(notices).toHaveLength(1);
  });

  it('in shards ranks alike; only shards that the index names are fetched', async () => {
    const hub = await startHub({ [MODEL]: repositoryOf(await shardedFiles()) });
    await using reranker = await Reranker.load(MODEL, { device: DEVICE, hub: await optionsFor(hub) });
    await using fromFolder = await Reranker.load(await tinyFolder(), { device: DEVICE });
    expect(await ranksSmallRequest(reranker)).toEqual(await ranksSmallRequest(fromFolder));
    expect(filesAsked(hub)).toEqual([
      ...['config.json', 'model-1.safetensors', 'model-2.safetensors', 'model.safetensors.index.json'],
      ...['tokenizer.json', 'tokenizer_config.json'],
    ]);
  });

  it('in one of several .gguf files is that file and what goes with it', async () => {
    const { 'model.safetensors': projector, ...rest } = await tinyFiles();
    const gguf = new TextEncoder().encode('GGUF');
    const files = { ...rest, 'a.gguf': gguf, 'b.gguf': gguf, 'projector.safetensors': projector! };
    const hub = await startHub({ [MODEL]: repositoryOf(files) });
    const options = await optionsFor(hub);
    const model = await bring(options, {}, { model: `${MODEL}/b.gguf` });
    expect(model.name).toBe(MODEL);
    expect([...model.names].sort()).toEqual(['b.gguf', ...SMALL, 'projector.safetensors'].sort());
    expect(await hashOf(model, 'b.gguf')).toBe(sha256(gguf));
    const onlyGguf = await startHub({ [MODEL]: repositoryOf({ 'a.gguf': gguf, 'b.gguf': gguf }) });
    await expect(bring(await optionsFor(onlyGguf))).rejects.toEqual(
      failure('checkpoint-not-found', /owner\/tiny has several models: a.gguf, b.gguf/),
    );
  });

  it('whole and in shards is the single file, and no shard is fetched', async () => {
    const files = { ...(await shardedFiles()), ...(await tinyFiles()) };
    const hub = await startHub({ [MODEL]: repositoryOf(files) });
    const options = { device: DEVICE, hub: await optionsFor(hub) } as const;
    await using _reranker = await Reranker.load(MODEL, options);
    expect(filesAsked(hub)).toEqual(['config.json', 'model.safetensors', ...SMALL.slice(1)]);
    hub.asked.length = 0;
    await using _again = await Reranker.load(MODEL, { ...options, hub: { ...options.hub, offline: true } });
    expect(hub.asked).toEqual([]);
  });

  it('whose weights are one .gguf file is that file, named or not', async () => {
    const folder = await temporaryFolder();
    await writeGguf(await tinyCheckpoint(), folder, 'Q8_0', 'metadata');
    const names = ['model.gguf', 'projector.safetensors'];
    const files = await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))]));
    const hub = await startHub({ [MODEL]: repositoryOf(Object.fromEntries(files)) });
    const options = { device: DEVICE, hub: await optionsFor(hub) } as const;
    await using reranker = await Reranker.load(MODEL, options);
    expect(reranker.model).toBe(`${MODEL}/model.gguf`);
    expect(filesAsked(hub)).toEqual(names);
    hub.asked.length = 0;
    const offline = { ...options, hub: { ...options.hub, offline: true } };
    for (const model of [MODEL, `${MODEL}/model.gguf`]) {
      await using again = await Reranker.load(model, offline);
      expect(again.model).toBe(`${MODEL}/model.gguf`);
    }
    expect(hub.asked).toEqual([]);
  });

  it('gives way to a folder of the same path', async () => {
    const hub = await tinyHub();
    const before = process.cwd();
    const folder = await temporaryFolder();
    onTestFinished(() => process.chdir(before));
    await mkdir(join(folder, 'owner'));
    await symlink(await tinyFolder(), join(folder, MODEL));
    process.chdir(folder);
    await using _reranker = await Reranker.load(MODEL, { device: DEVICE, hub: await optionsFor(hub) });
    expect(hub.asked).toEqual([]);
  });
});

describe('a large file', () => {
  it('comes in ranges, several at once, that make it up', async () => {
    const hub = await tinyHub();
    const weights = await tinyWeights();
    const parts = spans(weights.length);
    let asked = 0;
    let release = () => {};
    const heldUntil = new Promise<void>((resolve) => {
      release = resolve;
    });
    hub.fault = ({ path }) => {
      if (path !== `/${sha256(weights)}`) return undefined;
      asked++;
      if (asked === parts.length) release(); // so the others did not wait for the first
      return asked === 1 ? { heldUntil } : undefined;
    };
    const model = await bring(await optionsFor(hub));
    expect(await hashOf(model, 'model.safetensors')).toBe(sha256(weights));
    expect(rangesOf(hub, weights)).toEqual(parts);
  });

  it('that was cut off is gone on with: only the parts that are missing are asked for', async () => {
    const hub = await tinyHub();
    const options = await optionsFor(hub);
    const weights = await tinyWeights();
    let parts = 0;
    hub.fault = ({ host }) => (host === 'storage' && ++parts > 5 ? { status: 500 } : undefined);
    await expect(bring(options)).rejects.toEqual(failure('download-failed', /answered 500/));
    const kept = await partsKept(options, weights);
    expect(kept.length).toBeGreaterThan(1);

    hub.asked.length = 0;
    hub.fault = () => undefined;
    const reports: DownloadProgress[] = [];
    const model = await bring(options, { onProgress: (report) => reports.push(report) });
    expect([...rangesOf(hub, weights), ...kept].sort(([a], [b]) => a - b)).toEqual(spans(weights.length));
    expect(reports[0]!.file.done).toBe(kept.reduce((sum, [start, end]) => sum + end - start, 0));
    expect(await hashOf(model, 'model.safetensors')).toBe(sha256(weights));
    expect(await partsKept(options, weights)).toEqual([]);
  });

  it('whose download was aborted is gone on with, too', async () => {
    const hub = await tinyHub();
    const options = await optionsFor(hub);
    const weights = await tinyWeights();
    const controller = new AbortController();
    const aborted = bring(options, {
      signal: controller.signal,
      onProgress: ({ file }) => {
        if (file.name === 'model.safetensors' && file.done > 4 * PART) controller.abort();
      },
    });
    await expect(aborted).rejects.toHaveProperty('name', 'AbortError');
    const kept = await partsKept(options, weights);
    expect(kept.length).toBeGreaterThan(0);
    hub.asked.length = 0;
    await bring(options);
    expect(rangesOf(hub, weights)).toHaveLength(spans(weights.length).length - kept.length);
  });

  it('that several loads want at once is whole for all, and they share the work', async () => {
    const hub = await tinyHub();
    const options = await optionsFor(hub);
    const weights = await tinyWeights();
    const small = { ...HURRIED, portions: { bytes: PART / 16, atOnce: 2 } };
    const load = () => hubFiles({ repository: MODEL }, { hub: options }, small);
    for (const model of await Promise.all([load(), load(), load()])) {
      expect(await hashOf(model, 'model.safetensors')).toBe(sha256(weights));
    }
    const parts = (weights.length / PART) * 16;
    expect(rangesOf(hub, weights).length).toBeLessThan(1.5 * parts);
    const blobs = await readdir(join(options.cacheFolder!, 'models--owner--tiny', 'blobs'));
    expect(blobs.filter((name) => !/^[0-9a-f]+$/.test(name))).toEqual([]);
  });
});

function spans(size: number): [number, number][] {
  return Array.from({ length: Math.ceil(size / PART) }, (_, i) => [i * PART, Math.min((i + 1) * PART, size)]);
}

/** The parts of a large file that are in the cache. */
async function partsKept({ cacheFolder }: HubOptions, content: Uint8Array): Promise<[number, number][]> {
  const names = await readdir(join(cacheFolder!, 'models--owner--tiny', 'blobs'));
  const parts = names.flatMap((name): [number, number][] => {
    const [, id, start, end] = /^(\w+)\.(\d+)-(\d+)\.incomplete$/.exec(name) ?? [];
    return id === sha256(content) ? [[Number(start), Number(end)]] : [];
  });
  return parts.sort(([a], [b]) => a - b);
}

async function tinyWeights(): Promise<Uint8Array> {
  return (await tinyFiles())['model.safetensors']!;
}

describe('the cache', () => {
  it('is laid out as Python’s', async () => {
    const hub = await tinyHub({ refs: { main: COMMIT, 'refs/pr/1': COMMIT } });
    const options = await optionsFor(hub);
    await bring(options);
    await bring({ ...options, revision: 'refs/pr/1' });
    const folder = join(options.cacheFolder!, 'models--owner--tiny');
    const files = await tinyFiles();
    expect(await readFile(join(folder, 'refs', 'main'), 'utf8')).toBe(COMMIT);
    expect(await readFile(join(folder, 'refs', 'refs', 'pr', '1'), 'utf8')).toBe(COMMIT);
    for (const [name, id] of [
      [
        'config.json',
        createHash('sha1').update(`blob ${files['config.json']!.length}\0`).update(files['config.json']!),
      ],
      ['model.safetensors', createHash('sha256').update(files['model.safetensors']!)],
    ] as const) {
      const link = await readlink(join(folder, 'snapshots', COMMIT, name));
      expect(link).toBe(join('..', '..', 'blobs', id.digest('hex')));
    }
    const tree = JSON.parse(await readFile(join(folder, 'trees', `${COMMIT}.json`), 'utf8'));
    expect(tree).toMatchObject({
      format_version: 1,
      files: { 'original/model.safetensors': { size: 1000 } },
    });
  });

  it('that Python filled serves without asking anybody, offline or by a commit', async () => {
    const hub = await tinyHub();
    const options = await optionsFor(hub);
    await layOutAsPython(options.cacheFolder!, await tinyFiles());
    for (const more of [{ offline: true }, { revision: COMMIT }]) {
      await using reranker = await Reranker.load(MODEL, { device: DEVICE, hub: { ...options, ...more } });
      expect(await ranksSmallRequest(reranker)).toHaveLength(3);
    }
    expect(hub.asked).toEqual([]);
  });

  it('that lacks a file gets it, and keeps the others', async () => {
    const hub = await tinyHub();
    const options = await optionsFor(hub);
    const { 'tokenizer.json': _, ...rest } = await tinyFiles();
    await layOutAsPython(options.cacheFolder!, rest);
    await expect(bring({ ...options, offline: true })).rejects.toEqual(
      failure('checkpoint-not-found', /owner\/tiny, revision main, is not whole .* offline mode/),
    );
    await bring(options);
    expect(filesAsked(hub)).toEqual(['tokenizer.json']);
  });

  it('serves when the hub does not answer, and says so', async () => {
    const hub = await tinyHub();
    const options = await optionsFor(hub);
    await bring(options);
    hub.close();
    const notices: string[] = [];
    const model = await bring(options, { onNotice: (notice) => notices.push(notice) });
    expect(model.names).toContain('model.safetensors');
    expect(notices).toEqual([
      expect.stringMatching(/can't be downloaded.* The cache serves: owner\/tiny .*c0ffee0/),
    ]);
    await expect(bring(await optionsFor(hub))).rejects.toEqual(
      failure('download-failed', /can't be downloaded/),
    );
  });

  it('keeps what several commits share once', async () => {
    const files = await tinyFiles();
    const changed = { ...files, 'config.json': new TextEncoder().encode('{"changed": true}') };
    const repository = {
      commits: { [COMMIT]: files, [OTHER_COMMIT]: changed },
      refs: { main: COMMIT, next: OTHER_COMMIT } as Record<string, string>,
    };
    const hub = await startHub({ [MODEL]: repository });
    const options = await optionsFor(hub);
    await bring(options);
    hub.asked.length = 0;
    const next = await bring({ ...options, revision: 'next' });
    expect(await hashOf(next, 'config.json')).toBe(sha256(changed['config.json']));
    expect(filesAsked(hub)).toEqual(['config.json']);

    repository.refs.main = OTHER_COMMIT; // somebody pushed
    hub.asked.length = 0;
    const main = await bring(options);
    expect(await hashOf(main, 'config.json')).toBe(sha256(changed['config.json']));
    expect(filesAsked(hub)).toEqual([]);
    const before = await bring({ ...options, revision: COMMIT, offline: true });
    expect(await hashOf(before, 'config.json')).toBe(sha256(files['config.json']!));
  });
});

/** Lays files out as huggingface_hub does: a blob of each, and links to them. */
async function layOutAsPython(
  cacheFolder: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  const folder = join(cacheFolder, 'models--owner--tiny');
  const put = async (path: string, content: string | Uint8Array) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  };
  await put(join(folder, 'refs', 'main'), COMMIT);
  for (const [name, content] of Object.entries(files)) {
    const blob = join(folder, 'blobs', createHash('sha256').update(content).digest('hex'));
    const link = join(folder, 'snapshots', COMMIT, name);
    await put(blob, content);
    await mkdir(dirname(link), { recursive: true });
    await symlink(relative(dirname(link), blob), link);
  }
}
