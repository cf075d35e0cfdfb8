/** A download as it goes: how much is there, how fast it comes, how long it will take. */
import { byId } from '../page-elements.js';
import type { DownloadState } from './messages.js';
import { Rate } from './rate.js';
import { bytesInWords, secondsInWords } from './sizes.js';

const section = byId('model-download', HTMLDivElement);
const title = byId('model-download-title', HTMLParagraphElement);
const bar = byId('model-progress', HTMLProgressElement);
const pace = byId('model-pace', HTMLParagraphElement);

export class DownloadView {
  readonly #rate = new Rate();
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    this.#say(`Downloading ${name}`);
    bar.removeAttribute('value'); // until the first bytes come nobody knows how many there are
    pace.textContent = '';
    section.hidden = false;
  }

  /** Another tab downloads it. */
  wait(): void {
    this.#say(`Another tab downloads ${this.#name}; this one waits for it`);
  }

  show({ done, total }: DownloadState): void {
    this.#say(`Downloading ${this.#name}`);
    bar.max = total;
    bar.value = done;
    const now = this.#rate.note(done, total, performance.now());
    const speed = now ? ` · ${bytesInWords(now.perSecond)}/s · ${secondsInWords(now.secondsLeft)} left` : '';
    pace.textContent = `${bytesInWords(done)} of ${bytesInWords(total)}${speed}`;
  }

  end(): void {
    section.hidden = true;
  }

  #say(text: string): void {
    if (title.textContent !== text) title.textContent = text;
  }
}
