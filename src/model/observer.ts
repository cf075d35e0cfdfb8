/** What a forward run shows to whoever looks into it. Nobody looking, a layer is computed in one go. */
import type { Indices, Tensor } from '../device/device.js';

/**
 * Where one can look into a layer, in the order in which rows come there:
 * - `projections`: queries, keys and values as they are projected, before norm and rotation: columns [queries, keys,
 *   values]; in the last layer without queries
 * - `scores`: queries and keys, ready for attention
 * - `heads`: what each head has gathered, before it is projected: [rows, heads·headDim]
 * - `attention`, `mlp`: the residual stream after either: [rows, hidden]
 */
export type Place = 'projections' | 'scores' | 'heads' | 'attention' | 'mlp';

/** Rows of a layer at a place. What is written into the tensor is what the run goes on with. */
export interface RowsView {
  readonly place: Exclude<Place, 'scores'>;
  readonly layer: number;
  /** Which tokens of the run the rows belong to. */
  readonly tokens: readonly number[];
  readonly rows: Tensor;
}

/** What attention is about to compare, as `Pass.attentionWeights` takes it. */
export interface ScoresView {
  readonly place: 'scores';
  readonly layer: number;
  readonly tokens: readonly number[];
  readonly queries: Tensor; // [rows, heads·headDim]
  readonly keysValues: Tensor; // [keys, 2·kvHeads·headDim]
  readonly positions: Indices; // [rows]
  readonly window: number;
}

export type View = RowsView | ScoresView;

/** Layers count from 0. The last one computes queries and all that follows for the wanted rows alone. */
export interface Observer {
  /** Where it wants to look: the run is cut there, in each chunk of rows. */
  watches(layer: number, place: Place): boolean;
  /** The device has computed as far as this, for these rows, and goes on when the promise resolves. */
  see(view: View): Promise<void>;
}
