/** The page: takes a query and documents, has the worker rank them, shows what comes back. */
import type { TraceSummary } from 'listwise/inside';
import { collection } from './documents/collection.js';
import { onDroppedFiles } from './documents/drop.js';
import { overview } from './documents/overview.js';
import type { Passage } from './documents/passage.js';
import { takeFiles } from './documents/take-files.js';
import { chooseLanguage, t, translatePage } from './languages/language.js';
import type { DeviceChoice, DeviceInUse, List, RankingResult, Reply, Request, Setting } from './messages.js';
import { ModelPanel } from './models/panel.js';
import { keepPage } from './offline.js';
import { byId } from './page-elements.js';
import { history } from './results/history.js';
import { listOf } from './results/link.js';
import { type Answered, results } from './results/results.js';
import { startWorker } from './start-worker.js';
import { showError, showNotices, showProgress, showStatus } from './status.js';
import { tabs } from './tabs.js';

chooseLanguage(navigator.languages);
translatePage();

/** The reference is left out: it is there to check the others, a hundred times slower. */
const DEVICES: readonly (readonly [DeviceChoice, string])[] = [
  ['automatic', t().automatic],
  ['webgpu', 'WebGPU'],
  ['wasm', 'WebAssembly'],
];

/** Longer lists are not looked into: each is read some hundred times. */
const MOST_INSIDE = 125;

const form = byId('request', HTMLFormElement);
const query = byId('query', HTMLInputElement);
const file = byId('file', HTMLInputElement);
const deviceSelect = byId('device', HTMLSelectElement);
const rankButton = byId('rank', HTMLButtonElement);
const cancelButton = byId('cancel', HTMLButtonElement);
const result = byId('result', HTMLElement);

const worker = startWorker('worker.js', 'reranker');
const models = new ModelPanel(prepare);

/** What was asked for, with all that the worker need not know. */
interface Question {
  readonly query: string;
  readonly passages: readonly Passage[];
}

/** The latest request; replies to older ones come too late. */
let job = 0;

/** What the last successful request ran on. */
let deviceInUse: DeviceInUse | undefined;

/** What was asked for last, and what was ranked last; the latter is looked into when the tab is opened. */
let asked: Question | undefined;
let ranked: Question | undefined;
let seen: Question | undefined;

function begin(request: Request): void {
  setBusy(true);
  worker.postMessage(request);
}

function prepare(): void {
  showStatus(t().loading);
  begin({ job: ++job, type: 'prepare', ...setting() });
}

function rank(): void {
  const passages = documents.passages();
  if (query.value.trim() === '') {
    ask(query, t().needQuery);
  } else if (passages.length === 0) {
    ask(byId('documents', HTMLTextAreaElement), t().needDocuments);
  } else {
    showStatus(t().phases.rerank);
    asked = { query: query.value, passages };
    begin({ job: ++job, type: 'rank', ...setting(), ...listFor(asked) });
  }
}

/** Looks into what was ranked, unless that has been done. */
function inspect(): void {
  if (!ranked || ranked === seen || rankButton.disabled) return;
  const hint = byId('inside-hint', HTMLParagraphElement);
  if (ranked.passages.length > MOST_INSIDE) {
    hint.textContent = t().insideTooMany(MOST_INSIDE);
    byId('inside', HTMLElement).replaceChildren();
    return;
  }
  hint.textContent = t().insideWorks;
  showStatus(t().lookingInside);
  asked = ranked;
  begin({ job: ++job, type: 'inspect', ...setting(), ...listFor(ranked) });
}

function listFor({ query, passages }: Question): List {
  return { query, documents: passages.map(({ text }) => text) };
}

function ask(field: HTMLElement, message: string): void {
  showError(message);
  field.focus();
}

/** The page is free at once; the worker stops at its next step, and what it still says comes too late. */
function cancel(): void {
  worker.postMessage({ job: job++, type: 'cancel' } satisfies Request);
  setBusy(false);
  answers.endPreview();
  showStatus(t().cancelled);
}

worker.addEventListener('message', ({ data: reply }: MessageEvent<Reply>) => {
  if (reply.job !== job) return;
  if (reply.type === 'progress') return showProgress(reply.progress);
  if (reply.type === 'ranking') return answers.preview(asked!.passages, reply.documents);
  setBusy(false);
  switch (reply.type) {
    case 'prepared':
      showStatus(t().ready(reply.device.description), { keepError: true });
      void keepPage();
      return use(reply.device);
    case 'ranked':
      use(reply.device);
      return answer(asked!, reply.result, reply.device);
    case 'inspected':
      use(reply.device);
      seen = asked;
      return void showInside(reply.trace);
    case 'cancelled':
      return; // it was said when it was asked for
    case 'failed':
      answers.endPreview();
      // The device that worked before still does.
      if (deviceInUse) deviceSelect.value = deviceInUse.choice;
      models.fails(`${reply.message} ${reply.hint ?? ''}`.trim());
      return showError(reply.message, reply.hint);
  }
});

worker.addEventListener('error', () => {
  setBusy(false);
  showError(t().workerFailed);
});

function answer(question: Question, result: RankingResult, device: DeviceInUse): void {
  const before = queries.before(question.passages, device.description);
  const saved = before ? 1 - result.seconds / before.result.seconds : 0;
  const answered = { ...question, result, device, saved };
  queries.add(answered);
  showAnswer(answered);
}

function showAnswer(answered: Answered): void {
  ranked = answered;
  answers.show(answered);
  showStatus(t().ranked(answered.passages.length), { keepError: true });
  // On a phone the ranking begins below the screen.
  if (result.getBoundingClientRect().top > innerHeight / 2) result.scrollIntoView();
  if (views.selected() === 'inside') inspect();
}

async function showInside(trace: TraceSummary): Promise<void> {
  const { insideView } = await import('listwise/inside');
  byId('inside', HTMLElement).replaceChildren(insideView(trace));
  byId('inside-hint', HTMLParagraphElement).textContent = t().insideOf(
    trace.query,
    trace.documents.length,
    trace.tokens,
  );
  showStatus(t().insideDone, { keepError: true });
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

/** The list that the page's address holds. */
async function takeLink(): Promise<void> {
  try {
    const list = await listOf(location.hash);
    if (!list) return;
    query.value = list.query;
    documents.replace(list.documents);
  } catch {
    showError(t().linkBroken);
  }
}

const documents = collection(overview());
const answers = results();
const queries = history((answered) => {
  query.value = answered.query;
  showAnswer(answered);
});
const views = tabs(['ranking', 'inside'], (name) => {
  if (name === 'inside') inspect();
});

deviceSelect.append(...DEVICES.map(([choice, name]) => new Option(name, choice)));
byId('shortcut', HTMLElement).textContent = navigator.userAgent.includes('Mac') ? '⌘ ↵' : 'Ctrl ↵';

form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (!rankButton.disabled) rank();
});
addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
cancelButton.addEventListener('click', cancel);
deviceSelect.addEventListener('change', prepare);
byId('choose', HTMLButtonElement).addEventListener('click', () => file.click());
file.addEventListener('change', () => {
  takeFiles([...(file.files ?? [])], documents);
  file.value = ''; // so that the same file can be chosen again
});
onDroppedFiles((files) => takeFiles(files, documents));
addEventListener('hashchange', () => void takeLink());

void models.restore().finally(prepare);
void takeLink();
