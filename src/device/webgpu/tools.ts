/** What the operations record with. */
import type { Abilities } from './arithmetic.js';
import type { Choices } from './choices.js';
import type { Kernels } from './kernels.js';
import type { Scratch } from './scratch.js';

export interface Tools {
  readonly abilities: Abilities;
  readonly choices: Choices;
  readonly kernels: Kernels;
  readonly scratch: Scratch;
}
