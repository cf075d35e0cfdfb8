/** The places whose values can be recorded and changed, and a recorder of them. */
import type { Device } from '../device/device.js';
import type { Qwen3Config } from '../model/config.js';
import type { Observer, Place, RowsView, View } from '../model/observer.js';
import { common, readRows } from './rows.js';

/**
 * What can be read and changed in a layer:
 * - `attention`, `mlp`: the residual stream after either
 * - `heads`: what the heads have gathered, before the output projection: a head after the other
 * - `keys`, `values`: as they are projected, before keys are normalised and rotated: a key-value head after the other
 */
export type StatePlace = 'attention' | 'mlp' | 'heads' | 'keys' | 'values';

export const STATE_PLACES: readonly StatePlace[] = ['attention', 'mlp', 'heads', 'keys', 'values'];

/** Values of some tokens at a place of a layer. */
export interface State {
  readonly place: StatePlace;
  /** Counted from 0, as in the checkpoint's names. */
  readonly layer: number;
  /** Places in the prompt, ascending. */
  readonly rows: readonly number[];
  readonly columns: number;
  /** [rows, columns] */
  readonly values: Float32Array;
}

/** Where in a run's views a place is found, and how wide it is. */
interface Location {
  readonly place: Exclude<Place, 'scores'>;
  readonly columns: number;
  /** Of the columns after it. */
  readonly columnsAfter: number;
}

export function locate(place: StatePlace, { hiddenSize, heads, kvHeads, headDim }: Qwen3Config): Location {
  const kvWidth = kvHeads * headDim;
  switch (place) {
    case 'heads':
      return { place, columns: heads * headDim, columnsAfter: 0 };
    case 'keys':
      return { place: 'projections', columns: kvWidth, columnsAfter: kvWidth };
    case 'values':
      return { place: 'projections', columns: kvWidth, columnsAfter: 0 };
    default:
      return { place, columns: hiddenSize, columnsAfter: 0 };
  }
}

/** Records the values of some rows at a place of one layer. */
export class StateRecorder implements Observer {
  readonly state: State;
  readonly #device: Device;
  readonly #location: Location;

  constructor(
    device: Device,
    config: Qwen3Config,
    place: StatePlace,
    layer: number,
    rows: readonly number[],
  ) {
    this.#device = device;
    this.#location = locate(place, config);
    const { columns } = this.#location;
    this.state = { place, layer, rows, columns, values: new Float32Array(rows.length * columns) };
  }

  watches(layer: number, place: Place): boolean {
    return layer === this.state.layer && place === this.#location.place;
  }

  async see(view: View): Promise<void> {
    const { rows } = view as RowsView;
    const { among, inView } = common(this.state.rows, view.tokens);
    if (among.length === 0) return;
    const values = await readRows(this.#device, rows, inView);
    const { columns, columnsAfter } = this.#location;
    const first = rows.columns - columnsAfter - columns;
    for (const [i, row] of among.entries()) {
      const start = i * rows.columns + first;
      this.state.values.set(values.subarray(start, start + columns), row * columns);
    }
  }
}

/** Several observers as one: each sees what it watches, in turn. */
export class Observers implements Observer {
  readonly #all: readonly Observer[];

  constructor(all: readonly Observer[]) {
    this.#all = all;
  }

  watches(layer: number, place: Place): boolean {
    return this.#all.some((observer) => observer.watches(layer, place));
  }

  async see(view: View): Promise<void> {
    for (const observer of this.#all) {
      if (observer.watches(view.layer, view.place)) await observer.see(view);
    }
  }
}
