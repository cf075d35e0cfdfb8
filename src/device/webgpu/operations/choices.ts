/** Which variant of an operation serves: the one found to be fastest here, else the one presumed to be. */
import { ListwiseError } from '../../../error.js';
import type { WeightDtype } from '../../dtype.js';
import type { Abilities } from '../arithmetic.js';
import type { Order } from '../memory/packing.js';
import { type AttentionVariant, attentionVariants, type HeadShape } from './attention-variants.js';
import { type LinearVariant, linearVariants } from './linear-variants.js';

/** Names of variants, by task. A name that no variant has is passed over. */
export type Preferences = Readonly<Record<string, string>>;

/** With fewer workgroups, smaller tiles keep a GPU busier. */
const ENOUGH_WORKGROUPS = 64;

/** So many rows and less are a task of their own. */
const FEW_ROWS = 128;

/** What a linear layer is called in preferences. */
export function linearTask(dtype: WeightDtype, rows: number): string {
  return `linear in ${dtype}, ${rows <= FEW_ROWS ? 'few' : 'many'} rows`;
}

/** What attention is called in preferences. */
export const ATTENTION_TASK = 'attention';

export class Choices {
  readonly #abilities: Abilities;
  /** Made once: every product of every layer asks for them. */
  readonly #linearVariants = new Map<WeightDtype, readonly LinearVariant[]>();
  #preferences: Preferences = {};

  constructor(abilities: Abilities) {
    this.#abilities = abilities;
  }

  /** From now on these serve. Weights that are packed for others keep theirs. */
  prefer(preferences: Preferences): void {
    this.#preferences = preferences;
  }

  /** How a weight of this dtype is to be packed: in the first order that can hold it. */
  orders(dtype: WeightDtype): readonly Order[] {
    const variants = this.#linear(dtype);
    const preferred = this.#preferred(linearTask(dtype, Number.POSITIVE_INFINITY), variants);
    return [...new Set([...(preferred ? [preferred] : []), ...variants].map(({ order }) => order))];
  }

  /**
   * For `rows` rows of x and a weight that rests in `order`: the preferred one, the first whose tiles are enough, or
   * the first of the smallest.
   */
  linear(dtype: WeightDtype, order: Order, outputs: number, rows: number): LinearVariant {
    const variants = this.#linear(dtype).filter((variant) => variant.order === order);
    const isEnough = (variant: LinearVariant) => tilesOf(variant, rows, outputs) >= ENOUGH_WORKGROUPS;
    return (
      this.#preferred(linearTask(dtype, rows), variants) ??
      variants.find(isEnough) ??
      variants.reduce((best, variant) => (area(variant) < area(best) ? variant : best))
    );
  }

  /** Throws `device-unsupported` for heads that no variant serves. */
  attention(shape: HeadShape): AttentionVariant {
    const variants = attentionVariants(shape, this.#abilities);
    const variant = this.#preferred(ATTENTION_TASK, variants) ?? variants[0];
    if (variant) return variant;
    const { headDim, group } = shape;
    throw new ListwiseError(
      'device-unsupported',
      `The webgpu device has no attention for ${group} heads of ${headDim} to a key-value head.`,
      { hint: 'The reference device takes every size.' },
    );
  }

  #linear(dtype: WeightDtype): readonly LinearVariant[] {
    let variants = this.#linearVariants.get(dtype);
    if (!variants) {
      variants = linearVariants(dtype, this.#abilities);
      this.#linearVariants.set(dtype, variants);
    }
    return variants;
  }

  #preferred<V extends { readonly name: string }>(task: string, variants: readonly V[]): V | undefined {
    return variants.find(({ name }) => name === this.#preferences[task]);
  }
}

/** Workgroups of a linear layer. */
export function tilesOf({ tile }: LinearVariant, rows: number, outputs: number): number {
  return Math.ceil(rows / tile.rows) * Math.ceil(outputs / tile.outputs);
}

function area({ tile }: LinearVariant): number {
  return tile.rows * tile.outputs;
}
