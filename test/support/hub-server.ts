/**
 * A hub on this machine. It answers as the Hugging Face hub does, as far as its clients in JavaScript and Python
 * ask: large files lie on another host, to which it redirects. It can be told to fail, and writes down what it was
 * asked.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type RepositoryFiles = Readonly<Record<string, Uint8Array>>;

export interface Repository {
  /** The files of each commit. */
  readonly commits: Readonly<Record<string, RepositoryFiles>>;
  readonly refs: Readonly<Record<string, string>>;
  readonly licence?: string;
  /** Opens the repository; without one it is open to everybody. */
  readonly token?: string;
}

/** What somebody asked for. */
export interface Asked {
  /** `hub`, or `storage`: the other host. */
  readonly host: 'hub' | 'storage';
  readonly path: string; // without the query
  readonly range: readonly [start: number, end: number] | undefined; // its end excluded
  readonly authorization: string | undefined;
}

/** What may go wrong with one answer. */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The connection breaks after so many bytes of the body. */
  | { readonly cutAfter: number }
  /** The body ends after so many bytes, as if that were all. */
  | { readonly endAfter: number }
  /** Another size of the file is claimed. */
  | { readonly claimedSize: number }
  /** The bytes are others. */
  | { readonly corrupt: true }
  /** Nothing is answered. */
  | { readonly silent: true }
  /** The file is sent no sooner. */
  | { readonly heldUntil: Promise<unknown> }
  /** The range is overlooked, and all is sent. */
  | { readonly wholeFile: true };

export interface HubServer {
  readonly url: string;
  /** The other host. */
  readonly storageUrl: string;
  readonly asked: Asked[];
  /** Asked for each answer: what goes wrong with it. */
  fault: (asked: Asked) => Fault | undefined;
  close(): void;
}

/** From this size on files are in large file storage. */
const LARGE = 100_000; // bytes

/** Few, so that more than one page is asked for. */
const FILES_ON_A_PAGE = 3;

export const COMMIT = 'c0ffee'.padEnd(40, '0');

/** A repository with one commit. */
export function repositoryOf(files: RepositoryFiles, more: Partial<Repository> = {}): Repository {
  return { commits: { [COMMIT]: files }, refs: { main: COMMIT }, licence: 'cc-by-nc-4.0', ...more };
}

