/** What the page is doing, below its buttons: one line, a bar while something runs, an error when it went wrong. */
import { t } from './languages/language.js';
import type { DeviceInUse, JobProgress } from './messages.js';
import { byId } from './page-elements.js';

const status = byId('status', HTMLParagraphElement);
const pace = byId('pace', HTMLSpanElement);
const bar = byId('progress', HTMLProgressElement);
const errorLine = byId('error', HTMLParagraphElement);
const notices = byId('notices', HTMLUListElement);

/** A rate over less time than this says little. Seconds. */
const SETTLED = 0.5;

/** Where the phase began that is shown. */
let began: (JobProgress & { readonly at: number }) | undefined;

/** The line is read aloud when it changes, so it changes with the phase only; bar and pace move with every step. */
export function showProgress(progress: JobProgress): void {
  const { phase, done, total } = progress;
  say(t().phases[phase]);
  bar.hidden = false;
  bar.max = total;
  bar.value = done;
  if (began?.phase !== phase) began = { ...progress, at: performance.now() };
  pace.textContent = phase === 'rerank' ? paceOf(progress, began) : '';
}

/** Tokens per second, and how long the others will take at that. */
function paceOf({ done, total }: JobProgress, start: { readonly done: number; readonly at: number }): string {
  const seconds = (performance.now() - start.at) / 1000;
  const rate = (done - start.done) / seconds;
  if (seconds < SETTLED || rate === 0) return '';
  return `${t().rate(Math.round(rate))} · ${t().timeLeft((total - done) / rate)}`;
}

/** Ends what was shown before: the bar, and an error if there was one, unless that came up meanwhile. */
export function showStatus(text: string, { keepError = false } = {}): void {
  say(text);
  began = undefined;
  pace.textContent = '';
  bar.hidden = true;
  bar.removeAttribute('value');
  if (!keepError) errorLine.replaceChildren();
}

export function showError(message: string, hint = ''): void {
  showStatus('');
  errorLine.textContent = `${message} ${hint}`.trim();
}

export function showNotices(device: DeviceInUse): void {
  notices.replaceChildren(
    ...device.notices.map((notice) => Object.assign(document.createElement('li'), { textContent: notice })),
  );
}

function say(text: string): void {
  if (status.textContent !== text) status.textContent = text;
}
