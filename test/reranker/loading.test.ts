import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../src/checkpoint/checkpoint.js';
import type { DeviceKind } from '../../src/device/device.js';
import type { LoadOptions } from '../../src/reranker/load-options.js';
import type { Progress } from '../../src/reranker/options.js';
import { Reranker } from '../../src/reranker/reranker.js';
import { failure } from '../support/failure.js';
import { CAN_LIST_OPEN_FILES, NO_LIST, openFilesIn } from '../support/open-files.js';
import { DOCUMENTS, QUERY, ranksSmallRequest } from '../support/requests.js';
import { bf16, f32, type StoredTensor } from '../support/safetensors-writer.js';
import {
  TINY_CONFIG,
  type TinyParts,
  tinyCheckpoint,
  tinyFolder,
  tinyTensors,
} from '../support/tiny-checkpoint.js';
import { embeddedTokenizer } from '../support/tokenizers.js';

const DEVICE: DeviceKind = 'reference';

/** Loads as JavaScript can: with arguments that TypeScript would not let through. */
const load = (model: unknown, options: unknown = { device: DEVICE }): Promise<Reranker> =>
  Reflect.apply(Reranker.load, Reranker, [model, options]);

/** Loads a folder that can't be loaded, and checks that nothing of it stays open. */
async function failedLoad(parts: TinyParts, options: LoadOptions = {}): Promise<unknown> {
  const folder = await tinyFolder(parts);
  const error = await Reranker.load(folder, { device: DEVICE, ...options }).then(
    () => 'loaded',
    (e: unknown) => e,
  );
  if (CAN_LIST_OPEN_FILES) expect(await openFilesIn(folder)).toEqual([]);
  return error;
}

/** The tiny model's tensors with one changed, or taken away. */
function tensorsWith(name: string, change: (tensor: StoredTensor) => StoredTensor | undefined) {
  const tensors = tinyTensors();
  const changed = change(tensors[name]!);
  delete tensors[name];
  return changed ? { ...tensors, [name]: changed } : tensors;
}

/** The tensor with a value at an element's place. */
function withValue(tensor: StoredTensor, index: number, value: number): StoredTensor {
  const bytes = tensor.bytes.slice();
  bytes.set(bf16([1], [value]).bytes, index * 2);
  return { ...tensor, bytes };
}

describe('a reranker', () => {
  it('ranks alike from a folder and from a checkpoint in memory', async () => {
    await using fromMemory = await load(await tinyCheckpoint());
    const folder = await tinyFolder();
    const fromFolder = await load(folder);
    expect([fromMemory.model, fromFolder.model]).toEqual(['tiny', folder]);
    expect([fromFolder.device, fromFolder.dtype]).toEqual([DEVICE, 'f32']);
    expect(await ranksSmallRequest(fromFolder)).toEqual(await ranksSmallRequest(fromMemory));
    await fromFolder.dispose();
    if (CAN_LIST_OPEN_FILES) expect(await openFilesIn(folder)).toEqual([]);
  });

  it('takes no notice of tensors that it does not need', async () => {
    const tensors = { 'lm_head.weight': f32([1], [Number.NaN]), ...tinyTensors(), rest: f32([0], []) };
    await using reranker = await load(await tinyCheckpoint({ tensors }));
    expect(await ranksSmallRequest(reranker)).toHaveLength(3);
  });

  it('rests in less memory as q8, and scores much the same', async () => {
    await using f32Model = await load(await tinyCheckpoint());
    await using q8Model = await load(await tinyCheckpoint(), { device: DEVICE, dtype: 'q8' });
    expect(q8Model.deviceBytes).toBeLessThan(f32Model.deviceBytes * 0.6);
    const byIndex = async (reranker: Reranker) =>
      (await ranksSmallRequest(reranker))
        .sort((a, b) => a.index - b.index)
        .map(({ relevanceScore }) => relevanceScore);
    const exact = await byIndex(f32Model);
    (await byIndex(q8Model)).forEach((score, i) => {
      expect(Math.abs(score - exact[i]!)).toBeLessThan(0.05);
    });
  });

  it('reports its layers as they are loaded', async () => {
    const reports: Progress[] = [];
    const onProgress = (report: Progress) => reports.push(report);
    await using _reranker = await load(await tinyCheckpoint(), { device: DEVICE, onProgress });
    expect(reports).toEqual([1, 2].map((done) => ({ phase: 'load', done, total: 2 })));
  });

  it('deals blocks by the model’s context where that is the smaller one', async () => {
    const config = { ...TINY_CONFIG, max_position_embeddings: 100 };
    await using reranker = await load(await tinyCheckpoint({ config }));
    const documents = Array.from({ length: 20 }, (_, i) => `document ${i}`);
    expect(reranker.prompts('q', documents, { maxDocumentLength: 10 }).length).toBeGreaterThan(1);
    expect(await reranker.rerank('q', documents, { maxDocumentLength: 10 })).toHaveLength(20);
    await expect(reranker.rerank('q', ['z '.repeat(300)])).rejects.toEqual(
      failure('context-exceeded', /room for 100/),
    );
  });

  it('that is the best there is needs no options', async () => {
    const notices: string[] = [];
    await using reranker = await Reranker.load(await tinyCheckpoint(), {
      onNotice: (notice) => notices.push(notice),
    });
    if (reranker.device === 'webgpu') return; // this machine has one
    expect([reranker.device, notices]).toEqual(['wasm', [expect.stringMatching(/^webgpu was passed over/)]]);
    expect(reranker.deviceDescription).toMatch(/WebAssembly/);
  });
});

