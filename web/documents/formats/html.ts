/** The text of an HTML file, without what surrounds it on a page. Nothing in it is run or fetched. */
import type { Paragraph } from '../passages.js';

/** No text of the document's own. */
const LEFT_OUT =
  'script, style, noscript, template, nav, aside, form, dialog, svg, math, iframe, object, head, [hidden], [aria-hidden="true"], body > header, body > footer';

/** Elements that begin a new paragraph. */
const BLOCKS = new Set(
  'address article blockquote body br dd details div dl dt fieldset figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main ol p pre section summary table tbody tfoot thead tr ul'.split(
    ' ',
  ),
);

export function paragraphsOfHtml(html: string): Paragraph[] {
  const page = new DOMParser().parseFromString(html, 'text/html');
  for (const element of page.querySelectorAll(LEFT_OUT)) element.remove();
  const paragraphs: Paragraph[] = [];
  let text = '';
  const end = (heading = false) => {
    const clean = text.replaceAll(/\s+/g, ' ').trim();
    if (clean !== '') paragraphs.push({ text: clean, heading });
    text = '';
  };
  const read = (node: Node): void => {
    if (node instanceof Text) text += node.data;
    if (!(node instanceof Element)) return;
    const name = node.localName;
    if (BLOCKS.has(name)) end();
    for (const child of node.childNodes) read(child);
    if (name === 'td' || name === 'th') text += ' ';
    if (BLOCKS.has(name)) end(/^h[1-6]$/.test(name));
  };
  read(page.querySelector('main') ?? page.body);
  return paragraphs;
}
