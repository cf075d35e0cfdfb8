/** The beginning of a prompt, held on a device, for prompts that begin alike. */
import type { KvCache } from '../model/kv-cache.js';

export class Prefix {
  readonly ids: readonly number[];
  readonly cache: KvCache;

  constructor(ids: readonly number[], cache: KvCache) {
    this.ids = ids;
    this.cache = cache;
  }

  /** Whether a prompt begins with all of it and goes on. */
  begins(ids: readonly number[]): boolean {
    return ids.length > this.ids.length && sharedLength(ids, this.ids) === this.ids.length;
  }

  free(): void {
    this.cache.free();
  }
}

/** How many tokens two prompts begin with alike. */
export function sharedLength(a: readonly number[], b: readonly number[]): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) if (a[i] !== b[i]) return i;
  return shorter;
}
