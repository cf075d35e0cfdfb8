/** What the operations record with. */
import type { Arithmetic, MatrixShape } from './arithmetic.js';
import type { Kernels } from './kernels.js';
import type { Scratch } from './scratch.js';

export interface Tools {
  readonly kernels: Kernels;
  readonly scratch: Scratch;
  readonly arithmetic: Arithmetic;
  /** Of the tensor cores, where the arithmetic is theirs. */
  readonly matrices: MatrixShape | undefined;
  /** Whether the language has the dot product of four bytes. */
  readonly hasDot4: boolean;
  /** Bytes of workgroup memory that a kernel may have. */
  readonly workgroupBytes: number;
}
