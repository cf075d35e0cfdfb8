/** A ranking as a list of bars. Documents are other people's text: they are only ever set as text. */
import type { RankedText } from './messages.js';

/** The axis reaches at least this far, so that in a list without a good answer no bar is full. */
const FULL_SCORE = 0.5;

/** Longer documents are folded to a few lines. */
const FOLDED_LENGTH = 420;

export function rankingView(documents: readonly RankedText[]): HTMLLIElement[] {
  const scale = scaleOf(documents);
  return documents.map((document) => {
    const item = element('li', 'ranked');
    item.append(
      element('span', 'score', signed(document.score)),
      barOf(document.score, scale),
      element('span', 'number', `#${document.index + 1}`),
      textOf(document),
    );
    return item;
  });
}

/** Where the axis begins and how long it is. Zero is always on it, negative scores go to the left of zero. */
interface Scale {
  readonly start: number;
  readonly length: number;
}

function scaleOf(documents: readonly RankedText[]): Scale {
  const highest = documents.at(0)?.score ?? 0;
  const lowest = documents.at(-1)?.score ?? 0;
  const start = Math.min(0, lowest);
  return { start, length: Math.max(FULL_SCORE, highest) - start };
}

function barOf(score: number, { start, length }: Scale): HTMLElement {
  const track = element('span', 'track');
  const bar = element('span', score < 0 ? 'bar negative' : 'bar');
  bar.style.insetInlineStart = percent((Math.min(score, 0) - start) / length);
  bar.style.inlineSize = percent(Math.abs(score) / length);
  track.append(bar);
  return track;
}

function textOf({ text }: RankedText): HTMLElement {
  const paragraph = element('p', 'text', text);
  paragraph.dir = 'auto';
  return text.length > FOLDED_LENGTH ? folded(paragraph) : paragraph;
}

/** The paragraph's first lines, and a button for the rest. */
function folded(paragraph: HTMLElement): HTMLElement {
  const both = element('div', '');
  paragraph.classList.add('folded');
  const unfold = element('button', 'link', 'Show all');
  unfold.type = 'button';
  unfold.addEventListener('click', () => {
    paragraph.classList.remove('folded');
    unfold.remove();
  });
  both.append(paragraph, unfold);
  return both;
}

/** Three decimals and a minus as wide as a digit. */
function signed(score: number): string {
  return score.toFixed(3).replace('-', '−');
}

function percent(part: number): string {
  return `${(100 * part).toFixed(2)}%`;
}

function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  text = '',
): HTMLElementTagNameMap[Tag] {
  const created = document.createElement(tag);
  created.className = className;
  created.textContent = text;
  return created;
}
