/** Interventions: values within a run are changed, and it goes on with them. */
import type { Device } from '../device/device.js';
import type { Qwen3Config } from '../model/config.js';
import type { Observer, Place, RowsView, View } from '../model/observer.js';
import { common, readRows, writeRows } from './rows.js';
import { invalid, place, type Rows, rowsOf, type Subject } from './selection.js';
import { locate, STATE_PLACES, type State, type StatePlace } from './states.js';
import type { Trace } from './trace.js';

/** What becomes of the values. A vector is for each row; with as many values as all rows have, each gets its own. */
export type Change =
  | { readonly scale: number }
  | { readonly add: ArrayLike<number> }
  | { readonly replace: ArrayLike<number> }
  /** By their mean over the edit's rows, as they are in the run without edits. */
  | { readonly replace: 'mean' }
  /** By what another trace recorded there; `patchRows` are its rows, one for each of the edit's: the same by default. */
  | { readonly patch: Trace; readonly patchRows?: readonly number[] | undefined };

/** A change of some rows at a place of a layer. Several are made in the order in which they are given. */
export type Edit = {
  /** Counted from 0, as are heads. */
  readonly layer: number;
  readonly place: StatePlace;
  /** Of `heads`, `keys` and `values` one head alone, for the latter a key-value head. */
  readonly head?: number | undefined;
  /** All by default. */
  readonly rows?: Rows | undefined;
} & Change;

/** An edit after checking. */
export interface CheckedEdit {
  readonly layer: number;
  readonly place: StatePlace;
  readonly rows: readonly number[];
  /** Within the place's columns. */
  readonly first: number;
  readonly columns: number;
  readonly change: 'scale' | 'add' | 'replace';
  /** One number, [columns] or [rows, columns]; nothing yet where the mean is to be measured. */
  readonly values: Float32Array | undefined;
}

/** Throws `invalid-input`. */
export function checkEdits(edits: unknown, subject: Subject, model: string): CheckedEdit[] {
  if (!Array.isArray(edits)) throw invalid('edits is no array.');
  return edits.map((edit: Edit, i) => checkEdit(`edits[${i}]`, edit, subject, model));
}

function checkEdit(name: string, edit: Edit, subject: Subject, model: string): CheckedEdit {
  const { config } = subject;
  const layer = place(`${name}.layer`, edit?.layer, config.layers, 'layers');
  if (!STATE_PLACES.includes(edit.place)) {
    throw invalid(`${name}.place is ${JSON.stringify(edit.place)}, expected ${STATE_PLACES.join(', ')}.`);
  }
  const rows = rowsOf(edit.rows ?? 'all', subject);
  const { columns: width } = locate(edit.place, config);
  const where = { layer, place: edit.place, rows, ...columnsOf(name, edit, width, config) };
  if ('scale' in edit) {
    if (!Number.isFinite(edit.scale)) throw invalid(`${name}.scale is ${edit.scale}, expected a number.`);
    return { ...where, change: 'scale', values: Float32Array.of(edit.scale) };
  }
  if ('patch' in edit) {
    return { ...where, change: 'replace', values: patched(name, edit, where, model) };
  }
  if ('replace' in edit && edit.replace === 'mean') return { ...where, change: 'replace', values: undefined };
  const change = 'add' in edit ? 'add' : 'replace';
  const values = 'add' in edit ? edit.add : edit.replace;
  return { ...where, change, values: vector(`${name}.${change}`, values, where) };
}

function columnsOf(name: string, edit: Edit, width: number, { headDim }: Qwen3Config) {
  if (edit.head === undefined) return { first: 0, columns: width };
  if (edit.place === 'attention' || edit.place === 'mlp') {
    throw invalid(`${name} has a head, but the residual stream after ${edit.place} has none.`);
  }
  const head = place(`${name}.head`, edit.head, width / headDim, 'heads');
  return { first: head * headDim, columns: headDim };
}

