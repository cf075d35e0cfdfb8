/** A model that is looked at: where it is from, its licence, and what can be done with it. */

import { licenceNotice } from '../../src/checkpoint/hub/licence.js';
import { t } from '../languages/language.js';
import { byId } from '../page-elements.js';
import type { Candidate } from './candidate.js';
import { bytesInWords } from './sizes.js';

const section = byId('model-facts', HTMLDivElement);
const about = byId('model-about', HTMLParagraphElement);
const licence = byId('model-licence', HTMLLabelElement);
const checkbox = licence.querySelector('input')!;
const action = byId('model-action', HTMLButtonElement);
const there = byId('model-there', HTMLParagraphElement);

export interface Action {
  /** Of the button; without one there is nothing to do. */
  readonly label: string;
  /** What is here already. */
  readonly there: string;
}

export const facts = {
  show(candidate: Candidate, endpoint: string, agreed: boolean): void {
    const { name, description } = candidate;
    if (candidate.kind === 'hub')
      about.replaceChildren(linkTo(name, endpoint), ` ${free(description.licence)}`);
    else about.textContent = t().modelOwnAbout(name, candidate.files.size, bytesInWords(description.bytes));
    licence.hidden = description.licence === undefined || isFree(description.licence);
    checkbox.checked = agreed;
    const notice = description.licence === undefined ? '' : licenceNotice(name, description.licence);
    licence.querySelector('span')!.textContent = t().modelAgree(notice);
    action.hidden = true; // until it is known what there is
    there.textContent = '';
    section.hidden = false;
  },

  showAction({ label, there: words }: Action): void {
    action.textContent = label;
    action.hidden = label === '';
    action.disabled = !facts.agrees();
    there.textContent = words;
  },

  agrees(): boolean {
    return checkbox.checked || licence.hidden === true;
  },

  hide(): void {
    section.hidden = true;
  },

  onLicence(listener: () => void): void {
    checkbox.addEventListener('change', () => {
      action.disabled = !facts.agrees();
      listener();
    });
  },

  onAction(listener: () => void): void {
    action.addEventListener('click', listener);
  },
};

/** Licences that ask for nothing but to be named. */
const FREE = ['apache-2.0', 'mit', 'bsd-3-clause', 'cc-by-4.0'];

function isFree(licence: string): boolean {
  return FREE.includes(licence);
}

function free(licence: string | undefined): string {
  return licence !== undefined && isFree(licence) ? `· ${licence}` : '';
}

function linkTo(name: string, endpoint: string): HTMLAnchorElement {
  const repository = name.split('/').slice(0, 2).join('/');
  const link = document.createElement('a');
  return Object.assign(link, {
    ...{ href: `${endpoint}/${repository}`, target: '_blank', rel: 'noopener', textContent: name },
  });
}
