/**
 * What runs in the page. Chrome takes each function there as text, so it may use nothing outside of itself. What they
 * share lies on the global object, which in the page is the extension's own.
 */

type World = typeof globalThis & { passages?: readonly HTMLElement[] };

/** The page's texts, from its beginning. What holds another passage is left to that one. */
export function collectPassages(): string[] {
  const kinds = 'p, li, dd, blockquote, pre, figcaption, td, th, h1, h2, h3, h4, h5, h6';
  const [fewest, longest, most] = [20, 1000, 200]; // characters, characters, passages
  const passages = new Map<string, HTMLElement>();
  for (const element of document.querySelectorAll<HTMLElement>(`:is(${kinds}):not(:has(${kinds}))`)) {
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    const text = element.innerText.replaceAll(/\s+/g, ' ').trim().slice(0, longest);
    if (text.length >= fewest && !passages.has(text)) passages.set(text, element);
    if (passages.size === most) break;
  }
  (globalThis as World).passages = [...passages.values()];
  return [...passages.keys()];
}

/** Scrolls to a passage and highlights it, without a change to the page's elements. */
export function showPassage(place: number): void {
  const passage = (globalThis as World).passages?.[place];
  if (!passage) return;
  const range = new Range();
  range.selectNodeContents(passage);
  CSS.highlights.set('listwise', new Highlight(range));
  passage.scrollIntoView({ block: 'center' });
}

export const HIGHLIGHT = '::highlight(listwise) { background-color: #ffe27a; color: #1d2223; }';
