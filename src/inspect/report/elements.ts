/** Elements of HTML and SVG. Texts are other people's: they are only ever set as text. */

type Children = readonly (Node | string)[];

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  ...children: Children
): HTMLElementTagNameMap[Tag] {
  const created = document.createElement(tag);
  if (className !== '') created.className = className;
  created.append(...children);
  return created;
}

export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | number>>,
  ...children: Children
): SVGElementTagNameMap[Tag] {
  const created = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, String(value));
  created.append(...children);
  return created;
}

/** A picture with its heading, what it says in a sentence, and the numbers that it was made of. */
export function figure(title: string, says: string, ...content: Children): HTMLElement {
  return element(
    'figure',
    'inside-figure',
    element('h3', '', title),
    element('figcaption', '', says),
    ...content,
  );
}

/** A table for whoever wants the numbers, folded. */
export function numbers(head: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  const cells = (tag: 'th' | 'td', texts: readonly string[]) => texts.map((text) => element(tag, '', text));
  const table = element(
    'table',
    '',
    element('thead', '', element('tr', '', ...cells('th', head))),
    element(
      'tbody',
      '',
      ...rows.map(([name, ...rest]) => element('tr', '', element('th', '', name!), ...cells('td', rest))),
    ),
  );
  return element(
    'details',
    'inside-numbers',
    element('summary', '', 'Numbers'),
    element('div', 'inside-scroll', table),
  );
}

/** Three decimals, or more where numbers are smaller, and a minus as wide as a digit. */
export function signed(value: number, decimals = 3): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? (0).toFixed(decimals) : text.replace('-', '−');
}

/** The same with its sign always. */
export function change(value: number, decimals = 3): string {
  const text = signed(value, decimals);
  return value < 0 || Number(text) === 0 ? text : `+${text}`;
}

/** The least and the largest of numbers, of which there may be more than a call takes arguments. */
export function extent(values: readonly number[]): { low: number; high: number } {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  return { low, high: values.reduce((most, value) => Math.max(most, value), -Infinity) };
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
}

/** Documents count from 1 where people read. */
export function nameOf(document: number): string {
  return `#${document + 1}`;
}

/** The beginning of a text, on one line. */
export function shortened(text: string, length: number): string {
  const line = text.replace(/\s+/gu, ' ').trim();
  const characters = Array.from(line);
  return characters.length <= length
    ? line
    : `${characters
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`;
}
