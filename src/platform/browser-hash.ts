/** Hashes that take a message in pieces. */
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';

export function createHash(algorithm: 'sha256' | 'sha1') {
  return (algorithm === 'sha1' ? sha1 : sha256).create();
}
