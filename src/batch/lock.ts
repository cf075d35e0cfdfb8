/**
 * One process at a time may write to a file. The lock is a socket with a name made from the file's: the system gives
 * it to one process, and takes it back however that one ends, so no lock is ever left behind by a batch that was killed.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { unlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** Resolves to what gives the lock back, or to nothing when another process of this machine has it. */
export async function lock(file: FileIdentity, platform = process.platform): Promise<Disposable | undefined> {
  const name = socketName(file, platform);
  return (await held(name)) ?? ((await isLeftBehind(name)) ? held(name) : undefined);
}

/** Linux and Windows have names that end with their process; elsewhere the name is a file. */
function socketName({ dev, ino }: FileIdentity, platform: NodeJS.Platform): string {
  const id = `listwise-${createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 24)}`;
  if (platform === 'linux') return `\0${id}`;
  return platform === 'win32' ? `\\\\.\\pipe\\${id}` : join(tmpdir(), `${id}.sock`);
}

async function held(name: string): Promise<Disposable | undefined> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  try {
    await once(server.listen(name), 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
  return { [Symbol.dispose]: () => void server.close() };
}

/** Whether the name is a file whose process is gone. Then it is removed. */
async function isLeftBehind(name: string): Promise<boolean> {
  if (!name.endsWith('.sock')) return false;
  const socket = connect(name);
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    await unlink(name).catch(() => {}); // another process may have done it
    return true;
  } finally {
    socket.destroy();
  }
}
