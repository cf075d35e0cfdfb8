/** The hub behind a proxy. */
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { hubFetch, proxiesIn } from '../../src/platform/node-hub-fetch.js';
import { COMMAND, listwise } from '../support/command.js';
import { failure } from '../support/failure.js';
import { startHub } from '../support/hub.js';
import { bring, MODEL, optionsFor, tinyFiles } from '../support/hub-models.js';
import { type HubServer, repositoryOf } from '../support/hub-server.js';
import { CERTIFICATE, startEncrypted, startProxy } from '../support/proxy.js';
import { DOCUMENTS, QUERY } from '../support/requests.js';
import { temporaryFolder } from '../support/tiny-checkpoint.js';

const NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'];

/** The environment's proxies are these and no others, until the test ends. */
function setProxies(variables: Record<string, string>): void {
  for (const name of NAMES.flatMap((name) => [name, name.toLowerCase()])) vi.stubEnv(name, variables[name]);
}

beforeEach(() => {
  setProxies({});
  onTestFinished(() => void vi.unstubAllEnvs());
});

const tinyHub = async (): Promise<HubServer> => startHub({ [MODEL]: repositoryOf(await tinyFiles()) });

describe('the proxies of an environment', () => {
  it.each([
    [{ HTTP_PROXY: 'http://a:1' }, 'http://a:1', undefined],
    [{ HTTPS_PROXY: 'http://a:1' }, undefined, 'http://a:1'],
    [{ https_proxy: 'a:1', HTTP_PROXY: 'https://b' }, 'https://b', 'http://a:1'],
    [{ ALL_PROXY: 'http://a:1' }, 'http://a:1', 'http://a:1'],
    [{ ALL_PROXY: 'http://a:1', HTTPS_PROXY: 'http://b:1' }, 'http://a:1', 'http://b:1'],
    [{ HTTP_PROXY: 'http://A:1', http_proxy: 'http://a:1' }, 'http://a:1', undefined],
  ])('%j are those that Python takes', (variables, http, https) => {
    expect(proxiesIn(variables)).toEqual({ http, https, exceptions: '' });
  });

  it.each([
    {},
    { HTTP_PROXY: '' },
    { HTTP_PROXY: 'http://a:1', http_proxy: '' },
    { NO_PROXY: 'example.com' },
    { ALL_PROXY: 'http://a:1', NO_PROXY: 'example.com, *' },
  ])('%j are none', async (variables) => {
    expect(proxiesIn(variables)).toBeUndefined();
    expect(await hubFetch(variables)).toBe(fetch);
  });

  it.each([
    ['HTTPS_PROXY', 'socks5://user:secret@a:1'],
    ['HTTP_PROXY', 'http://'],
    ['ALL_PROXY', 'ftp://secret@a'],
  ])('%s=%s is refused, and not shown', async (name, value) => {
    const error = await hubFetch({ [name]: value }).catch((e: unknown) => e);
    expect(error).toEqual(
      failure('invalid-input', new RegExp(`^${name} is no address of an HTTP proxy\\.$`)),
    );
    expect(error).toHaveProperty('hint', expect.stringMatching(/^It is given as (?!.*secret)/));
  });
});

describe('a download behind a proxy', () => {
  it('of HTTP goes through it, with the credentials of its address', async () => {
    const hub = await tinyHub();
    const proxy = await startProxy();
    setProxies({ HTTP_PROXY: `http://user:p%40ss@${proxy.address}` });
    const files = await bring(await optionsFor(hub, { token: 'secret' }));
    expect(files.names).toContain('model.safetensors');
    const asked = proxy.asked.map(({ what }) => what);
    expect(asked).toHaveLength(hub.asked.length);
    expect(asked[0]).toMatch(`GET ${hub.url}/api/models/${MODEL}/revision/main`);
    const basic = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
    expect(new Set(proxy.asked.map(({ authorization }) => authorization))).toEqual(new Set([basic]));
    const tokens = hub.asked.map(({ host, authorization }) => `${host} ${authorization}`);
    expect(new Set(tokens)).toEqual(new Set(['hub Bearer secret', 'storage undefined']));
  });

  it('asks those by themselves that NO_PROXY names, and HTTPS alone goes the way of HTTPS_PROXY', async () => {
    const hub = await tinyHub();
    const proxy = await startProxy();
    setProxies({ HTTP_PROXY: proxy.address, NO_PROXY: 'localhost,127.0.0.1' });
    await bring(await optionsFor(hub));
    setProxies({ HTTPS_PROXY: proxy.address });
    await bring(await optionsFor(hub));
    expect(proxy.asked).toEqual([]);
  });

  it('of HTTPS does not go through what is for HTTP alone', async () => {
    const hub = await tinyHub();
    const proxy = await startProxy();
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const send = await hubFetch({ HTTP_PROXY: proxy.address });
    const address = `${await startEncrypted(hub.url)}/api/models/${MODEL}/revision/main`;
    expect((await send(address)).status).toBe(200);
    expect(proxy.asked).toEqual([]);
  });

  it.each([403, 407])('that answers %i fails as downloads do', async (refusal) => {
    const hub = await tinyHub();
    const proxy = await startProxy({ refusal });
    setProxies({ HTTP_PROXY: proxy.address });
    await expect(bring(await optionsFor(hub))).rejects.toEqual(
      failure(refusal === 403 ? 'unauthorized' : 'download-failed', new RegExp(`${refusal}`)),
    );
    expect(hub.asked).toEqual([]);
  });

  it('that is not there, or lets no HTTPS through, fails as downloads do', async () => {
    const hub = await tinyHub();
    const { address } = await startProxy({ refusal: 403 });
    setProxies({ HTTPS_PROXY: address });
    const options = await optionsFor(hub, { endpoint: await startEncrypted(hub.url) });
    await expect(bring(options)).rejects.toEqual(failure('download-failed', /can't be downloaded: .*403/));
    setProxies({ HTTP_PROXY: '127.0.0.1:1' });
    await expect(bring(await optionsFor(hub))).rejects.toEqual(failure('download-failed', /ECONNREFUSED/));
  });

  it('by the command, which trusts the certificates that Node is told to trust, tunnels HTTPS', async () => {
    const hub = await tinyHub();
    const proxy = await startProxy();
    const endpoint = await startEncrypted(hub.url);
    const env = {
      HF_ENDPOINT: endpoint,
      HF_HOME: await temporaryFolder(),
      HTTPS_PROXY: `http://${proxy.address}`,
      NODE_EXTRA_CA_CERTS: CERTIFICATE,
    };
    const model = `${endpoint}/${MODEL}/tree/main`;
    const ranked = await listwise(['rerank', QUERY, ...DOCUMENTS, '--model', model, '--json'], { env });
    expect(ranked, COMMAND).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^listwise: owner\/tiny is/),
    });
    expect(JSON.parse(ranked.stdout)).toHaveProperty('model', MODEL);
    const tunnel = `CONNECT ${new URL(endpoint).host}`;
    expect(new Set(proxy.asked.map(({ what }) => what))).toEqual(new Set([tunnel]));
  });
});