interface Extent {
  readonly layer: number;
  readonly place: StatePlace;
  readonly rows: readonly number[];
  readonly first: number;
  readonly columns: number;
}

function vector(name: string, values: unknown, { rows, columns }: Extent): Float32Array {
  const vectors =
    Array.isArray(values) || ArrayBuffer.isView(values) ? Float32Array.from(values as ArrayLike<number>) : [];
  if (vectors instanceof Float32Array && vectors.every(Number.isFinite)) {
    if (vectors.length === columns || vectors.length === rows.length * columns) return vectors;
  }
  throw invalid(
    `${name} has ${vectors.length} finite numbers, expected ${columns}, or ${rows.length} times as many: one vector for each row.`,
  );
}

/** The values that another trace recorded at this place: [rows, columns]. */
function patched(
  name: string,
  { patch, patchRows }: { patch: Trace; patchRows?: readonly number[] | undefined },
  { layer, place: where, rows, first, columns }: Extent,
  model: string,
): Float32Array {
  if (patch.model !== model) {
    throw invalid(`${name}.patch is a trace of ${patch.model}, expected one of ${model}.`);
  }
  const state = patch.hidden.find((each) => each.place === where && each.layer === layer && !each.normed);
  if (!state) {
    throw invalid(
      `${name}.patch has not recorded ${where} of layer ${layer}.`,
      'Ask for it in `hidden` when you make that trace.',
    );
  }
  const from = patchRows ?? rows;
  if (from.length !== rows.length) {
    throw invalid(`${name}.patchRows has ${from.length} rows for ${rows.length}.`);
  }
  const values = new Float32Array(rows.length * columns);
  for (const [i, row] of from.entries()) {
    const found = state.rows.indexOf(row);
    if (found < 0) throw invalid(`${name}.patch has not recorded row ${row}.`);
    const start = found * state.columns + first;
    values.set(state.values.subarray(start, start + columns), i * columns);
  }
  return values;
}

/** The edit with its values, which are the mean of what was recorded of its rows. */
export function withMean(edit: CheckedEdit, { columns, values }: State): CheckedEdit {
  const mean = new Float32Array(edit.columns);
  for (let i = 0; i < mean.length; i++) {
    let sum = 0;
    for (let row = 0; row < edit.rows.length; row++) sum += values[row * columns + edit.first + i]!;
    mean[i] = sum / edit.rows.length;
  }
  return { ...edit, values: mean };
}

/** Makes one edit as a run comes by. */
export class Editor implements Observer {
  readonly #device: Device;
  readonly #config: Qwen3Config;
  readonly #edit: CheckedEdit;

  constructor(device: Device, config: Qwen3Config, edit: CheckedEdit) {
    this.#device = device;
    this.#config = config;
    this.#edit = edit;
  }

  watches(layer: number, at: Place): boolean {
    return layer === this.#edit.layer && at === locate(this.#edit.place, this.#config).place;
  }

  async see(view: View): Promise<void> {
    const { rows } = view as RowsView;
    const { among, inView } = common(this.#edit.rows, view.tokens);
    if (among.length === 0) return;
    const { columns, columnsAfter } = locate(this.#edit.place, this.#config);
    const values = await readRows(this.#device, rows, inView);
    for (const [i, row] of among.entries()) {
      const start = i * rows.columns + rows.columns - columnsAfter - columns + this.#edit.first;
      change(values.subarray(start, start + this.#edit.columns), this.#edit, row);
    }
    writeRows(this.#device, rows, inView, values);
  }
}

/** Changes the values of the edit's row `row`, in place. */
function change(target: Float32Array, { change, values, columns }: CheckedEdit, row: number): void {
  if (change === 'scale') {
    for (let i = 0; i < columns; i++) target[i] = target[i]! * values![0]!;
    return;
  }
  const start = values!.length === columns ? 0 : row * columns;
  const own = values!.subarray(start, start + columns);
  for (let i = 0; i < columns; i++) target[i] = change === 'add' ? target[i]! + own[i]! : own[i]!;
}
