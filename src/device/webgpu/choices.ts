/** Which variant of an operation serves. */
import type { WeightDtype } from '../dtype.js';
import type { Abilities } from './arithmetic.js';
import { type LinearVariant, linearVariants } from './linear-variants.js';
import type { Order } from './packing.js';

/** With fewer workgroups, smaller tiles keep a GPU busier. */
const ENOUGH_WORKGROUPS = 64;

export class Choices {
  readonly #abilities: Abilities;

  constructor(abilities: Abilities) {
    this.#abilities = abilities;
  }

  /** How a weight of this dtype is to be packed. */
  order(dtype: WeightDtype): Order {
    return linearVariants(dtype, this.#abilities)[0]!.order;
  }

  /** For `rows` rows of x and a weight that rests in `order`: the first whose tiles are enough, or the first of the smallest. */
  linear(dtype: WeightDtype, order: Order, outputs: number, rows: number): LinearVariant {
    const variants = linearVariants(dtype, this.#abilities).filter((variant) => variant.order === order);
    return (
      variants.find((variant) => tilesOf(variant, rows, outputs) >= ENOUGH_WORKGROUPS) ??
      variants.reduce((best, variant) => (area(variant) < area(best) ? variant : best))
    );
  }
}

/** Workgroups of a linear layer. */
export function tilesOf({ tile }: LinearVariant, rows: number, outputs: number): number {
  return Math.ceil(rows / tile.rows) * Math.ceil(outputs / tile.outputs);
}

function area({ tile }: LinearVariant): number {
  return tile.rows * tile.outputs;
}
