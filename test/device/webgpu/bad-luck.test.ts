/** What befalls a GPU, and what becomes of a reranker then: a typed error, or the next best device. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { TINY_CASES } from '../../../golden/measure.js';
import { SyntheticStore } from '../../../golden/synthetic.js';
import { relativeError } from '../../../golden/values.js';
import { openDevice } from '../../../src/device/choose.js';
import type { Device, WeightSource } from '../../../src/device/device.js';
import { ReferenceDevice } from '../../../src/device/reference/device.js';
import { selfTest } from '../../../src/device/self-test.js';
import { requestAdapter, supports } from '../../../src/device/webgpu/adapter.js';
import { ARITHMETICS } from '../../../src/device/webgpu/arithmetic.js';
import { WebGpuDevice } from '../../../src/device/webgpu/device.js';
import { parseConfig } from '../../../src/model/config.js';
import { Qwen3 } from '../../../src/model/qwen3.js';
import type { LoadOptions } from '../../../src/reranker/load-options.js';
import type { Progress } from '../../../src/reranker/options.js';
import type { Ranking } from '../../../src/reranker/ranking.js';
import { Reranker } from '../../../src/reranker/reranker.js';
import { TESTED_DEVICES } from '../../support/devices.js';
import { failure } from '../../support/failure.js';
import { MATRIX_UNITS } from '../../support/idle-gpu.js';
import { DOCUMENTS, loadEmbedded, QUERY, ranksSmallRequest } from '../../support/requests.js';
import { tinyCheckpoint } from '../../support/tiny-checkpoint.js';
import { delayAnswers, stubGpu, stubNoGpu } from '../../support/unlucky-gpu.js';

const hasGpu = TESTED_DEVICES.some(({ name }) => name === 'webgpu');
const webgpu = { device: 'webgpu' } as const;

/** A model for which SwiftShader has little to do. */
async function loadTiny(options: LoadOptions): Promise<Reranker> {
  return Reranker.load(await tinyCheckpoint(), options);
}

