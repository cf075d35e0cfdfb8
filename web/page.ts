/** The page: takes a query and documents, has the worker rank them, shows what comes back. */
import { insideView, type TraceSummary } from 'listwise/inside';
import { documentsOfFile, documentsOfText, textOfDocuments } from './documents.js';
import { onDroppedFile } from './drop.js';
import type { DeviceChoice, DeviceInUse, List, RankingResult, Reply, Request, Setting } from './messages.js';
import { ModelPanel } from './models/panel.js';
import { keepPage } from './offline.js';
import { byId } from './page-elements.js';
import { rankingView } from './ranking-view.js';
import { startWorker } from './start-worker.js';
import { showError, showNotices, showProgress, showStatus } from './status.js';
import { tabs } from './tabs.js';

/** The reference is left out: it is there to check the others, a hundred times slower. */
const CHOICES: Readonly<Record<string, string>> = { webgpu: 'WebGPU', wasm: 'WebAssembly' };

const form = byId('request', HTMLFormElement);
const query = byId('query', HTMLInputElement);
const documents = byId('documents', HTMLTextAreaElement);
const count = byId('count', HTMLOutputElement);
const file = byId('file', HTMLInputElement);
const deviceSelect = byId('device', HTMLSelectElement);
const rankButton = byId('rank', HTMLButtonElement);
const cancelButton = byId('cancel', HTMLButtonElement);
const result = byId('result', HTMLElement);

const worker = startWorker('worker.js', 'reranker');
const models = new ModelPanel(prepare);

/** The latest request; replies to older ones come too late. */
let job = 0;

/** What the last successful request ran on. */
let deviceInUse: DeviceInUse | undefined;

/** What was asked for last, and what was ranked last; the latter is looked into when the tab is opened. */
let asked: List | undefined;
let ranked: List | undefined;
let seen: List | undefined;

function begin(request: Request): void {
  setBusy(true);
  worker.postMessage(request);
}

function prepare(): void {
  showStatus('Loading the model …');
  begin({ job: ++job, type: 'prepare', ...setting() });
}

function rank(): void {
  const texts = documentsOfText(documents.value);
  if (query.value.trim() === '') {
    ask(query, 'What are you looking for? Type a query first.');
  } else if (texts.length === 0) {
    ask(documents, 'There is nothing to rank yet. Put a document on each line.');
  } else {
    showStatus('Ranking …');
    asked = { query: query.value, documents: texts };
    begin({ job: ++job, type: 'rank', ...setting(), ...asked });
  }
}

/** Looks into what was ranked, unless that has been done. */
function inspect(): void {
  if (!ranked || ranked === seen || rankButton.disabled) return;
  byId('inside-hint', HTMLParagraphElement).textContent =
    'Looking inside: the list is read many times, each time a little different.';
  showStatus('Looking inside …');
  asked = ranked;
  begin({ job: ++job, type: 'inspect', ...setting(), ...ranked });
}

function ask(field: HTMLElement, message: string): void {
  showError(message);
  field.focus();
}

worker.addEventListener('message', ({ data: reply }: MessageEvent<Reply>) => {
  if (reply.job !== job) return;
  if (reply.type === 'progress') return showProgress(reply.progress);
  setBusy(false);
  switch (reply.type) {
    case 'prepared':
      showStatus(`Ready on ${reply.device.description}.`);
      void keepPage();
      return use(reply.device);
    case 'ranked':
      use(reply.device);
      ranked = asked;
      showRanking(reply.result, reply.device);
      if (views.selected() === 'inside') inspect();
      return;
    case 'inspected':
      use(reply.device);
      seen = asked;
      return showInside(reply.trace);
    case 'cancelled':
      return showStatus('Cancelled.');
    case 'failed':
      // The device that worked before still does.
      if (deviceInUse) deviceSelect.value = deviceInUse.choice;
      models.fails(`${reply.message} ${reply.hint ?? ''}`.trim());
      return showError(reply.message, reply.hint);
  }
});

worker.addEventListener('error', () => {
  setBusy(false);
  showError('The worker that ranks could not start.', 'Reload the page to try again.');
});

function showRanking({ documents: ranked, tokens, seconds }: RankingResult, device: DeviceInUse): void {
  byId('ranking', HTMLOListElement).replaceChildren(...rankingView(ranked));
  byId('facts', HTMLParagraphElement).textContent =
    `${tokens.toLocaleString('en')} tokens in ${seconds.toFixed(2)} s · ${device.description}`;
  showStatus(`Ranked ${counted(ranked.length)}.`);
  // On a phone the ranking begins below the screen.
  if (result.getBoundingClientRect().top > innerHeight / 2) result.scrollIntoView();
}

function showInside(trace: TraceSummary): void {
  byId('inside', HTMLElement).replaceChildren(insideView(trace));
  byId('inside-hint', HTMLParagraphElement).textContent =
    `“${trace.query}”, ${counted(trace.documents.length)}, ${trace.tokens.toLocaleString('en')} tokens, as the model read them.`;
  showStatus('This is how it came to that.');
}

function use(device: DeviceInUse): void {
  deviceInUse = device;
  models.works();
  showNotices(device);
}

function setBusy(busy: boolean): void {
  rankButton.disabled = busy;
  cancelButton.hidden = !busy;
  result.ariaBusy = String(busy);
}

function setting(): Setting {
  return { model: models.choice, choice: deviceSelect.value as DeviceChoice };
}

function showCount(): void {
  count.textContent = counted(documentsOfText(documents.value).length);
}

function counted(number: number): string {
  return `${number.toLocaleString('en')} ${number === 1 ? 'document' : 'documents'}`;
}

async function takeFile(chosen: File): Promise<void> {
  try {
    const texts = await documentsOfFile(chosen);
    documents.value = textOfDocuments(texts);
    showCount();
    showStatus(`Took ${counted(texts.length)} from ${chosen.name}.`);
  } catch (error) {
    showError(error instanceof Error ? error.message : String(error));
  }
}

const views = tabs(['ranking', 'inside'], (name) => {
  if (name === 'inside') inspect();
});

deviceSelect.append(
  new Option('Automatic', 'automatic'),
  ...Object.entries(CHOICES).map(([kind, name]) => new Option(name, kind)),
);
byId('shortcut', HTMLElement).textContent = navigator.userAgent.includes('Mac') ? '⌘ ↵' : 'Ctrl ↵';

form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (!rankButton.disabled) rank();
});
addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
cancelButton.addEventListener('click', () => worker.postMessage({ job, type: 'cancel' } satisfies Request));
deviceSelect.addEventListener('change', prepare);
documents.addEventListener('input', showCount);
byId('choose', HTMLButtonElement).addEventListener('click', () => file.click());
file.addEventListener('change', () => {
  const [chosen] = file.files ?? [];
  if (chosen) void takeFile(chosen);
  file.value = ''; // so that the same file can be chosen again
});
onDroppedFile((dropped) => void takeFile(dropped));

showCount();
void models.restore().finally(prepare);
