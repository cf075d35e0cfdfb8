/**
 * Loops that are written out before the GPU's compiler sees them: some compilers unroll none, and keep in slow memory
 * each array that a loop's counter indexes. A line says which:
 *
 *     // unrolled
 *     for (var i = 0u; i < DEPTH / 4; i++) {
 *
 * The body is repeated in blocks that each begin with `const i = …u;`. Bounds and steps are made of whole numbers and
 * of constants of the shader.
 */

const MARKED =
  /^ *\/\/ unrolled\n( *)for \(var (\w+) = ([^;]+); \2 < ([^;]+); \2(?:\+\+| \+= ([^;]+))\) \{\n/;
const MARKER = /^ *\/\/ unrolled$/gm;
const CONSTANT = /^const (\w+)(?:: u32)? = ([^;]+);/gm;
const TOKEN = /\s*(?:(\d+)u?\b|([A-Za-z_]\w*)|([-+*/%()]))/y;

/** The text with its marked loops expanded. Throws for a loop that isn't of the form above. */
export function unroll(text: string): string {
  const constants = new Map([...text.matchAll(CONSTANT)].map(([, name, value]) => [name!, value!]));
  let result = text;
  // From the last on: what is marked within a marked loop stands behind the loop's own mark.
  for (const { index } of [...text.matchAll(MARKER)].reverse()) {
    result = result.slice(0, index) + expandFirst(result.slice(index), constants);
  }
  return result;
}

/** The text, which begins with a mark, with that loop expanded. */
function expandFirst(text: string, constants: ReadonlyMap<string, string>): string {
  const [head, indent, counter, first, bound, step = '1'] = MARKED.exec(text) ?? [];
  if (head === undefined) throw new Error(`No loop that can be unrolled: ${text.split('\n', 2)[1]?.trim()}`);
  const last = `\n${indent}}\n`;
  const end = text.indexOf(last, head.length - 1);
  const body = text.slice(head.length, end + 1);
  if (end < 0 || /\b(break|continue)\b/.test(body)) {
    throw new Error(
      `A loop over ${counter} can't be unrolled: its end is not in sight, or it is left early.`,
    );
  }
  const [from, to, by] = [first!, bound!, step].map((expression) => evaluate(expression, constants));
  if (by === 0) throw new Error(`A loop over ${counter} can't be unrolled: its step is nothing.`);
  let expanded = '';
  for (let value = from!; value < to!; value += by!) {
    expanded += `${indent}{\n${indent}  const ${counter} = ${value}u;\n${body}${indent}}\n`;
  }
  return expanded + text.slice(end + last.length);
}

/** The value of whole numbers and constants, joined by + - * / % and brackets, as WGSL reckons them in u32. */
function evaluate(expression: string, constants: ReadonlyMap<string, string>): number {
  const tokens = tokensOf(expression);
  let next = 0;

  const fail = (): never => {
    throw new Error(`Not known before the shader runs: ${expression}`);
  };
  const atom = (): number => {
    const token = tokens[next++] ?? fail();
    if (/^\d/.test(token)) return Number(token);
    if (token === '(') {
      const value = sum();
      return tokens[next++] === ')' ? value : fail();
    }
    return evaluate(constants.get(token) ?? fail(), constants);
  };
  const product = (): number => {
    let value = atom();
    while (/^[*/%]$/.test(tokens[next] ?? '')) {
      const operator = tokens[next++];
      const factor = atom();
      if (operator === '*') value *= factor;
      else value = operator === '/' ? Math.trunc(value / factor) : value % factor;
    }
    return value;
  };
  const sum = (): number => {
    let value = product();
    while (/^[-+]$/.test(tokens[next] ?? '')) value += tokens[next++] === '+' ? product() : -product();
    return value;
  };

  const value = sum();
  return next === tokens.length && Number.isSafeInteger(value) && value >= 0 ? value : fail();
}

/** Numbers lose their suffix; what is no token becomes one that nothing takes. */
function tokensOf(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.length) {
    const [, number, name, operator] = TOKEN.exec(expression) ?? [undefined, undefined, undefined, '?'];
    tokens.push(number ?? name ?? operator!);
    if (operator === '?') break;
  }
  return tokens;
}
