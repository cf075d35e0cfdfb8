/** A batch on several machines, which here are processes: they come, go and die, and every list is answered once. */
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { queueName } from '../../src/batch/queue.js';
import { linesOf, Running, someLists, sortedAnswers, tinyModel } from '../support/batches.js';
import { listwise } from '../support/command.js';
import { freePort, HAS_REDIS, RedisServer } from '../support/redis.js';
import { until } from '../support/until.js';

/** Lists that the tiny model ranks in some twentieth of a second. */
const SLOW = { documents: 20, words: 60 };

let folder: string;
let tiny: string;
let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'listwise-redis-'));
  tiny = await tinyModel(join(folder, 'tiny'));
  if (!HAS_REDIS) return;
  server = await RedisServer.start();
  redis = server.client();
});
beforeEach(({ skip }) => skip(!HAS_REDIS, 'there is no redis-server here'));
afterAll(async () => {
  await Running.killAll();
  redis?.disconnect();
  await server?.kill();
  await rm(folder, { recursive: true });
});

/** Files and processes of one test. Its model has a name, and so a queue, of its own. */
async function job(name: string, lines: readonly string[], url = server.url) {
  const model = join(folder, name);
  const [lists, out, local] = ['lists', 'out', 'local'].map((file) => `${model}.${file}.jsonl`) as [
    string,
    string,
    string,
  ];
  await symlink(tiny, model);
  await writeFile(lists, lines.join('\n'));
  const computing = ['--model', model, '--device', 'wasm', '--threads', '1'];
  return {
    out,
    batch: (answers = out) =>
      new Running(['batch', lists, '--out', answers, '--model', model, '--redis', url]),
    worker: () => new Running(['worker', '--redis', url, ...computing]),
    queue: new Queue(queueName(name), { connection: redis }),
    /** What one process answers. */
    expected: async () => {
      expect(await listwise(['batch', lists, '--out', local, ...computing])).toMatchObject({ code: 0 });
      return sortedAnswers(local);
    },
  };
}

/** All that Redis holds of a queue, but for numbers. */
async function dump(queue: Queue): Promise<string> {
  const keys = await redis.keys(`${queue.toKey('')}*`);
  return String(await Promise.all(keys.map((key) => redis.dumpBuffer(key))));
}

const answeredAll = (lists: number) => ({
  code: 0,
  stderr: expect.stringMatching(new RegExp(`answers all ${lists} lists\\.\n$`)),
});

