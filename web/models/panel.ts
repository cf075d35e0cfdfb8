/** Choosing a model: what there is to choose, what it takes, how it gets here. */

import { licenceNotice } from '../../src/checkpoint/hub/licence.js';
import { t } from '../languages/language.js';
import { byId } from '../page-elements.js';
import { type Candidate, choiceOf, type HubCandidate, nameInWords, ownCandidate } from './candidate.js';
import {
  agreeTo,
  EMBEDDED,
  hasAgreedTo,
  keepChoice,
  keepDescription,
  keepLookedAt,
  keptChoice,
  keptDescription,
  keptLookedAt,
  keyOf,
  type ModelChoice,
} from './choice.js';
import { inWords, ModelWorker } from './client.js';
import { DownloadView } from './download-view.js';
import { chosenDtype, onDtype, showDtypes } from './dtype-view.js';
import { facts } from './facts-view.js';
import { cardOf, KNOWN } from './known.js';
import { thisMachine } from './machine.js';
import { onOwnFiles } from './own-view.js';
import { bytesInWords } from './sizes.js';
import { askToPersist, showStorage } from './storage-view.js';

const panel = byId('models', HTMLDetailsElement);
const inUse = byId('model-in-use', HTMLSpanElement);
const state = byId('model-state', HTMLSpanElement);
const lookup = byId('model-lookup', HTMLFormElement);
const hubName = byId('model-name', HTMLInputElement);
const own = byId('model-own', HTMLDivElement);
const statusLine = byId('model-status', HTMLParagraphElement);
const errorLine = byId('model-error', HTMLParagraphElement);

/** The hub of this page, as build.mjs has written it. */
const ENDPOINT = document.querySelector<HTMLMetaElement>('meta[name="listwise-hub"]')!.content;

export class ModelPanel {
  readonly #worker = new ModelWorker();
  readonly #machine = thisMachine();
  readonly #use: () => void;
  /** What ranks: the one that was chosen, once it has worked. */
  #working: ModelChoice = EMBEDDED;
  #chosen: ModelChoice = EMBEDDED;
  #candidate: Candidate | undefined;
  #download: { readonly name: string; readonly pause: AbortController } | undefined;

