/** `listwise verify`: what it expects of which model, how it judges, and what it says. */
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { goldenJson } from '../../golden/values.js';
import { WEIGHT_DTYPES } from '../../src/device/dtype.js';
import { parseConfig } from '../../src/model/config.js';
import { compareScores } from '../../src/verify/compare.js';
import { expectedScores, PUBLISHED_SCORES } from '../../src/verify/expected.js';
import { type Check, expectedOf, type VerifyOptions, verify } from '../../src/verify/verify.js';
import { writeChangedWeights } from '../support/changed-weights.js';
import { listwise } from '../support/command.js';
import { temporaryFolder, tinyFolder, tinyTensors } from '../support/tiny-checkpoint.js';

const JINA_CONFIG = goldenJson<Record<string, unknown>>('jina-reranker-v3.config.json');

async function checksOf(options: VerifyOptions): Promise<Check[]> {
  const checks: Check[] = [];
  for await (const check of verify(await expectedOf(options), options)) checks.push(check);
  return checks;
}

describe('what is expected', () => {
  test('of the embedded model, by whatever name, is what PyTorch scores', async () => {
    const named = await expectedOf({ model: fileURLToPath(new URL('../../weights', import.meta.url)) });
    expect(named).toEqual(await expectedOf({}));
    expect(named.source).toBe('golden');
    expect(named.lists.map(({ documents }) => documents.length)).toEqual([4, 3, 12]);
    for (const { scores, documents } of named.lists) expect(scores).toHaveLength(documents.length);
  });

  test.each([
    'jinaai/jina-reranker-v3',
    '/home/me/models/jina-reranker-v3',
    '~/.cache/huggingface/hub/models--jinaai--jina-reranker-v3/snapshots/0123abc',
    'jina-reranker-v3-GGUF',
    'jinaai/jina-reranker-v3-GGUF/jina-reranker-v3-BF16.gguf',
    'jinaai/jina-reranker-v3-GGUF/jina-reranker-v3-BF16-00001-of-00002.gguf',
  ])('of %s is what is published', async (name) => {
    const { source, lists } = await expectedScores(name, parseConfig(JINA_CONFIG));
    expect(source).toBe('published');
    expect(lists).toEqual([
      {
        query: 'What are the health benefits of green tea?',
        documents: expect.any(Array),
        scores: PUBLISHED_SCORES,
      },
    ]);
    expect(lists[0]!.documents).toHaveLength(PUBLISHED_SCORES.length);
  });

  test.each<[string, string, Record<string, unknown>]>([
    ['a model of the same shape', 'synthetic', {}],
    ['a later version', 'jinaai/jina-reranker-v3.5', {}],
    ['a quantised GGUF file', 'jina-reranker-v3-GGUF/jina-reranker-v3-IQ2_XS.gguf', {}],
    ['its first part', 'jina-reranker-v3-GGUF/jina-reranker-v3-Q8_0-00001-of-00002.GGUF', {}],
    ['what MLX quantised', 'someone/jina-reranker-v3-mlx-4bit', {}],
    ['another shape under that name', 'tiny/jina-reranker-v3', { num_hidden_layers: 2 }],
    [
      'a hybrid under that name',
      'jina-reranker-v3',
      { layer_types: Array(28).fill('sliding_attention'), use_sliding_window: true, sliding_window: 1024 },
    ],
  ])('of %s is only that devices agree', async (_, name, change) => {
    const { source, lists, description } = await expectedScores(
      name,
      parseConfig({ ...JINA_CONFIG, ...change }),
    );
    expect([source, lists[0]!.scores]).toEqual(['agreement', undefined]);
    expect(description).toContain(`No scores are known for ${name}`);
  });
});

