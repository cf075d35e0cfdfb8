/** The popup: asks the service worker for the best passages of the open tab, and shows them in the page. */
import type { Ranked, Reply, Request, Result } from './messages.js';
import { HIGHLIGHT, showPassage } from './passages.js';

const query = document.querySelector<HTMLInputElement>('#query')!;
const status = document.querySelector<HTMLElement>('#status')!;
const progress = document.querySelector<HTMLProgressElement>('#progress')!;
const results = document.querySelector<HTMLElement>('#results')!;

/** The tab that the popup was opened on. */
const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
const tabId = tab!.id!;

let asking: chrome.runtime.Port | undefined;

document.querySelector('form')!.addEventListener('submit', (event) => {
  event.preventDefault();
  asking?.disconnect(); // the worker need not go on with what was asked before
  results.replaceChildren();
  const text = query.value.trim();
  if (text) ask(text);
  else finish('Type what you are looking for.');
});
query.focus();

function ask(query: string): void {
  status.textContent = 'Reading the page…';
  asking = chrome.runtime.connect();
  asking.onMessage.addListener(hear);
  asking.postMessage({ tabId, query } satisfies Request);
}

function hear(reply: Reply): void {
  if ('progress' in reply) {
    progress.hidden = false;
    progress.value = reply.progress;
  } else if ('problem' in reply) {
    finish(reply.problem);
  } else {
    showResults(reply);
  }
}

function finish(message: string): void {
  progress.hidden = true;
  status.textContent = message;
}

function showResults({ results: best, passages, device }: Ranked): void {
  finish(`The best of ${passages} passages, by ${device}.`);
  results.replaceChildren(...best.map(itemOf));
}

function itemOf({ place, score, text }: Result): HTMLLIElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.dir = 'auto';
  button.append(span('score', score.toFixed(3)), span('text', text));
  button.addEventListener('click', () => showInPage(place));
  const item = document.createElement('li');
  item.append(button);
  return item;
}

/** Passages are other people's text: they are only ever set as text. */
function span(className: string, text: string): HTMLSpanElement {
  const created = document.createElement('span');
  created.className = className;
  created.textContent = text;
  return created;
}

async function showInPage(place: number): Promise<void> {
  const target = { tabId };
  try {
    await chrome.scripting.insertCSS({ target, css: HIGHLIGHT });
    await chrome.scripting.executeScript({ target, func: showPassage, args: [place] });
  } catch {
    status.textContent = 'That page is no longer open.';
  }
}