describe.concurrent('listwise batch --redis', () => {
  test('three workers answer every list once, as one process does, though one is killed at its work', async () => {
    const { out, batch, worker, queue, expected } = await job('killed-worker', someLists(60, SLOW));
    const workers = [worker(), worker(), worker()];
    const [victim, ...others] = workers;
    const coordinator = batch();
    const held = async () =>
      (await queue.getActive()).filter(({ processedBy }) => processedBy?.endsWith(`-${victim!.process.pid}`));
    await until(async () => (await held()).length > 0 && (await linesOf(out)).length > 5);
    expect(await victim!.end('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    expect((await held()).length).toBeGreaterThan(0);

    expect(await coordinator.ended).toMatchObject(answeredAll(60));
    const ends = await Promise.all(others.map((other) => other.end('SIGTERM')));
    expect(ends).toMatchObject([{ code: 0 }, { code: 0 }]);
    expect(ends.map(({ stderr }) => stderr).join()).toContain('A worker died; the list that it had');
    expect(await sortedAnswers(out)).toEqual(await expected());
  });

  test('what was ranked while no coordinator was there is not ranked again', async () => {
    const { out, batch, worker, queue, expected } = await job('killed-coordinator', someLists(30));
    const coordinator = batch();
    await until(async () => (await queue.getWaitingCount()) === 30);
    await coordinator.end('SIGKILL');
    const started = worker();
    await until(async () => (await queue.getCompletedCount()) === 30);
    expect(await started.end('SIGTERM')).toMatchObject({ code: 0 });
    expect(await linesOf(out)).toEqual([]);
    expect(await batch().ended).toMatchObject(answeredAll(30)); // and there is no worker
    expect(await sortedAnswers(out)).toEqual(await expected());
  });

  test('goes on where it was killed, or stopped', async () => {
    const { out, batch, worker, expected } = await job('resumed', someLists(60, SLOW));
    const started = worker();
    for (const signal of ['SIGKILL', 'SIGINT'] as const) {
      const before = (await linesOf(out)).length;
      const coordinator = batch();
      await until(async () => (await linesOf(out)).length > before + 3);
      const { code, stderr } = await coordinator.end(signal);
      if (signal === 'SIGINT')
        expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringMatching(/^Stopped\. /) });
    }
    expect((await linesOf(out)).length).toBeLessThan(60);
    expect(await batch().ended).toMatchObject(answeredAll(60));
    await started.end('SIGTERM');
    expect(await sortedAnswers(out)).toEqual(await expected());
  });

  test('waits for a worker and says so; Redis holds no text when all is answered', async () => {
    const secret = 'correct horse battery staple';
    const lines = [
      JSON.stringify({ query: secret, documents: [secret, 'b'], return_documents: true }),
      JSON.stringify({ query: secret, documents: secret }),
      JSON.stringify({ query: secret, documents: [secret], top_n: 1, instruction: secret }),
    ];
    const { out, batch, worker, queue } = await job('late-worker', lines);
    const coordinator = batch();
    await until(() => coordinator.stderr.includes('No worker takes lists of listwise-late-worker'));
    expect(await linesOf(out)).toHaveLength(1);
    expect(await dump(queue)).toContain(secret);
    const started = worker();
    expect(await coordinator.ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('line 2: doc'),
    });
    await started.end('SIGTERM');
    const answers = (await sortedAnswers(out)).map((line) => JSON.parse(line));
    expect(answers).toMatchObject([{ results: { length: 2 } }, { error: {} }, { results: { length: 1 } }]);
    expect(
      answers[0].results.map(({ index, document }: { index: number; document: object }) => [index, document]),
    ).toEqual(
      expect.arrayContaining([
        [0, { text: secret }],
        [1, { text: 'b' }],
      ]),
    );
    expect(await dump(queue)).not.toContain(secret);
  });

  test('a list that workers die of is given up, and the others are answered', async () => {
    const { out, batch, worker, queue } = await job('deadly-list', someLists(4));
    const coordinator = batch();
    await until(async () => (await queue.getWaitingCount()) === 4);
    const [deadly] = await queue.getWaiting();
    // What BullMQ notes when a list had more workers that died than it may have.
    await redis.hset(queue.toKey(deadly!.id!), 'defa', 'job stalled more than allowable limit');
    const started = worker();
    expect(await coordinator.ended).toMatchObject({ code: 1 });
    await started.end('SIGTERM');
    const failed = (await sortedAnswers(out)).map((line) => JSON.parse(line)).filter(({ error }) => error);
    expect(failed).toEqual([
      {
        line: Number.parseInt(deadly!.id!, 10),
        hash: expect.any(String),
        id: deadly!.data.id,
        error: { code: 'device-failed', message: expect.stringContaining('No worker could rank the list') },
      },
    ]);
  });

  test('waits while Redis is away, and asks again for what Redis forgot', async () => {
    const forgetful = await RedisServer.start();
    const { out, batch, worker, expected } = await job('forgotten', someLists(60, SLOW), forgetful.url);
    const started = worker();
    const coordinator = batch();
    await until(async () => (await linesOf(out)).length > 5);
    await forgetful.kill();
    await until(() => [started, coordinator].every(({ stderr }) => stderr.includes('went away')));
    await forgetful.startAgain();
    const { stderr, code } = await coordinator.ended;
    expect({ code, stderr }).toMatchObject(answeredAll(60));
    for (const notice of ['went away; waiting', 'is back']) expect(stderr.split(notice)).toHaveLength(2);
    expect(await started.end('SIGTERM')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('is back'),
    });
    await forgetful.kill();
    expect(await sortedAnswers(out)).toEqual(await expected());
  });

  test('two batches of the same lists at a time both get every answer', async () => {
    const { out, batch, worker, expected } = await job('twice', someLists(60));
    const outs = [out, `${out}.too`];
    const coordinators = outs.map((out) => batch(out));
    const started = worker();
    for (const { ended } of coordinators) expect(await ended).toMatchObject(answeredAll(60));
    await started.end('SIGTERM');
    const answers = await expected();
    for (const out of outs) expect(await sortedAnswers(out)).toEqual(answers);
  });

  test('a worker ends when it is told to, though Redis is away', async () => {
    const leaving = await RedisServer.start();
    const { worker } = await job('left', [], leaving.url);
    const started = worker();
    await until(() => started.stderr.includes('Taking lists from redis://'));
    await leaving.kill();
    await until(() => started.stderr.includes('went away'));
    const { code, stderr } = await started.end('SIGTERM');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(
        /^Taking lists from .*\nlistwise: Redis at .* went away; waiting for it\.\n$/,
      ),
    });
  });

  test('asks once for Redis, and says that it is not there, or lets nobody in', async () => {
    const guarded = await RedisServer.start('--requirepass', 'right');
    const run = (url: string) => listwise(['worker', '--redis', url, '--model', tiny]);
    const port = await freePort();
    let asked = 0;
    const deaf = createServer((socket) => {
      asked++;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(deaf, 'listening');
    const [away, hungUp, locked, wrong, noUrl, noRedis] = await Promise.all([
      run(`redis://user:secret@127.0.0.1:${port}`),
      run(`redis://127.0.0.1:${(deaf.address() as AddressInfo).port}`),
      run(guarded.url),
      run(guarded.url.replace('//', '//:wrong@')),
      run('localhost:6379'),
      run('http://127.0.0.1'),
    ]);
    expect(away).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        new RegExp(
          `^listwise: There is no Redis at redis://127.0.0.1:${port}: .*ECONNREFUSED.*\n.*port and password`,
        ),
      ),
    });
    expect(hungUp).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no Redis') });
    expect(asked).toBe(1);
    deaf.close();
    expect(locked.stderr).toMatch(/NOAUTH/);
    expect(wrong.stderr).toMatch(/WRONGPASS/);
    expect(`${away.stderr}${wrong.stderr}`).not.toMatch(/secret|wrong@/);
    for (const { code, stderr } of [noUrl, noRedis]) {
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringContaining('not the URL of a Redis'),
      });
    }
    await guarded.kill();
  });

  test('says which packages are missing', async () => {
    const root = join(folder, 'without-bullmq');
    await mkdir(join(root, 'node_modules'), { recursive: true });
    const own = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
    await cp(own('dist'), join(root, 'dist'), { recursive: true });
    await cp(own('package.json'), join(root, 'package.json'));
    for (const name of await readdir(own('node_modules'))) {
      if (name !== 'bullmq' && name !== 'ioredis') {
        await symlink(own(`node_modules/${name}`), join(root, 'node_modules', name));
      }
    }
    const worker = new Running(['worker', '--redis', server.url], join(root, 'dist/cli.js'));
    const { code, stderr } = await worker.ended;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /two packages that are not installed here\.\nhint: npm install bullmq ioredis\n$/,
      ),
    });
  });
});