it('a config with fewer layers than the checkpoint is obeyed, and a notice says so', async () => {
  const notices: string[][] = [];
  const loaded = async (layers: number) => {
    const config = { ...TINY_CONFIG, num_hidden_layers: layers };
    const onNotice: LoadOptions['onNotice'] = (...notice) => notices.push(notice);
    await using reranker = await load(await tinyCheckpoint({ config }), { device: DEVICE, onNotice });
    return reranker.rerank(QUERY, DOCUMENTS);
  };
  await loaded(2);
  expect(notices).toEqual([]);
  expect(await loaded(1)).toHaveLength(DOCUMENTS.length);
  expect(notices).toEqual([
    ["The config's num_hidden_layers is 1, the checkpoint has more: they are left out.", 'model'],
  ]);
});

it('a bare backbone whose tokenizer names no model_max_length ranks as the whole model', async () => {
  const tensors = Object.fromEntries(
    Object.entries(tinyTensors()).map(([name, tensor]) => [name.replace(/^model\./, ''), tensor]),
  );
  const folder = await tinyFolder({ tensors });
  await writeFile(join(folder, 'tokenizer_config.json'), '{}');
  await using bare = await load(folder);
  await using whole = await load(await tinyCheckpoint());
  expect(await ranksSmallRequest(bare)).toEqual(await ranksSmallRequest(whole));
});