  /** `use` hears that another model is to rank. */
  constructor(use: () => void) {
    this.#use = use;
    for (const radio of radios()) radio.addEventListener('change', () => this.#select(radio.value));
    lookup.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#lookUp(hubName.value.trim());
    });
    onOwnFiles((files) => void ownCandidate(files).then((candidate) => this.#show(candidate)));
    onDtype(() => void this.#showAction());
    facts.onLicence(() => {
      if (this.#candidate && facts.agrees()) agreeTo(this.#candidate.name);
    });
    facts.onAction(() => void this.#act());
    byId('model-pause', HTMLButtonElement).addEventListener('click', () => this.#download?.pause.abort());
    panel.addEventListener('toggle', () => void this.#showStorage());
  }

  get choice(): ModelChoice {
    return this.#chosen;
  }

  /** Finds what was chosen at the last visit, and whether it is still here. */
  async restore(): Promise<void> {
    const kept = keptChoice(ENDPOINT);
    const name = kept.kind === 'hub' ? kept.name : keptLookedAt();
    if (name === undefined) return;
    const description = keptDescription(name);
    if (!description) return;
    if (kept.kind === 'hub' && (await this.#isWhole(name))) this.#chosen = kept;
    const card = cardOf(name);
    check(card);
    hubName.value = card === 'hub' ? name : '';
    lookup.hidden = card !== 'hub';
    await this.#show({ kind: 'hub', name, description });
  }

  /** The model that was chosen ranks. */
  works(): void {
    if (keyOf(this.#working) !== keyOf(this.#chosen)) {
      this.#working = this.#chosen;
      keepChoice(this.#chosen);
      if (this.#chosen.kind !== 'embedded') this.#say(t().modelReady(nameInWords(this.#chosen)));
    }
    inUse.textContent = nameInWords(this.#working);
    state.textContent = '';
    void this.#showAction();
  }

  /** It does not: the one that worked before is to rank again. */
  fails(reason: string): void {
    if (keyOf(this.#working) === keyOf(this.#chosen)) return;
    this.#chosen = this.#working;
    state.textContent = '';
    this.#fail(reason);
  }

  #select(value: string): void {
    this.#say('');
    lookup.hidden = value !== 'hub';
    own.hidden = value !== 'own';
    this.#candidate = undefined;
    facts.hide();
    if (value === 'embedded' && this.#chosen.kind !== 'embedded') this.#take(EMBEDDED);
    const known = KNOWN[value];
    if (known) void this.#showHub(known.name);
    if (value === 'hub') {
      hubName.focus();
      if (hubName.value !== '') void this.#showHub(hubName.value);
    }
  }

  async #lookUp(name: string): Promise<void> {
    this.#say(t().modelAsking(name));
    facts.hide();
    try {
      const description = await this.#worker.ask('describe', { name, endpoint: ENDPOINT });
      keepDescription(name, description);
      this.#say('');
      await this.#show({ kind: 'hub', name, description });
    } catch (error) {
      this.#fail(inWords(error));
    }
  }

  /** A model of which the hub has told before. */
  async #showHub(name: string): Promise<void> {
    const description = keptDescription(name);
    if (description) await this.#show({ kind: 'hub', name, description });
  }

  async #show(candidate: Candidate): Promise<void> {
    this.#candidate = candidate;
    errorLine.textContent = '';
    if (candidate.kind === 'hub') keepLookedAt(candidate.name);
    try {
      const { name, description } = candidate;
      const kept =
        this.#chosen.kind === candidate.kind && this.#chosen.name === name ? this.#chosen.dtype : undefined;
      showDtypes(description.config, await this.#machine, kept);
    } catch (error) {
      facts.hide();
      return this.#fail(inWords(error));
    }
    facts.show(candidate, ENDPOINT, hasAgreedTo(candidate.name));
    await this.#showAction();
  }

  /** What can be done with the candidate: use it, download it, go on with that. */
  async #showAction(): Promise<void> {
    const candidate = this.#candidate;
    if (!candidate) return;
    const action = await this.#actionFor(candidate);
    if (candidate === this.#candidate) facts.showAction(action);
  }

  async #actionFor(candidate: Candidate): Promise<{ label: string; there: string }> {
    const isChosen = keyOf(choiceOf(candidate, ENDPOINT, chosenDtype())) === keyOf(this.#chosen);
    if (isChosen)
      return { label: '', there: isChosen && this.#working === this.#chosen ? t().modelInUse : '' };
    const use = { label: t().modelUse(chosenDtype()), there: '' };
    if (candidate.kind === 'own') return use;
    if (this.#download) return { label: '', there: '' };
    const { name, description } = candidate;
    if (await this.#isWhole(name)) return { ...use, there: t().modelAllHere };
    const bytes = await this.#bytesOf(name);
    const all = bytesInWords(description.bytes);
    return bytes > 0
      ? { label: t().modelGoOn, there: t().modelPartHere(bytesInWords(bytes), all) }
      : { label: t().modelDownload(all), there: '' };
  }

  async #act(): Promise<void> {
    const candidate = this.#candidate;
    if (!candidate) return;
    if (candidate.kind === 'own' || (await this.#isWhole(candidate.name))) {
      this.#take(choiceOf(candidate, ENDPOINT, chosenDtype()));
    } else await this.#bring(candidate);
  }

  async #bring(candidate: HubCandidate): Promise<void> {
    if (this.#download) return;
    const { name, description } = candidate;
    const licence = description.licence && licenceNotice(name, description.licence);
    const pause = new AbortController();
    this.#download = { name, pause };
    const view = new DownloadView(name);
    this.#say('');
    await this.#showAction();
    askToPersist();
    let total = description.bytes;
    try {
      await this.#worker.ask(
        'download',
        { name, endpoint: ENDPOINT },
        {
          signal: pause.signal,
          onWaiting: () => view.wait(),
          onNotice: (notice) => {
            if (notice !== licence) this.#say(notice); // which is agreed to already
          },
          onProgress: (progress) => {
            if (progress.total !== total) keepDescription(name, { ...description, bytes: progress.total });
            total = progress.total;
            view.show(progress);
            state.textContent = t().modelShare(name, Math.floor((100 * progress.done) / progress.total));
          },
        },
      );
      this.#say(t().modelAllOfHere(name));
    } catch (error) {
      if (pause.signal.aborted) this.#say(t().modelPaused);
      else this.#fail(inWords(error));
    } finally {
      view.end();
      this.#download = undefined;
      state.textContent = '';
    }
    await this.#downloadEnded(candidate, total);
  }

  /** Whoever still looks at the model is glad to use it. */
  async #downloadEnded(candidate: HubCandidate, bytes: number): Promise<void> {
    void this.#showStorage();
    if (this.#candidate !== candidate) return;
    this.#candidate = { ...candidate, description: { ...candidate.description, bytes } };
    if (await this.#isWhole(candidate.name)) this.#take(choiceOf(candidate, ENDPOINT, chosenDtype()));
    await this.#showAction();
  }

  #take(choice: ModelChoice): void {
    this.#chosen = choice;
    this.#say('');
    if (choice.kind === 'embedded') keepChoice(choice);
    state.textContent = t().modelLoading(nameInWords(choice));
    this.#use();
    void this.#showAction();
  }

  async #remove(repository: string): Promise<void> {
    const isChosen = this.#chosen.kind === 'hub' && this.#chosen.name.startsWith(repository);
    try {
      await this.#worker.ask('remove', { repository });
      if (isChosen) {
        check('embedded');
        this.#select('embedded');
      }
      this.#say(t().modelRemoved(repository));
    } catch (error) {
      this.#fail(inWords(error));
    }
    await this.#showStorage();
    await this.#showAction();
  }

  async #showStorage(): Promise<void> {
    if (!panel.open) return;
    const models = await this.#worker.ask('list', undefined);
    await showStorage(models, (repository) => void this.#remove(repository));
  }

  #isWhole(name: string): Promise<boolean> {
    return this.#worker.ask('isWhole', { name, endpoint: ENDPOINT });
  }

  async #bytesOf(name: string): Promise<number> {
    const models = await this.#worker.ask('list', undefined);
    return models.find(({ repository }) => `${name}/`.startsWith(`${repository}/`))?.bytes ?? 0;
  }

  #say(text: string): void {
    statusLine.textContent = text;
    errorLine.textContent = '';
  }

  #fail(text: string): void {
    statusLine.textContent = '';
    errorLine.textContent = text;
    panel.open = true;
  }
}

function radios(): NodeListOf<HTMLInputElement> {
  return panel.querySelectorAll<HTMLInputElement>('input[name="model"]');
}

function check(value: string): void {
  for (const radio of radios()) radio.checked = radio.value === value;
}