describe('scores', () => {
  const BF16 = [0.2949, -0.1602, 0.1895, -0.1709, 0.2256, 0.1641]; // as published
  const EACH_ALONE = [0.3457, -0.105, 0.3145, -0.1377, 0.3398, 0.2539];

  test('in bfloat16 are right for bfloat16 and wrong for float32', async () => {
    const { allowed } = await expectedScores('jina-reranker-v3', parseConfig(JINA_CONFIG));
    const { largestError, ordered } = compareScores(BF16, PUBLISHED_SCORES, allowed.bf16);
    expect(ordered).toBe(true);
    expect(largestError).toBeCloseTo(0.0029, 9);
    expect([largestError < allowed.bf16, largestError < allowed.f32]).toEqual([true, false]);
  });

  test('of documents that did not see each other are wrong in every dtype', async () => {
    const { allowed } = await expectedScores('jina-reranker-v3', parseConfig(JINA_CONFIG));
    const { largestError } = compareScores(EACH_ALONE, PUBLISHED_SCORES, allowed.f32);
    for (const dtype of WEIGHT_DTYPES) expect(largestError).toBeGreaterThan(allowed[dtype]);
  });

  test.each<[string, number[], number, boolean]>([
    ['as they should be', [0.5, 0.4, 0.1], 0, true],
    ['that swap documents of nearly one score', [0.4, 0.41, 0.1], 0.1, true],
    ['that swap others', [0.1, 0.41, 0.2], 0.4, false],
    ['that are equal where they should differ', [0.3, 0.3, 0.3], 0.2, false],
    ['too few', [0.5, 0.4], Number.POSITIVE_INFINITY, false],
    ['that are no numbers', [0.5, Number.NaN, 0.1], Number.POSITIVE_INFINITY, false],
  ])('%s', (_, scores, error, ordered) => {
    const comparison = compareScores(scores, [0.5, 0.4, 0.1], 0.15);
    if (Number.isFinite(error)) expect(comparison.largestError).toBeCloseTo(error, 9);
    else expect(comparison.largestError).toBe(error);
    expect(comparison.ordered).toBe(ordered);
  });
});

describe('a machine', () => {
  test('that computes right passes, in each dtype that its device has', async () => {
    const checks = await checksOf({ device: 'wasm' });
    expect(checks.length).toBeGreaterThanOrEqual(2);
    for (const check of checks) {
      expect(check).toMatchObject({ device: 'wasm', result: 'passed', numbers: { ordered: true } });
      expect(check.numbers!.largestError).toBeLessThanOrEqual(check.numbers!.allowed);
    }
    expect(checks[0]!.numbers!.largestError).toBeGreaterThan(0); // it is compared with PyTorch, not with itself
  });

  test.each([
    'projector.2.weight',
    'model.layers.1.self_attn.k_norm.weight',
    'model.layers.3.self_attn.q_norm.weight',
  ])('fails where %s is not what it was', async (tensor) => {
    const model = await temporaryFolder();
    await writeChangedWeights(model, tensor);
    const [check] = await checksOf({ model, device: 'wasm', dtype: 'f32' });
    expect(check).toMatchObject({ device: 'wasm', dtype: 'f32', result: 'failed' });
    expect(check!.numbers!.largestError).toBeGreaterThan(check!.numbers!.allowed);
  });

  test('with a model that nobody has scored must agree with itself', async () => {
    const model = await tinyFolder();
    const [baseline, q8] = await checksOf({ model, device: 'wasm', dtype: 'q8' });
    expect(baseline).toMatchObject({ dtype: 'f32', result: 'passed', numbers: { largestError: 0 } });
    expect(q8).toMatchObject({ dtype: 'q8', result: 'passed' });
    expect(q8!.numbers!.largestError).toBeGreaterThan(0);
  });

  test('leaves the reference out where it would take an hour, and says so', async () => {
    const expected = await expectedOf({ model: await tinyFolder() });
    const checks: Check[] = [];
    for await (const check of verify(expected, { model: '/none', dtype: 'f32' })) checks.push(check);
    expect(checks.at(-1)).toEqual({
      device: 'reference',
      result: 'not-run',
      reason: expect.stringMatching(/^left out: /),
    });
  });

  test('has nothing to compare with where f32 can’t be run', async () => {
    const model = await tinyFolder();
    const expected = await expectedOf({ model });
    const checks: Check[] = [];
    for await (const check of verify(expected, { model: '/none', device: 'wasm' })) checks.push(check);
    expect(checks.map(({ dtype, result }) => [dtype, result])).toEqual(
      checks.map(({ dtype }) => [dtype, dtype === 'f32' ? 'failed' : 'not-run']),
    );
  });

  test('fails where a model can be opened and not loaded', async () => {
    const { 'projector.2.weight': _, ...tensors } = tinyTensors();
    const model = await tinyFolder({ tensors });
    const [check] = await checksOf({ model, device: 'wasm', dtype: 'f32' });
    expect(check).toEqual({
      device: 'wasm',
      dtype: 'f32',
      result: 'failed',
      reason: expect.stringContaining('projector.2.weight'),
    });
  });

  test('without a graphics card says so, which is no failure', async () => {
    vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => null } });
    onTestFinished(() => void vi.unstubAllGlobals());
    expect(await checksOf({ device: 'webgpu' })).toEqual([
      { device: 'webgpu', result: 'not-run', reason: expect.stringMatching(/^not here: WebGPU finds no/) },
    ]);
  });

  test('can be stopped', async () => {
    const controller = new AbortController();
    const checks = checksOf({
      device: 'wasm',
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(checks).rejects.toThrow(/aborted/);
  });
});

