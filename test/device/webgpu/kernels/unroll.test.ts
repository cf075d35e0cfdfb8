/** Loops written out by the host. */
import { describe, expect, test } from 'vitest';
import { unroll } from '../../../../src/device/webgpu/kernels/unroll.js';

/** A loop over i within a function, marked. */
const loop = (head: string, body = 'sum += values[i];') => `const DEPTH: u32 = 16;
const QUADS = DEPTH / 4;
fn main() {
  // unrolled
  for (${head}) {
    ${body}
  }
  return;
}
`;

const counters = (text: string) => [...text.matchAll(/const i = (\d+)u;/g)].map(([, value]) => Number(value));

describe('unroll', () => {
  test('repeats the body of a marked loop with its counter as a constant, and nothing else', () => {
    expect(unroll(loop('var i = 0u; i < 2; i++'))).toBe(`const DEPTH: u32 = 16;
const QUADS = DEPTH / 4;
fn main() {
  {
    const i = 0u;
    sum += values[i];
  }
  {
    const i = 1u;
    sum += values[i];
  }
  return;
}
`);
    const plain = loop('var i = 0u; i < 2; i++').replace('// unrolled', '// plain');
    expect(unroll(plain)).toBe(plain);
  });

  test.each([
    ['var i = 0u; i < QUADS; i++', [0, 1, 2, 3]],
    ['var i = 1u; i < 4u; i++', [1, 2, 3]],
    ['var i = 0u; i < DEPTH; i += QUADS', [0, 4, 8, 12]],
    ['var i = DEPTH - 2; i < 2 * (QUADS + 5) - 1; i++', [14, 15, 16]],
    ['var i = 0u; i < DEPTH / 3 % 3; i++', [0, 1]],
    ['var i = 0u; i < 0; i++', []],
  ])('reckons with numbers and constants: for (%s)', (head, expected) => {
    expect(counters(unroll(loop(head)))).toEqual(expected);
  });

  test('expands loops within loops, also where only one of them is marked', () => {
    const inner = (mark: string) => `${mark}
    for (var j = 0u; j < 3; j++) {
      sum += i * j;
    }`;
    const both = unroll(loop('var i = 0u; i < 2; i++', inner('// unrolled')));
    expect(both.match(/const j = \du;/g)).toHaveLength(6);
    expect(both).not.toContain('for (');
    const outer = unroll(loop('var i = 0u; i < 2; i++', inner('// as it is')));
    expect(outer.match(/for \(var j/g)).toHaveLength(2);
  });

  test.each([
    ['a bound that is known only when it runs', 'var i = 0u; i < params.rows; i++'],
    ['a constant that nobody declares', 'var i = 0u; i < WIDTH; i++'],
    ['a function', 'var i = 0u; i < min(QUADS, 2); i++'],
    ['a fraction', 'var i = 0u; i < 1.5; i++'],
    ['an unfinished expression', 'var i = 0u; i < (QUADS + ; i++'],
    ['a step of nothing', 'var i = 0u; i < QUADS; i += 0'],
    ['a loop downwards', 'var i = 4u; i > 0; i--'],
  ])('throws for %s', (_, head) => {
    expect(() => unroll(loop(head))).toThrow(Error);
  });

  test('throws for a loop that is left early, and for a mark without a loop', () => {
    expect(() => unroll(loop('var i = 0u; i < 2; i++', 'if (done) { break; }'))).toThrow(/left early/);
    expect(() => unroll('  // unrolled\n  let x = 1;\n')).toThrow(/let x = 1/);
  });
});
