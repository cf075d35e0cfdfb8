/** A download as it goes: how much is there, how fast it comes, how long it will take. */
import { t } from '../languages/language.js';
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
    this.#say(t().modelDownloading(name));
    bar.removeAttribute('value'); // until the first bytes come nobody knows how many there are
    pace.textContent = '';
    section.hidden = false;
  }

  /** Another tab downloads it. */
  wait(): void {
    this.#say(t().modelElsewhere(this.#name));
  }

  show({ done, total }: DownloadState): void {
    this.#say(t().modelDownloading(this.#name));
    bar.max = total;
    bar.value = done;
    const now = this.#rate.note(done, total, performance.now());
    const speed = now ? t().modelSpeed(bytesInWords(now.perSecond), secondsInWords(now.secondsLeft)) : '';
    pace.textContent = `${t().modelPace(bytesInWords(done), bytesInWords(total))}${speed}`;
  }

  end(): void {
    section.hidden = true;
  }

  #say(text: string): void {
    if (title.textContent !== text) title.textContent = text;
  }
}
