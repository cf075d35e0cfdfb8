/** What a failed call must look like: one of this package's errors, not whatever the runtime throws. */
import { expect } from 'vitest';
import type { ListwiseErrorCode } from '../../src/error.js';

/** Matches a ListwiseError: `expect(() => …).toThrow(failure('invalid-input', /topN/))`. */
export function failure(code: ListwiseErrorCode, message: RegExp = /./) {
  return expect.objectContaining({ name: 'ListwiseError', code, message: expect.stringMatching(message) });
}
