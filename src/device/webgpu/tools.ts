/** What the operations record with. */
import type { Arithmetic } from './arithmetic.js';
import type { Kernels } from './kernels.js';
import type { Scratch } from './scratch.js';

export interface Tools {
  readonly kernels: Kernels;
  readonly scratch: Scratch;
  readonly arithmetic: Arithmetic;
  /** Whether the language has the dot product of four bytes. */
  readonly hasDot4: boolean;
  /** Bytes of workgroup memory that a kernel may have. */
  readonly workgroupBytes: number;
}
