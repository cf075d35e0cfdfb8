/** The latest ranking: what of it is shown, copied, saved and linked to, and those before it. */

import type { Passage } from '../documents/passage.js';
import { t } from '../languages/language.js';
import type { DeviceInUse, RankedIndex, RankingResult } from '../messages.js';
import { byId, linkButton } from '../page-elements.js';
import { showError, showStatus } from '../status.js';
import { EXPORTS, type ExportKind, exported } from './export.js';
import { fragmentOf } from './link.js';
import { rankingView, scaleOf, signed } from './ranking-view.js';
import { type Ranked, type Shown, select } from './selection.js';

/** A query, what it was asked of, and what came out. */
export interface Answered {
  readonly query: string;
  readonly passages: readonly Passage[];
  readonly result: RankingResult;
  readonly device: DeviceInUse;
  /** How much less time it took than the query before on the same documents, from 0 to 1. */
  readonly saved: number;
}

/** Less time than this saved is chance. */
const NOTEWORTHY = 0.1;

/** Documents that are shown of a ranking that still grows. */
const PREVIEWED = 20;

export interface Results {
  readonly show: (answered: Answered) => void;
  /** What is ranked so far; there is nothing to be saved yet. */
  readonly preview: (passages: readonly Passage[], documents: readonly RankedIndex[]) => void;
  /** Back to the latest ranking that came to its end. */
  readonly endPreview: () => void;
}

export function results(): Results {
  const best = byId('best', HTMLInputElement);
  const from = byId('from', HTMLInputElement);
  const fold = byId('fold', HTMLInputElement);
  const facts = byId('facts', HTMLParagraphElement);
  const count = byId('shown', HTMLParagraphElement);
  const view = rankingView((text) => void copy(text, t().copied));
  let answered: Answered | undefined;
  let ranking: readonly Ranked[] = [];
  let shown: readonly Shown[] = [];

  const update = () => {
    shown = select(ranking, {
      best: best.validity.valid && best.value !== '' ? best.valueAsNumber : undefined,
      from: from.value === from.min ? Number.NEGATIVE_INFINITY : from.valueAsNumber,
      fold: fold.checked,
    });
    from.ariaValueText = from.value === from.min ? t().allOfThem : signed(from.valueAsNumber);
    byId('from-value', HTMLOutputElement).textContent = from.ariaValueText;
    facts.textContent = answered ? factsOf(answered) : t().beforeRanking;
    count.textContent =
      shown.length === 0 && ranking.length > 0 ? t().noneShown : t().shown(shown.length, ranking.length);
    view.show(shown, scaleOf(ranking));
  };

  const preview = (passages: readonly Passage[], documents: readonly RankedIndex[]) => {
    const soFar = rankedOf(passages, documents);
    facts.textContent = t().soFar(documents.length, passages.length);
    count.textContent = '';
    view.show(
      select(soFar, { best: PREVIEWED, from: Number.NEGATIVE_INFINITY, fold: false }),
      scaleOf(soFar),
    );
  };

  const show = (latest: Answered) => {
    answered = latest;
    ranking = rankedOf(latest.passages, latest.result.documents);
    from.min = String(Math.floor(Math.min(0, ranking.at(-1)?.score ?? 0) * 100) / 100);
    from.max = String(Math.ceil(Math.max(0, ranking.at(0)?.score ?? 0) * 100) / 100);
    from.value = from.min;
    byId('tools', HTMLDivElement).hidden = false;
    update();
  };

  best.placeholder = t().allOfThem;
  for (const control of [best, from, fold]) control.addEventListener('input', update);
  byId('exports', HTMLSpanElement).append(
    ...(Object.keys(EXPORTS) as ExportKind[]).map((kind) =>
      linkButton(kind, async () => {
        if (answered) save(await exported(kind, answered.query, shown));
      }),
    ),
  );
  byId('link', HTMLButtonElement).addEventListener('click', async () => {
    if (!answered) return;
    const { query, passages } = answered;
    const fragment = await fragmentOf({ query, documents: passages.map(({ text }) => text) });
    if (fragment === undefined) showError(t().linkTooLong);
    else await copy(new URL(fragment, location.href).href, t().linkCopied);
  });
  return { show, preview, endPreview: update };
}

function rankedOf(passages: readonly Passage[], documents: readonly RankedIndex[]): Ranked[] {
  return documents.map((document) => ({ ...document, passage: passages[document.index]! }));
}

function factsOf({ result: { tokens, cachedTokens, seconds }, device, saved }: Answered): string {
  const facts = [t().facts(tokens, seconds, device.description)];
  if (cachedTokens > 0) facts.push(t().cachedTokens(cachedTokens));
  if (saved >= NOTEWORTHY) facts.push(t().faster(Math.round(100 * saved)));
  return facts.join(' · ');
}

async function copy(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    showStatus(done);
  } catch {
    showError(t().notCopied);
  }
}

function save(file: File): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser reads it after the click
}
