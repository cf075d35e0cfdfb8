/** A proxy on this machine, as companies have them: it sends requests of HTTP on, and tunnels what is encrypted. */

import { readFileSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A certificate and its key. */
export const CERTIFICATE = fileURLToPath(new URL('localhost.pem', import.meta.url));

export interface Proxy {
  /** `host:port` */
  readonly address: string;
  /** What it was asked, as `GET http://host/path` or `CONNECT host:port`, and with which credentials. */
  readonly asked: { readonly what: string; readonly authorization: string | undefined }[];
}

/** Ends with the test. With `refusal`, a status, it lets nothing through. */
export async function startProxy({ refusal }: { refusal?: number } = {}): Promise<Proxy> {
  const asked: Proxy['asked'] = [];
  const note = ({ method, url, headers }: IncomingMessage) =>
    asked.push({ what: `${method} ${url}`, authorization: headers['proxy-authorization'] });
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    note(request);
    if (refusal !== undefined) return void response.writeHead(refusal).end();
    const { method, headers } = request;
    const onward = httpRequest(request.url!, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    note(request);
    if (refusal !== undefined) return void socket.end(`HTTP/1.1 ${refusal} No\r\n\r\n`);
    const [host, port] = request.url!.split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      join(socket, onward);
    });
  });
  return { address: await listen(server), asked };
}

/** The server at `address`, spoken to through HTTPS. Returns its other address; ends with the test. */
export async function startEncrypted(address: string): Promise<string> {
  const pem = readFileSync(CERTIFICATE);
  const { hostname, port } = new URL(address);
  const server = createTlsServer({ key: pem, cert: pem }, (socket) =>
    join(socket, connect(Number(port), hostname)),
  );
  return `https://${await listen(server)}`;
}

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function join(one: Socket, other: Socket): void {
  one.pipe(other).pipe(one);
  one.on('error', () => other.destroy());
  other.on('error', () => one.destroy());
}
