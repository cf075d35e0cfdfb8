/** What a browser's private files answer when they can't be written. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openStorage, type Storage } from '../../src/platform/browser-storage.js';

/** As Chrome tells of a write that it ended, whatever the reason. */
const BROKEN = new DOMException('Failed to write data to data pipe', 'DataError');

class Handle {
  async getDirectoryHandle(): Promise<Handle> {
    return this;
  }
  async getFileHandle(): Promise<Handle> {
    return this;
  }
  async createWritable() {
    return { write: () => Promise.reject(BROKEN), close: async () => {} };
  }
}

let room: number;
let storage: Storage;
beforeEach(async () => {
  vi.stubGlobal('FileSystemFileHandle', Handle);
  vi.stubGlobal('navigator', {
    storage: {
      getDirectory: async () => new Handle(),
      estimate: async () => ({ quota: 1000 + room, usage: 1000 }),
    },
  });
  storage = await openStorage(() => {});
});
afterEach(() => vi.unstubAllGlobals());

const put = (bytes: number) => storage.put('model/part', new Uint8Array(bytes));

describe('a write that fails', () => {
  it('fails for want of room where less is left than it takes', async () => {
    room = 99;
    await expect(put(100)).rejects.toThrow(expect.objectContaining({ name: 'QuotaExceededError' }));
  });

  it('fails for want of room where less is left than all take that are under way', async () => {
    room = 150;
    const first = put(100);
    const second = put(100).catch(() => {});
    await expect(first).rejects.toThrow(expect.objectContaining({ name: 'QuotaExceededError' }));
    await second;
  });

  it('fails as the browser says where there is room', async () => {
    room = 100;
    await expect(put(100)).rejects.toBe(BROKEN);
  });
});
