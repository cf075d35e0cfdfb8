/** What the operations record with. */
import type { Abilities } from './arithmetic.js';
import type { Kernels } from './kernels/kernels.js';
import type { Scratch } from './memory/scratch.js';
import type { Choices } from './operations/choices.js';

export interface Tools {
  readonly abilities: Abilities;
  readonly choices: Choices;
  readonly kernels: Kernels;
  readonly scratch: Scratch;
}
