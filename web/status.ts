/** What the page is doing, below its buttons: one line, a bar while something runs, an error when it went wrong. */
import type { DeviceInUse, JobProgress } from './messages.js';
import { byId } from './page-elements.js';

const WORDS: Readonly<Record<JobProgress['phase'], string>> = {
  download: 'Downloading the model',
  tune: 'Timing the graphics card',
  load: 'Loading the model',
  rerank: 'Ranking',
};

const status = byId('status', HTMLParagraphElement);
const bar = byId('progress', HTMLProgressElement);
const errorLine = byId('error', HTMLParagraphElement);
const notices = byId('notices', HTMLUListElement);

/** The line is read aloud when it changes, so it changes with the phase only; the bar moves with every step. */
export function showProgress({ phase, done, total }: JobProgress): void {
  say(`${WORDS[phase]} …`);
  bar.hidden = false;
  bar.max = total;
  bar.value = done;
}

/** Ends what was shown before: the bar, and an error if there was one. */
export function showStatus(text: string): void {
  say(text);
  bar.hidden = true;
  bar.removeAttribute('value');
  errorLine.replaceChildren();
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