describe('the command', () => {
  test('prints a table and ends with 0', async () => {
    const { code, stdout, stderr } = await listwise(['verify', '--device', 'wasm', '--dtype', 'f32']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      "Scores of the embedded model for 19 documents in 3 lists, against PyTorch's in float32.",
      '',
      'device     dtype  largest error  allowed  order  load, s  result',
      expect.stringMatching(
        /^wasm {7}f32 {11}\d\.\de-[67] {5}1e-4 {2}right {5}\d\.\d\d {2}✓ passed {2}WebAssembly, /,
      ),
    ]);
    expect(stdout.split('\n').slice(4)).toEqual(['', 'It passed.', '']);
  });

  test('prints JSON', async () => {
    const { code, stdout } = await listwise(['verify', '--device', 'wasm', '--dtype', 'q8', '--json']);
    expect(code).toBe(0);
    const { checks, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({ model: 'embedded', source: 'golden', passed: true });
    const numbers = {
      largestError: expect.any(Number),
      allowed: 0.02,
      ordered: true,
      loadSeconds: expect.any(Number),
    };
    expect(checks).toEqual([
      {
        device: 'wasm',
        dtype: 'q8',
        result: 'passed',
        numbers: { description: expect.stringMatching(/^WebAssembly/), ...numbers },
      },
    ]);
  });

  test('ends with 1 where scores are wrong, and asks for a report', async () => {
    const model = await temporaryFolder();
    await writeChangedWeights(model, 'projector.2.weight');
    const { code, stdout } = await listwise(['verify', '--model', model, '--device', 'wasm']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/\nwasm +f32 +\S+ +1e-4 +wrong +\S+ {2}✗ failed {2}WebAssembly/);
    expect(stdout).toMatch(/\n5 of 5 failed\. Please report this, .+\n$/);
  });

  test('ends with 1 where nothing could be checked: silence is no success', async () => {
    const args = ['verify', '--device', 'webgpu'];
    const { code, stdout } = await listwise(args, { env: { VK_ICD_FILENAMES: '/none' } });
    if (code === 0) return; // a GPU that Vulkan does not bring
    expect(stdout).toMatch(/\nwebgpu +– {2}not here: .+\n\nNothing could be checked\.\n$/);
  });

  test.each([
    ['an unknown device', ['--device', 'abacus'], 2, 'Allowed choices are webgpu, wasm, reference'],
    ['an unknown dtype', ['--dtype', 'f64'], 2, 'Allowed choices are f32'],
    ['a model that is not there', ['--model', '/none'], 1, '/none is not there.'],
  ])('refuses %s', async (_, args, code, message) => {
    const outcome = await listwise(['verify', ...args]);
    expect([outcome.code, outcome.stdout]).toEqual([code, '']);
    expect(outcome.stderr).toContain(message);
  });
});
