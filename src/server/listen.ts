/** Serves the application in Node, with bounds on how long a client may take. */

import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { ListwiseError } from '../error.js';
import type { Server } from './index.js';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Seconds that a client may take to send its request: 30 by default. Who drips is cut off (408). */
  readonly receiveSeconds?: number;
}

export interface Listening {
  readonly url: string;
  /** Stops listening, answers what is under way, then closes what is open. */
  close(graceSeconds?: number): Promise<void>;
}

const RECEIVE_SECONDS = 30;
/** How often slow clients are looked for. */
const CHECKED_EVERY = 1_000; // milliseconds
/** Longer than proxies keep a connection that is idle, so that they don't send into one that closes. */
const KEEP_ALIVE = 75_000; // milliseconds
/** Connections that wait to be taken up, as many as Linux lets: of more than that the system cuts some off. */
const BACKLOG = 4096;

/** Throws ListwiseError `invalid-input` when the address can't be had. */
export async function listen(
  server: Server,
  { host, port, receiveSeconds = RECEIVE_SECONDS }: ListenOptions,
): Promise<Listening> {
  const http = createAdaptorServer({
    fetch: server.fetch,
    serverOptions: {
      headersTimeout: 1000 * receiveSeconds,
      requestTimeout: 1000 * receiveSeconds,
      connectionsCheckingInterval: CHECKED_EVERY,
      keepAliveTimeout: KEEP_ALIVE,
    },
  }) as HttpServer;
  await bound(http, host, port);
  return {
    url: urlOf(host, http.address() as AddressInfo),
    async close(graceSeconds) {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      await server.close(graceSeconds);
      // Answers that were just written leave first; connections that are kept alive have nothing more to say.
      setImmediate(() => http.closeIdleConnections());
      const impatient = setTimeout(() => http.closeAllConnections(), 1_000);
      await closed;
      clearTimeout(impatient);
    },
  };
}

function bound(http: HttpServer, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new ListwiseError('invalid-input', `Can't listen on ${host}, port ${port} (${cause.code}).`, {
          hint: 'Is another program listening there? Choose another with --port.',
          cause,
        }),
      ),
    );
    http.listen({ port, host, backlog: BACKLOG }, resolve);
  });
}

function urlOf(host: string, { port, family }: AddressInfo): string {
  const name = family === 'IPv6' && host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