/** Opens a hub with these repositories, `owner/name`. */
export async function openHub(repositories: Readonly<Record<string, Repository>>): Promise<HubServer> {
  const servers: Server[] = [];
  const listen = async (answer: (request: IncomingMessage, response: ServerResponse) => void) => {
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const hub: HubServer = {
    url: '',
    storageUrl: '',
    asked: [],
    fault: () => undefined,
    close: () => {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
  const large = new Map<string, Uint8Array>();
  const storage = await listen((request, response) => {
    const content = large.get(pathOf(request).slice(1));
    answerFile(hub, 'storage', request, response, content);
  });
  const url = await listen((request, response) => {
    const asked = noted(hub, 'hub', request);
    const fault = request.method === 'OPTIONS' ? undefined : hub.fault(asked);
    if (fault && 'silent' in fault) return;
    if (fault && 'status' in fault) return response.writeHead(fault.status, fault.headers).end();
    const [, api, path] = /^(\/api\/models)?\/(.+)$/.exec(asked.path)!;
    const [owner, name, kind, revision, ...file] = path!.split('/').map(decodeURIComponent);
    const repository = repositories[`${owner}/${name}`];
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Allow-Headers', '*, Authorization, Range');
    response.setHeader('Access-Control-Expose-Headers', 'Link, X-Error-Code, X-Error-Message, Content-Range');
    if (request.method === 'OPTIONS') return response.end();
    if (!repository) return refuse(response, 401, 'RepoNotFound', 'Repository not found');
    if (repository.token !== undefined && asked.authorization !== `Bearer ${repository.token}`) {
      return refuse(
        response,
        asked.authorization ? 403 : 401,
        'GatedRepo',
        `Access to ${owner}/${name} is restricted.`,
      );
    }
    const commit = repository.refs[revision ?? ''] ?? revision!;
    const files = repository.commits[commit];
    if (!files) return refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
    if (api && kind === 'revision') return sendInfo(response, `${owner}/${name}`, commit, repository);
    if (api && kind === 'tree') return sendTree(response, url, request, files);
    const content = files[file.join('/')];
    if (!content) return refuse(response, 404, 'EntryNotFound', 'Entry not found');
    const { id, isLarge } = entryOf(content);
    response.setHeader('X-Repo-Commit', commit);
    response.setHeader('ETag', `"${id}"`);
    if (!isLarge) return answerFile(hub, undefined, request, response, content, fault);
    large.set(id, content);
    response.setHeader('X-Linked-ETag', `"${id}"`);
    response.setHeader('X-Linked-Size', content.length);
    response.writeHead(302, { Location: `${storage}/${id}?signed=yes` }).end();
  });
  return Object.assign(hub, { url, storageUrl: storage });
}

function noted(hub: HubServer, host: Asked['host'], request: IncomingMessage): Asked {
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const { authorization } = request.headers;
  const range = start === undefined ? undefined : ([Number(start), Number(end) + 1] as const);
  const asked = { host, path: pathOf(request), range, authorization };
  if (request.method !== 'OPTIONS') hub.asked.push(asked);
  return asked;
}

function pathOf(request: IncomingMessage): string {
  return request.url!.split('?')[0]!;
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, {
    ...{ 'X-Error-Code': code, 'X-Error-Message': message, 'Content-Type': 'application/json' },
  });
  response.end(JSON.stringify({ error: message }));
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(value));
}

function sendInfo(response: ServerResponse, id: string, sha: string, { licence }: Repository): void {
  const cardData = licence === undefined ? undefined : { license: licence };
  const lastModified = '2025-10-01T00:00:00.000Z';
  sendJson(response, {
    _id: '1',
    id,
    sha,
    cardData,
    lastModified,
    private: false,
    gated: false,
    downloads: 0,
    likes: 0,
  });
}

/** A page of files, and in a header where the next one is. Folders are listed too. */
function sendTree(
  response: ServerResponse,
  url: string,
  request: IncomingMessage,
  files: RepositoryFiles,
): void {
  const query = new URL(request.url!, url);
  const start = Number(query.searchParams.get('cursor'));
  const folders = new Set(
    Object.keys(files).flatMap((path) => (path.includes('/') ? [path.split('/')[0]!] : [])),
  );
  const all = [
    ...[...folders].map((path) => ({ type: 'directory', path, oid: '0'.repeat(40), size: 0 })),
    ...Object.entries(files).map(([path, content]) => {
      const { gitId, id, isLarge } = entryOf(content);
      const size = content.length;
      const lfs = isLarge ? { lfs: { oid: id, size, pointerSize: 134 } } : {};
      return { type: 'file', path, oid: gitId, size, ...lfs };
    }),
  ];
  if (start + FILES_ON_A_PAGE < all.length) {
    query.searchParams.set('cursor', String(start + FILES_ON_A_PAGE));
    response.setHeader('Link', `<${query}>; rel="next"`);
  }
  sendJson(response, all.slice(start, start + FILES_ON_A_PAGE));
}

interface Entry {
  readonly id: string;
  readonly gitId: string;
  readonly isLarge: boolean;
}

/** Hashed once: a bench serves gigabytes. */
const entries = new WeakMap<Uint8Array, Entry>();

/** As git and large file storage name a content. */
function entryOf(content: Uint8Array): Entry {
  const entry = entries.get(content) ?? hashed(content);
  entries.set(content, entry);
  return entry;
}

function hashed(content: Uint8Array): Entry {
  const isLarge = content.length >= LARGE;
  const gitId = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
  return { id: isLarge ? createHash('sha256').update(content).digest('hex') : gitId, gitId, isLarge };
}

/** Sends a file or a range of it. `host` is noted as the one that was asked, unless that was done already. */
function answerFile(
  hub: HubServer,
  host: Asked['host'] | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  content: Uint8Array | undefined,
  faultBefore?: Fault,
): void {
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Access-Control-Allow-Headers', '*, Range');
  response.setHeader('Access-Control-Expose-Headers', 'Content-Range');
  if (request.method === 'OPTIONS') return void response.end();
  const asked = host ? noted(hub, host, request) : hub.asked.at(-1)!;
  const fault = host ? hub.fault(asked) : faultBefore;
  if (fault && 'silent' in fault) return;
  if (fault && 'status' in fault) return void response.writeHead(fault.status, fault.headers).end();
  if (!content) return void response.writeHead(404).end();
  if (fault && 'heldUntil' in fault) {
    return void fault.heldUntil.then(() => sendFile(request.method, response, content, asked.range));
  }
  sendFile(request.method, response, content, asked.range, fault);
}

function sendFile(
  method: string | undefined,
  response: ServerResponse,
  content: Uint8Array,
  askedRange: Asked['range'],
  fault?: Fault,
): void {
  const range = fault && 'wholeFile' in fault ? undefined : askedRange;
  const [start, end] = range ?? [0, content.length];
  let body = content.subarray(start, end);
  if (fault && 'corrupt' in fault) body = body.map((byte) => byte ^ 1);
  const size = fault && 'claimedSize' in fault ? fault.claimedSize : content.length;
  if (range) response.setHeader('Content-Range', `bytes ${start}-${start + body.length - 1}/${size}`);
  const endsEarly = fault !== undefined && 'endAfter' in fault;
  if (!endsEarly) response.setHeader('Content-Length', body.length);
  response.writeHead(range ? 206 : 200);
  if (method === 'HEAD') return void response.end();
  if (endsEarly) return void response.end(body.subarray(0, fault.endAfter));
  if (fault && 'cutAfter' in fault) {
    response.write(body.subarray(0, fault.cutAfter), () => setTimeout(() => response.destroy(), 20));
    return;
  }
  response.end(body);
}