/** The same list on the CPU: what every GPU must give. */
let usual: Ranking;
beforeAll(async () => {
  await using reranker = await loadTiny({ device: 'wasm' });
  usual = await ranksSmallRequest(reranker);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function expectUsual(ranking: Ranking): void {
  expect(ranking.map(({ index }) => index)).toEqual(usual.map(({ index }) => index));
  for (const [place, { relevanceScore }] of ranking.entries()) {
    expect(relevanceScore).toBeCloseTo(usual[place]!.relevanceScore, 4);
  }
}

describe('where there is no GPU', () => {
  test('the device asked for by name is an error that says what to do', async () => {
    stubNoGpu();
    await expect(openDevice('webgpu')).rejects.toThrow(failure('device-unsupported', /no graphics card/));
  });

  test('the next best device serves, and one line says why', async () => {
    stubNoGpu();
    const notices: string[] = [];
    await using reranker = await loadTiny({ onNotice: (notice) => notices.push(notice) });
    expect(reranker.device).toBe('wasm');
    expect(notices).toEqual([expect.stringMatching(/^webgpu was passed over: .*no graphics card/)]);
    expectUsual(await ranksSmallRequest(reranker));
  });

  test('because the package webgpu is not installed, the error says how to install it', async () => {
    vi.resetModules();
    vi.doMock('webgpu', () => {
      throw new Error("Cannot find package 'webgpu'");
    });
    const { requestGpu } = await import('../../../src/platform/node.js');
    await expect(requestGpu()).rejects.toMatchObject({
      code: 'device-unsupported',
      hint: expect.stringMatching(/npm install webgpu/),
    });
    vi.doUnmock('webgpu');
  });
});

describe.runIf(hasGpu)('a reranker on a GPU', { tags: 'gpu' }, () => {
  let devices: GPUDevice[];
  let reranker: Reranker;
  beforeAll(async () => {
    devices = await stubGpu();
    reranker = await loadTiny(webgpu);
  });
  beforeEach(async () => {
    expectUsual(await ranksSmallRequest(reranker));
  });
  afterAll(() => reranker.dispose());

  test('that is aborted keeps nothing of the request', async () => {
    const before = reranker.deviceBytes;
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const request = reranker.rerank(QUERY, DOCUMENTS, { signal: controller.signal, onProgress });
    await expect(request).rejects.toMatchObject({ name: 'AbortError' });
    expect(reranker.deviceBytes).toBe(before);
  });

  test('whose tab is in the background, where answers come late, computes right', async () => {
    delayAnswers(devices.at(-1)!, 50);
    expectUsual(await ranksSmallRequest(reranker));
  });

  test('that is lost in the middle of a request fails it; the next one opens it anew', async () => {
    const onProgress = () => devices.at(-1)!.destroy();
    await expect(reranker.rerank(QUERY, DOCUMENTS, { onProgress })).rejects.toThrow(failure('device-lost'));
    await stubGpu();
    expectUsual(await ranksSmallRequest(reranker));
  });

  test('runs beside another', async () => {
    await using other = await loadTiny({ ...webgpu, dtype: 'f16' });
    const [one, two] = await Promise.all([ranksSmallRequest(reranker), ranksSmallRequest(other)]);
    expectUsual(one);
    for (const [place, { relevanceScore }] of two.entries()) {
      expect(Math.abs(relevanceScore - usual[place]!.relevanceScore)).toBeLessThan(5e-3);
    }
  });

  test('that is lost between two requests is opened anew', async () => {
    devices = await stubGpu();
    await using other = await loadTiny(webgpu);
    await using session = other.session(QUERY, { announce: DOCUMENTS.length });
    await session.add(DOCUMENTS.slice(0, 2));
    devices.at(-1)!.destroy();
    await devices.at(-1)!.lost;
    expectUsual(await ranksSmallRequest(other));
    expectUsual(await session.add(DOCUMENTS.slice(2)));
    await other.dispose();
    expect(other.deviceBytes).toBe(0);
  });
});

describe.runIf(hasGpu)('a GPU that is none of software', { tags: 'gpu' }, () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'listwise-cache-'));
  });
  beforeEach(async () => {
    vi.stubEnv('XDG_CACHE_HOME', folder);
    await stubGpu({ info: { isFallbackAdapter: false } });
  });
  afterEach(() => vi.unstubAllEnvs());
  afterAll(() => rm(folder, { recursive: true }));

  /** Loads, ranks, and says which phases there were. */
  async function phases(options: LoadOptions): Promise<Set<string>> {
    const seen = new Set<string>();
    const onProgress = ({ phase }: Progress) => seen.add(phase);
    await using reranker = await loadTiny({ ...webgpu, dtype: 'q8', ...options, onProgress });
    await ranksSmallRequest(reranker);
    return seen;
  }

  test('finds out what is fastest when it first meets a model, if it may', async () => {
    expect(await phases({ tune: false })).not.toContain('tune');
    expect(await phases({})).toContain('tune');
    expect(await phases({})).not.toContain('tune');
  });
});

