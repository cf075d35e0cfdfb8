/** A ranking as a list of bars. */
import { sourceOf } from '../documents/source-of.js';
import { t } from '../languages/language.js';
import { byId, element, linkButton } from '../page-elements.js';
import { paragraphOf } from '../text-of.js';
import { virtualList } from '../virtual-list.js';
import type { Ranked, Shown } from './selection.js';

/** The axis reaches at least this far, so that in a list without a good answer no bar is full. */
const FULL_SCORE = 0.5;

/** Longer documents are folded to a few lines. */
const FOLDED_LENGTH = 420;

/** Where the axis begins and how long it is. Zero is always on it, negative scores go to the left of zero. */
export interface Scale {
  readonly start: number;
  readonly length: number;
}

export interface RankingView {
  readonly show: (shown: readonly Shown[], scale: Scale) => void;
}

/** Of a whole ranking, so that bars keep their lengths whatever is shown. */
export function scaleOf(ranking: readonly Ranked[]): Scale {
  const highest = ranking.at(0)?.score ?? 0;
  const lowest = ranking.at(-1)?.score ?? 0;
  const start = Math.min(0, lowest);
  return { start, length: Math.max(FULL_SCORE, highest) - start };
}

export function rankingView(onCopy: (text: string) => void): RankingView {
  let scale: Scale = scaleOf([]);
  /** What was unfolded stays so when its row leaves the page and comes back. */
  const unfolded = new Set<unknown>();

  const rowOf = (shown: Shown): HTMLLIElement => {
    const item = element('li', shown.rank === 1 ? 'ranked best' : 'ranked');
    const { passage } = shown;
    const below = element('div', 'below');
    const source = sourceOf(passage);
    const sourceLine = element('span', 'source', source);
    sourceLine.dir = 'auto';
    const copy = linkButton(t().copy, () => onCopy(passage.text));
    copy.ariaLabel = t().copyOf(shown.rank);
    below.append(sourceLine, copy);
    item.append(
      element('span', 'score', signed(shown.score)),
      barOf(shown.score, scale),
      element('span', 'number', `#${shown.index + 1}`),
      foldable(passage.text),
      below,
    );
    if (shown.alike.length > 0) item.append(alikeOf(shown.alike));
    return item;
  };

  /** The first lines of a long text, and a button for the rest. */
  const foldable = (text: string): HTMLElement => {
    const paragraph = paragraphOf(text);
    if (text.length <= FOLDED_LENGTH || unfolded.has(text)) return paragraph;
    const both = element('div');
    paragraph.classList.add('folded');
    const unfold = linkButton(t().showAllText, () => {
      unfolded.add(text);
      paragraph.classList.remove('folded');
      paragraph.tabIndex = -1;
      paragraph.focus(); // the button that had it is gone
      unfold.remove();
    });
    both.append(paragraph, unfold);
    return both;
  };

  const alikeOf = (alike: readonly Ranked[]): HTMLElement => {
    const details = element('details', 'alike');
    details.open = unfolded.has(alike[0]!.passage);
    const list = element('ul');
    list.append(
      ...alike.map(({ passage, score, index }) => {
        const item = element('li');
        const label = [signed(score), `#${index + 1}`, sourceOf(passage)].filter((part) => part !== '');
        item.append(element('span', 'source', label.join(' · ')), paragraphOf(passage.text));
        return item;
      }),
    );
    details.addEventListener('toggle', () => {
      if (details.open) unfolded.add(alike[0]!.passage);
      else unfolded.delete(alike[0]!.passage);
    });
    details.append(element('summary', '', t().alike(alike.length)), list);
    return details;
  };

  const list = virtualList<Shown>(byId('ranking', HTMLOListElement), window, rowOf);
  return {
    show: (shown, newScale) => {
      scale = newScale;
      list.show(shown);
    },
  };
}

function barOf(score: number, { start, length }: Scale): HTMLElement {
  const track = element('span', 'track');
  const bar = element('span', score < 0 ? 'bar negative' : 'bar');
  bar.style.insetInlineStart = percent((Math.min(score, 0) - start) / length);
  bar.style.inlineSize = percent(Math.abs(score) / length);
  track.append(bar);
  return track;
}

/** Three decimals and a minus as wide as a digit. */
export function signed(score: number): string {
  return score.toFixed(3).replace('-', '−');
}

function percent(part: number): string {
  return `${(100 * part).toFixed(2)}%`;
}
