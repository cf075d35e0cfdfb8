/** Addresses pasted from a browser. */
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../src/checkpoint/hub/address.js';
import { hubName } from '../../../src/checkpoint/hub/model.js';
import { Reranker } from '../../../src/reranker/reranker.js';
import { failure } from '../../support/failure.js';
import { startHub } from '../../support/hub.js';
import { bring, MODEL, optionsFor, tinyFiles } from '../../support/hub-models.js';
import { COMMIT, repositoryOf } from '../../support/hub-server.js';

const HUB = 'https://huggingface.co';

describe('an address of the hub', () => {
  it.each([
    ['https://huggingface.co/owner/name', { repository: 'owner/name' }],
    ['https://huggingface.co/owner/name/', { repository: 'owner/name' }],
    ['http://www.huggingface.co/owner/name?library=transformers#usage', { repository: 'owner/name' }],
    ['https://hf.co/owner/name', { repository: 'owner/name' }],
    ['huggingface.co/owner/name', { repository: 'owner/name' }],
    ['https://huggingface.co/owner/name/tree/main', { repository: 'owner/name', revision: 'main' }],
    [
      'https://huggingface.co/owner/name/blob/main/file.gguf',
      { repository: 'owner/name', file: 'file.gguf', revision: 'main' },
    ],
    [
      'https://huggingface.co/owner/name/resolve/v1.0/file-Q8_0.gguf?download=true',
      { repository: 'owner/name', file: 'file-Q8_0.gguf', revision: 'v1.0' },
    ],
    [
      'https://huggingface.co/owner/name/blob/refs%2Fpr%2F3/model.safetensors',
      { repository: 'owner/name', revision: 'refs/pr/3' },
    ],
    [
      'https://huggingface.co/owner/name/raw/refs/pr/3/config.json',
      { repository: 'owner/name', revision: 'refs/pr/3' },
    ],
  ])('%s is understood', (address, expected) => {
    expect(parseAddress(address, HUB)).toEqual(expected);
  });

  it.each([
    'https://huggingface.co',
    'https://huggingface.co/owner',
    'https://huggingface.co/datasets/owner/name',
    'https://huggingface.co/owner/name/discussions/1',
    'https://huggingface.co/owner/name/blob/main/folder/file.gguf',
    'https://huggingface.co/owner/name/blob/main/model.onnx',
    'https://huggingface.co/owner/name/blob/main/%.gguf',
    'https://huggingface.co/owner/..%2f..%2fname',
    'https://example.com/owner/name',
    'https://huggingface.co.example.com/owner/name',
    'https://',
  ])('%s is none of a model', (address) => {
    const none = failure('invalid-input', /is no address of a model on the hub\.$/);
    expect(() => parseAddress(address, HUB)).toThrow(none);
  });

  it('may be a mirror’s, whose pages may lie in a folder', () => {
    const mirror = 'http://mirror.example:8080/hf/';
    const expected = { repository: 'owner/name', file: 'a.gguf', revision: 'main' };
    expect(parseAddress('http://mirror.example:8080/hf/owner/name/blob/main/a.gguf', mirror)).toEqual(
      expected,
    );
    expect(parseAddress('https://huggingface.co/owner/name', mirror)).toEqual({ repository: 'owner/name' });
    expect(() => parseAddress('http://mirror.example/hf/owner/name', mirror)).toThrow(
      failure('invalid-input'),
    );
    expect(() => parseAddress('http://mirror.example:8080/owner/name', mirror)).toThrow(
      failure('invalid-input'),
    );
  });

  it('is asked for in its revision', async () => {
    const repository = repositoryOf(await tinyFiles(), { refs: { v2: COMMIT } });
    const hub = await startHub({ [MODEL]: repository });
    const options = await optionsFor(hub);
    const address = `${hub.url}/${MODEL}/blob/v2/model.safetensors`;
    await using reranker = await Reranker.load(address, { device: 'reference', hub: options });
    expect(reranker.model).toBe(MODEL);
    expect(hub.asked[0]!.path).toBe(`/api/models/${MODEL}/revision/v2`);
    const name = (await hubName(address, options))!;
    await bring({ ...options, revision: 'v2' }, {}, { name });
    await expect(bring({ ...options, revision: 'main' }, {}, { name })).rejects.toEqual(
      failure('invalid-input', /address is of revision v2, but main is asked for/),
    );
  });
});
