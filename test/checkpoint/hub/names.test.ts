/** What a model's name means, and which files of a repository make the model. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { licenceNotice } from '../../../src/checkpoint/hub/licence.js';
import { parseHubName } from '../../../src/checkpoint/hub/name.js';
import {
  checkPackaging,
  looksWhole,
  onlyGguf,
  smallFiles,
  weightFiles,
} from '../../../src/checkpoint/hub/selection.js';
import { failure } from '../../support/failure.js';

describe('a name on the hub', () => {
  it.each([
    ['jinaai/jina-reranker-v3', { repository: 'jinaai/jina-reranker-v3' }],
    ['a/b', { repository: 'a/b' }],
    ['Owner_1/name.v3-Q8', { repository: 'Owner_1/name.v3-Q8' }],
    ['jinaai/x-GGUF/x-BF16.gguf', { repository: 'jinaai/x-GGUF', file: 'x-BF16.gguf' }],
    ['a/b/X.GGUF', { repository: 'a/b', file: 'X.GGUF' }],
  ])('is %s', (text, expected) => {
    expect(parseHubName(text)).toEqual(expected);
  });

  it.each([
    ...['', '/', 'name', './a/b', '../a/b', '/a/b', 'a/b/', 'a//b', 'a/b/c', 'a/b/c/d.gguf', 'a/b/.gguf'],
    ...[
      '~/a',
      'C:\\a\\b',
      'C:/a',
      'a\\b/c',
      'a b/c',
      'a/b?x',
      'a/..',
      'a/b..c',
      'a--b/c',
      '-a/b',
      'a/b.',
      'ä/b',
    ],
    ...['a/b\n', 'https://huggingface.co/a/b', `a/${'b'.repeat(97)}`],
  ])('is not %j', (text) => {
    expect(parseHubName(text)).toBeUndefined();
  });

  it('never leads out of a folder', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab./\\-:~%\0') }), (text) => {
        const { repository, file } = parseHubName(text) ?? {};
        for (const part of `${repository ?? ''}/${file ?? ''}`.split('/')) {
          expect(part).not.toMatch(/^\.|\.\.|[\\:~%\0]/);
        }
      }),
    );
  });
});

const SMALL = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
const index = (...shards: string[]) =>
  JSON.stringify({ weight_map: Object.fromEntries(shards.map((shard, i) => [`tensor ${i}`, shard])) });

describe('the files of a model', () => {
  const all = [
    ...[...SMALL, 'chat_template.jinja', 'README.md', 'model.onnx', 'original/model.safetensors'],
    ...['original/config.json', '../evil.jinja', '.jinja', 'a\\b.safetensors', 'model.safetensors'],
  ];

  it('are the small ones and the weights beside them, nothing else', () => {
    expect(smallFiles(all, undefined)).toEqual([...SMALL, 'chat_template.jinja']);
    expect(weightFiles(all, undefined, undefined)).toEqual(['model.safetensors']);
  });

  it('are the shards that the index names, and a projector', () => {
    const shards = ['m-1.safetensors', 'm-2.safetensors', 'm-3.safetensors', 'projector.safetensors'];
    const names = [...all.filter((name) => name !== 'model.safetensors'), ...shards];
    expect(weightFiles(names, undefined, index('m-1.safetensors', 'm-3.safetensors'))).toEqual([
      'm-1.safetensors',
      'm-3.safetensors',
      'projector.safetensors',
    ]);
    expect(smallFiles([...names, 'model.safetensors.index.json'], undefined)).toContain(
      'model.safetensors.index.json',
    );
  });

  it.each(['', '[]', '{}', '{"weight_map": null}', '{"weight_map": 7}'])(
    'are no shards by the index %j',
    (text) => {
      expect(weightFiles(['m-1.safetensors'], undefined, text)).toEqual([]);
    },
  );

  it('are the single file and no shards where both are there', () => {
    const names = [...all, 'm-1.safetensors', 'projector.safetensors', 'model.safetensors.index.json'];
    for (const given of [undefined, index('m-1.safetensors')]) {
      expect(weightFiles(names, undefined, given)).toEqual(['model.safetensors', 'projector.safetensors']);
    }
    expect(smallFiles(names, undefined)).not.toContain('model.safetensors.index.json');
    expect(looksWhole([...SMALL, 'model.safetensors'], undefined, index('m-1.safetensors'))).toBe(true);
  });

  it('are the only GGUF file where no safetensors are the model', () => {
    const names = [...SMALL, 'x-Q8_0.gguf', 'old/x.gguf', 'projector.safetensors'];
    expect(onlyGguf(names)).toBe('x-Q8_0.gguf');
    expect(() => checkPackaging(names, 'a/b', undefined)).not.toThrow();
    expect(onlyGguf([...names, 'model.safetensors.index.json'])).toBe('x-Q8_0.gguf');
    expect(onlyGguf([...names, 'y.gguf'])).toBeUndefined();
    expect(onlyGguf([...names, 'model.safetensors'])).toBeUndefined();
    expect(onlyGguf([...names, 'model.safetensors.index.json', 'm-1.safetensors'])).toBeUndefined();
  });

  it('are the named file, its projector and the small ones', () => {
    const names = [
      ...all,
      'x-Q8_0.gguf',
      'x-BF16.gguf',
      'projector.safetensors',
      'model.safetensors.index.json',
    ];
    expect(weightFiles(names, 'x-BF16.gguf', undefined)).toEqual(['x-BF16.gguf', 'projector.safetensors']);
    expect(smallFiles(names, 'x-BF16.gguf')).toEqual([...SMALL, 'chat_template.jinja']);
  });

  it('are all parts of the named file', () => {
    const parts = ['x-00001-of-00002.gguf', 'x-00002-of-00002.gguf'];
    const names = [...all, ...parts, 'y-00001-of-00002.gguf', 'projector.safetensors'];
    expect(weightFiles(names, parts[0], undefined)).toEqual([...parts, 'projector.safetensors']);
    expect(looksWhole(parts, parts[0], undefined)).toBe(true);
    expect(onlyGguf(parts.slice(1))).toBe(parts[0]);
    expect(looksWhole(parts.slice(0, 1), parts[0], undefined)).toBe(false);
    expect(() => checkPackaging([...parts, 'Z.GGUF'], 'a/b', undefined)).toThrow(
      failure('checkpoint-not-found', /several models: Z\.GGUF, x-00001-of-00002\.gguf\.$/),
    );
  });

  it('can be several models, of which one has to be named', () => {
    const names = ['config.json', 'x-Q8_0.gguf', 'x-BF16.gguf', 'old/x.gguf'];
    const several = failure('checkpoint-not-found', /several models: x-BF16.gguf, x-Q8_0.gguf\.$/);
    expect(() => checkPackaging(names, 'a/b', undefined)).toThrow(several);
    expect(() => checkPackaging([...names, 'projector.safetensors'], 'a/b', undefined)).toThrow(several);
    expect(() => checkPackaging(names, 'a/b', 'y.gguf')).toThrow(
      expect.objectContaining({ hint: 'Its .gguf files: x-Q8_0.gguf, x-BF16.gguf.' }),
    );
    expect(() => checkPackaging(names, 'a/b', 'x-BF16.gguf')).not.toThrow();
    expect(() => checkPackaging([...names, 'model.safetensors'], 'a/b', undefined)).not.toThrow();
  });

  it('look whole when nothing is missing that every model has', () => {
    expect(looksWhole([...SMALL, 'model.safetensors'], undefined, undefined)).toBe(true);
    expect(looksWhole(['model.safetensors'], undefined, undefined)).toBe(false);
    expect(looksWhole([...SMALL, 'a.safetensors'], undefined, index('a.safetensors', 'b.safetensors'))).toBe(
      false,
    );
    expect(looksWhole(['x.gguf'], 'x.gguf', undefined)).toBe(true);
    expect(looksWhole(SMALL, 'x.gguf', undefined)).toBe(false);
  });
});

it.each([
  ['cc-by-nc-4.0', 'a/b is licensed under CC BY-NC 4.0: not for commercial use.'],
  ['cc-by-nc-sa-4.0', 'a/b is licensed under CC BY-NC-SA 4.0: not for commercial use.'],
  ['cc-by-4.0', 'a/b is licensed under CC BY 4.0.'],
  ['apache-2.0', 'a/b is licensed under apache-2.0.'],
])('the licence %s is said in words', (licence, notice) => {
  expect(licenceNotice('a/b', licence)).toBe(notice);
});
