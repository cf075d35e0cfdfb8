/** The command line with a model of the hub, set up by the variables that all programs for the hub read. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startHub } from '../support/hub.js';
import { MODEL, tinyFiles } from '../support/hub-models.js';
import { repositoryOf } from '../support/hub-server.js';
import { DOCUMENTS, QUERY } from '../support/requests.js';
import { temporaryFolder, tinyFolder } from '../support/tiny-checkpoint.js';
import { NORMALIZED } from '../support/tokenizers.js';

const COMMAND = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

test('a model is downloaded once, found again by all programs, and ranks as from a folder', async () => {
  const hub = await startHub({ [MODEL]: repositoryOf(await tinyFiles()) });
  const env = {
    PATH: process.env.PATH,
    HF_ENDPOINT: hub.url,
    HF_HOME: await temporaryFolder(),
    HF_TOKEN: 'secret',
  };
  const listwise = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [COMMAND, ...args], { env }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });
  const texts = [QUERY, ...DOCUMENTS];
  const rerank = (...args: string[]) =>
    listwise('rerank', ...texts, '--device', 'reference', '--json', ...args);

  const first = await rerank('--model', MODEL);
  expect(first).toMatchObject({
    code: 0,
    stderr: 'listwise: owner/tiny is licensed under CC BY-NC 4.0: not for commercial use.\n',
  });
  const { model, results } = JSON.parse(first.stdout);
  expect(model).toBe(MODEL);
  const fromFolder = await rerank('--model', await tinyFolder());
  expect(results).toEqual(JSON.parse(fromFolder.stdout).results);
  expect(hub.asked[0]!.authorization).toBe('Bearer secret');

  hub.asked.length = 0;
  expect(await rerank('--model', MODEL, '--offline')).toEqual({ ...first, stderr: '' });
  expect((await listwise('prompt', ...texts, '--model', MODEL, '--offline')).stdout).toContain(
    NORMALIZED.embedded(DOCUMENTS[0]!),
  );
  expect(hub.asked).toEqual([]);

  const unknown = await rerank('--model', MODEL, '--revision', 'none');
  expect(unknown).toMatchObject({ code: 1, stdout: '' });
  expect(unknown.stderr).toMatch(/^listwise: The hub has no such revision: .+\nhint: .+\n$/);
});
