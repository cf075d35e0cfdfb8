/** Traces that no model has made. */
import type { State } from '../../src/inspect/states.js';
import type { PromptToken } from '../../src/inspect/tokens.js';
import { Trace } from '../../src/inspect/trace.js';

/** With these states and nothing else. */
export function traceOf(model: string, states: readonly State[]): Trace {
  return new Trace({
    ...{
      model,
      dtype: 'f32',
      device: 'reference',
      query: '',
      documents: [],
      layers: 0,
      heads: 0,
      tokens: [],
    },
    ...{ documentPositions: [], queryPosition: 0, scores: new Float32Array(0), attention: [] },
    hidden: states.map((state) => ({ ...state, normed: false })),
    ...{ blocks: undefined, lens: undefined, leftOut: undefined, masked: undefined, orders: undefined },
  });
}

/** Of which only their number counts. */
export function tokensOfLength(length: number): PromptToken[] {
  return Array.from({ length }, () => ({ id: 0, text: '', part: { kind: 'head' }, fromUser: false }));
}