describe('loading is refused, and nothing stays behind,', () => {
  it.each<[string, LoadOptions | Record<string, unknown>, ReturnType<typeof failure>]>([
    [
      'as an unknown dtype',
      { dtype: 'f64' },
      failure('invalid-input', /dtype is "f64", expected f32 or f16/),
    ],
    ['as a property of objects', { dtype: 'toString' }, failure('invalid-input', /dtype is "toString"/)],
    ['on an unknown device', { device: 'quantum' }, failure('device-unsupported', /no device "quantum"/)],
    ['on no device', { device: null }, failure('device-unsupported', /no device "null"/)],
  ])('%s', async (_what, options, expected) => {
    expect(await failedLoad({}, options)).toEqual(expected);
  });

  it.each([[null], [7], [true], [{}], ['']])('of the model %j', async (model) => {
    await expect(load(model)).rejects.toEqual(
      failure(model === '' ? 'checkpoint-not-found' : 'invalid-input'),
    );
  });

  it.each(Object.keys(tinyTensors()))('without %s', async (name) => {
    const error = await failedLoad({ tensors: tensorsWith(name, () => undefined) });
    expect(error).toEqual(failure('checkpoint-mismatch', new RegExp(`has no (tensor|matrix) "${name}"`)));
    expect(error).toHaveProperty('hint', expect.stringMatching(/projector/));
  });

  it.each(Object.keys(tinyTensors()))('with %s of another shape', async (name) => {
    const misshapen = tensorsWith(name, ({ shape, ...rest }) => ({
      ...rest,
      shape: [...shape.slice(0, -1), 1, ...shape.slice(-1)],
    }));
    expect(await failedLoad({ tensors: misshapen })).toEqual(
      failure('checkpoint-mismatch', new RegExp(`"${name}"`)),
    );
  });

  it.each([
    'model.layers.1.mlp.down_proj.weight',
    'model.layers.0.self_attn.q_norm.weight',
    'model.norm.weight',
    'projector.2.weight',
  ])('with a NaN or an infinity in %s', async (name) => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const error = await failedLoad({ tensors: tensorsWith(name, (tensor) => withValue(tensor, 5, value)) });
      expect(error).toEqual(
        failure('checkpoint-corrupt', new RegExp(`"${name}" holds a NaN or an infinity`)),
      );
    }
  });

  it.each<[string, Record<string, unknown>, ReturnType<typeof failure>]>([
    ['of another architecture', { model_type: 'bert' }, failure('unsupported-model', /model_type is "bert"/)],
    [
      'of another width',
      { hidden_size: 128 },
      failure('checkpoint-mismatch', /is \[\d+,64\]; the config asks for \[\d+,128\]/),
    ],
    [
      'with more layers',
      { num_hidden_layers: 3 },
      failure('checkpoint-mismatch', /no tensor "model.layers.2/),
    ],
    [
      'without head_dim, whose default is another',
      { head_dim: undefined },
      failure('checkpoint-mismatch', /q_proj.weight" is \[64,64\]; the config asks for \[256,64\]/),
    ],
    ['with heads of absurd width', { head_dim: 2 ** 40 }, failure('checkpoint-mismatch', /head_dim/)],
    ['with an absurd MLP', { intermediate_size: 2 ** 50 }, failure('checkpoint-mismatch', /gate_proj/)],
    ['with another vocabulary', { vocab_size: 151936 }, failure('checkpoint-mismatch', /embed_tokens/)],
  ])('by a config %s', async (_what, changes, expected) => {
    expect(await failedLoad({ config: { ...TINY_CONFIG, ...changes } })).toEqual(expected);
  });

  it('when it was aborted before', async () => {
    expect(await failedLoad({}, { signal: AbortSignal.abort() })).toHaveProperty('name', 'AbortError');
  });

  it('when it is aborted on its way', async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    expect(await failedLoad({}, { signal: controller.signal, onProgress })).toHaveProperty(
      'name',
      'AbortError',
    );
  });

  it('when its listener throws', async () => {
    const onProgress = () => {
      throw new Error('the listener’s own');
    };
    expect(await failedLoad({}, { onProgress })).toHaveProperty('message', 'the listener’s own');
  });

  it('no thread either', async ({ skip }) => {
    skip(!CAN_LIST_OPEN_FILES, NO_LIST);
    const threads = async () => (await readdir('/proc/self/task')).length;
    const attempt = () =>
      failedLoad(
        { tensors: tensorsWith('projector.2.weight', () => undefined) },
        { device: 'wasm', threads: 3 },
      );
    await attempt(); // the engine starts threads of its own the first time
    const before = await threads();
    for (let i = 0; i < 3; i++) expect(await attempt()).toEqual(failure('checkpoint-mismatch'));
    await expect.poll(threads).toBeLessThanOrEqual(before);
  });
});

describe('an embedding', () => {
  it('that is NaN fails the requests that need it, and no others', async () => {
    // Rows of the embedding are read when they are needed.
    const [row] = embeddedTokenizer().encodePlain('ж');
    const tensors = tensorsWith('model.embed_tokens.weight', (tensor) =>
      withValue(tensor, row! * 64, Number.NaN),
    );
    await using reranker = await load(await tinyCheckpoint({ tensors }));
    const usual = await ranksSmallRequest(reranker);
    const { deviceBytes } = reranker;
    const unlucky = reranker.rerank(QUERY, [...DOCUMENTS, 'ж']);
    await expect(unlucky).rejects.toEqual(failure('checkpoint-corrupt', /embed_tokens.*NaN/));
    expect(reranker.deviceBytes).toBe(deviceBytes);
    expect(await ranksSmallRequest(reranker)).toEqual(usual);
  });

  it('that a token lacks is another model’s', async () => {
    const config = { ...TINY_CONFIG, vocab_size: 12000 };
    const tensors = tensorsWith('model.embed_tokens.weight', ({ bytes, ...rest }) => ({
      ...rest,
      shape: [12000, 64],
      bytes: bytes.subarray(0, 12000 * 64 * 2),
    }));
    const checkpoint: Checkpoint = await tinyCheckpoint({ config, tensors });
    await expect(load(checkpoint)).rejects.toEqual(
      failure('checkpoint-mismatch', /Token \d+ has no embedding: the checkpoint has 12000/),
    );
  });
});

describe('a model whose numbers grow beyond all bounds', () => {
  it('fails requests instead of giving scores that are none', async () => {
    const tensors = tensorsWith('projector.2.weight', (tensor) => {
      const bytes = new Uint8Array(tensor.bytes.length);
      new Uint16Array(bytes.buffer).fill(0x7f7f); // bf16's largest value
      return { ...tensor, bytes };
    });
    await using reranker = await load(await tinyCheckpoint({ tensors }));
    await expect(ranksSmallRequest(reranker)).rejects.toEqual(failure('device-failed', /left the range/));
  });
});