describe.runIf(hasGpu)('a GPU', { tags: 'gpu' }, () => {
  test('of which no limits were asked for has smaller tiles, and computes right', async () => {
    await stubGpu({
      limits: { maxComputeWorkgroupStorageSize: 16_384, maxStorageBufferBindingSize: 128 << 20 },
    });
    const device = await WebGpuDevice.open(await requestAdapter(), 'f32');
    await selfTest(device, { dtypes: ['f32'] });
    await device.dispose();
  });

  test('whose tensor cores do not work computes in 32 bits, and one line says why', async ({ skip }) => {
    skip(supports(await requestAdapter(), 'matrix'), 'this GPU has tensor cores');
    await stubGpu(MATRIX_UNITS);
    const notices: string[] = [];
    const device = await openDevice('webgpu', {
      dtypes: ['f16'],
      onNotice: (notice) => notices.push(notice),
    });
    expect(device.description).toMatch(/32-bit arithmetic$/);
    expect(notices).toEqual([
      expect.stringMatching(/^webgpu with tensor cores was passed over: /),
      expect.stringMatching(/^webgpu with 32- and 16-bit arithmetic was passed over: /),
    ]);
    await device.dispose();
  });

  test('with small buffers keeps tensors in pages, and computes right in every arithmetic', async () => {
    await stubGpu({ limits: { maxStorageBufferBindingSize: 200 << 10 } });
    const config = parseConfig({ ...TINY_CASES[0]!.config, max_position_embeddings: 2000 });
    const ids = Array.from({ length: 1500 }, (_, i) => (i * i) % config.vocabularySize);
    const run = async (device: Device) => {
      const model = await Qwen3.load(device, new SyntheticStore(), config, 'f16');
      const states = await model.forward(ids, [0, 130, 1400, 1499]);
      await device.dispose();
      return states;
    };
    const expected = await run(new ReferenceDevice());
    const adapter = await requestAdapter();
    for (const arithmetic of ARITHMETICS.filter((each) => supports(adapter, each))) {
      const states = await run(await WebGpuDevice.open(await requestAdapter(), arithmetic));
      expect(relativeError(states, expected), arithmetic).toBeLessThan(arithmetic === 'f32' ? 1e-5 : 5e-3);
    }
  });

  test('with bindings of 128 MiB holds the keys and values of 131,072 tokens, and attends to the last', async () => {
    await stubGpu({ limits: { maxStorageBufferBindingSize: 128 << 20 } });
    const [tokens, width, window] = [131_072, 2 * 8 * 128, 64];
    const values = Float32Array.from({ length: window * width }, (_, i) => Math.sin(i * 0.7));
    const attend = async (device: Device, rows: number) => {
      const [queries, out] = [device.tensor(1, 16 * 128), device.tensor(1, 16 * 128)];
      const cache = device.cache(rows, width);
      device.write(queries, values.subarray(0, 16 * 128));
      device.write(cache.slice(rows - window, window), values);
      const pass = device.pass();
      pass.attention(queries, cache, device.indices([rows - 1]), 128, out, window);
      await pass.submit();
      const result = await device.read(out);
      await device.dispose();
      return result;
    };
    const got = await attend(await WebGpuDevice.open(await requestAdapter(), 'f32'), tokens);
    expect(relativeError(got, await attend(new ReferenceDevice(), window))).toBeLessThan(1e-5);
  });

  test('that can hold no single row of a weight in a buffer says what it needs and what there is', async () => {
    await stubGpu({ limits: { maxStorageBufferBindingSize: 1024 } });
    await expect(loadEmbedded(webgpu)).rejects.toThrow(
      failure('device-unsupported', /needs a buffer of .* allows/),
    );
  });

  test('whose memory is full while the model loads is an error, and no trace of it stays', async () => {
    const devices = await stubGpu({ buffers: 60 });
    await expect(loadEmbedded(webgpu)).rejects.toThrow(failure('out-of-memory', /no room for .*: it needs/));
    expect((await devices.at(-1)!.lost).reason).toBe('destroyed');
  });

  test('gets long work in many submissions', async () => {
    const devices = await stubGpu();
    const device = await WebGpuDevice.open(await requestAdapter(), 'f32');
    const submit = vi.spyOn(devices[0]!.queue, 'submit');
    const x = device.tensor(512, 512);
    const weight = await device.weight(matrixOf(512, 512, 1), 'f32');
    const pass = device.pass();
    pass.linear(x, weight, device.tensor(512, 512)); // 2^28 operations, where the first submission takes 2^24
    await pass.submit();
    await device.read(x.slice(0, 1));
    expect(submit.mock.calls.length).toBeGreaterThan(3);
    await device.dispose();
  });

  test('refuses a weight that f16 can not hold, by name', async () => {
    const device = await WebGpuDevice.open(await requestAdapter(), 'f32');
    const huge = matrixOf(64, 64, 300);
    await expect(device.weight(huge, 'f16')).rejects.toThrow(
      failure('device-unsupported', /^large has a weight of 300/),
    );
    await device.dispose();
  });
});

function matrixOf(rows: number, columns: number, value: number): WeightSource {
  return { name: 'large', rows, columns, read: async (_start, _count, into) => void into.fill(value) };
}
