import { cp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partMetadata } from '../../../golden/gguf-header.js';
import { writeGguf } from '../../../golden/write-checkpoint.js';
import { openCheckpoint } from '../../../src/checkpoint/checkpoint.js';
import { isGguf, partNames, readGgufModel } from '../../../src/checkpoint/gguf/parts.js';
import { filesInMemory } from '../../../src/checkpoint/memory-files.js';
import type { ListwiseErrorCode } from '../../../src/error.js';
import { Reranker } from '../../../src/reranker/reranker.js';
import { failure } from '../../support/failure.js';
import { type GgufTensor, writeGgufBytes } from '../../support/gguf-writer.js';
import { CAN_LIST_OPEN_FILES, openFilesIn } from '../../support/open-files.js';
import { DOCUMENTS, QUERY } from '../../support/requests.js';
import { temporaryFolder, tinyCheckpoint } from '../../support/tiny-checkpoint.js';

const FIRST = 'model-00001-of-00003.gguf';
const SECOND = 'model-00002-of-00003.gguf';
const THIRD = 'model-00003-of-00003.gguf';

const TENSOR: GgufTensor = { shape: [32], dtype: 'F32', values: Array(32).fill(1) };

async function ggufFolder(parts: number): Promise<string> {
  const folder = await temporaryFolder();
  await writeGguf(await tinyCheckpoint(), folder, 'Q8_0', 'metadata', parts);
  return folder;
}

async function scores(model: string): Promise<[number, number][]> {
  const reranker = await Reranker.load(model, { device: 'wasm', threads: 1 });
  const ranking = await reranker.rerank(QUERY, DOCUMENTS);
  await reranker.dispose();
  return ranking.map(({ index, relevanceScore }) => [index, relevanceScore]);
}

async function refused(
  folder: string,
  path: string,
  code: ListwiseErrorCode,
  message: RegExp,
  hint: string,
): Promise<void> {
  const error = await openCheckpoint(path).catch((e: unknown) => e);
  expect(error).toEqual(failure(code, message));
  expect(error).toHaveProperty('hint', expect.stringContaining(hint));
  if (CAN_LIST_OPEN_FILES) expect(await openFilesIn(folder)).toEqual([]);
}

describe('a GGUF model in parts', () => {
  it('ranks as it does in one file, named by its folder or by its first part', async () => {
    const expected = await scores(await ggufFolder(1));
    const folder = await ggufFolder(3);
    expect((await readdir(folder)).sort()).toEqual([FIRST, SECOND, THIRD, 'projector.safetensors']);
    expect(await scores(folder)).toEqual(expected);
    expect(await scores(join(folder, FIRST))).toEqual(expected);
  });

  it('may have no tensors in its first part', async () => {
    const [first, second] = partNames('x-00001-of-00002.gguf');
    const files = filesInMemory(
      'memory',
      new Map([
        [first!, writeGgufBytes(partMetadata(0, 2, 1), {})],
        [second!, writeGgufBytes(partMetadata(1, 2, 1), { 'output_norm.weight': TENSOR })],
      ]),
    );
    const { parts } = await readGgufModel(files, first!, files.open);
    expect(parts.map(({ tensors }) => [...tensors.keys()])).toEqual([[], ['output_norm.weight']]);
  });

  it('that was joined again is one file, whatever its name', async () => {
    const joined = writeGgufBytes(partMetadata(0, 0, 1), { 'output_norm.weight': TENSOR });
    const files = filesInMemory('memory', new Map([[FIRST, joined]]));
    expect((await readGgufModel(files, FIRST, files.open)).parts.length).toBe(1);
  });

  it.each([
    ['first part', [FIRST], /There is no model-00001-of-00003\.gguf in/],
    ['second part', [SECOND], /00001-of-00003\.gguf is part 1 of 3 of a model; there is no model-00002-of/],
    [
      'second and third part',
      [SECOND, THIRD],
      /no model-00002-of-00003\.gguf, no model-00003-of-00003\.gguf beside it/,
    ],
  ])('without its %s says what is missing', async (_which, missing, message) => {
    const folder = await ggufFolder(3);
    for (const name of missing) await rm(join(folder, name));
    await expect(openCheckpoint(folder)).rejects.toEqual(failure('checkpoint-not-found', message));
  });

  it('named by another part says what the first is', async () => {
    const folder = await ggufFolder(3);
    const message = /00002-of-00003\.gguf is part 2 of 3 of a model, which is named by its first/;
    await refused(folder, join(folder, SECOND), 'checkpoint-not-found', message, `Name ${FIRST}.`);
  });

  it('whose file was given another name says what names lead to the rest', async () => {
    const folder = await ggufFolder(3);
    await rename(join(folder, FIRST), join(folder, 'a.gguf'));
    const message = /a\.gguf is part 1 of 3 of a model, and its name doesn't lead/;
    await refused(folder, join(folder, 'a.gguf'), 'checkpoint-not-found', message, 'published under');
  });

  it('with a part of another place or of another model is refused', async () => {
    const folder = await ggufFolder(3);
    await cp(join(folder, THIRD), join(folder, SECOND));
    const message = /00002-of-00003\.gguf says that it is part 3 of 3, expected part 2 of 3/;
    await refused(folder, folder, 'checkpoint-mismatch', message, 'parts of one model');

    const other = writeGgufBytes(partMetadata(1, 3, 24), { 'output.weight': TENSOR });
    await writeFile(join(folder, SECOND), other);
    await refused(folder, folder, 'checkpoint-mismatch', /hold \d+ tensors, expected \d+/, 'split it again');
  });

  it('among others has to be named by its first part', async () => {
    const folder = await ggufFolder(3);
    await cp(join(folder, FIRST), join(folder, 'whole.gguf'));
    const message = /several GGUF models: model-00001-of-00003\.gguf, whole\.gguf\.$/;
    await refused(folder, folder, 'checkpoint-not-found', message, FIRST);
  });
});

describe('the name of a GGUF file', () => {
  it('may end in capitals', async () => {
    const folder = await ggufFolder(1);
    await rename(join(folder, 'model.gguf'), join(folder, 'MODEL.GGUF'));
    for (const path of [folder, join(folder, 'MODEL.GGUF')]) {
      const { name, tensors } = await openCheckpoint(path);
      expect(name).toBe(join(folder, 'MODEL.GGUF'));
      await tensors.close();
    }
    expect(['a.gguf', 'a.Gguf', 'a.gguf.part', 'gguf'].map(isGguf)).toEqual([true, true, false, false]);
  });

  it('leads to all parts from any of them', () => {
    const all = ['x-00001-of-00002.GGUF', 'x-00002-of-00002.GGUF'];
    for (const name of all) expect(partNames(name)).toEqual(all);
    for (const name of ['x.gguf', 'x-00003-of-00002.gguf', 'x-00000-of-00002.gguf', 'x-1-of-2.gguf']) {
      expect(partNames(name)).toEqual([name]);
    }
    fc.assert(
      fc.property(fc.string(), (stem) => {
        expect(partNames(`${stem}-00002-of-00002.gguf`)).toEqual([
          `${stem}-00001-of-00002.gguf`,
          `${stem}-00002-of-00002.gguf`,
        ]);
      }),
      { seed: 7 },
    );
  });
});
