/** How much of the card's memory is taken, as nvidia-smi sees it, ten times a second. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const ARGUMENTS = ['--id=0', '--query-gpu=memory.used', '--format=csv,noheader,nounits', '--loop-ms=100'];

/** Without nvidia-smi it knows nothing. */
export class CardMemory {
  readonly #child: ChildProcess;
  #most: number | undefined;

  constructor() {
    const child = spawn('nvidia-smi', ARGUMENTS, { stdio: ['ignore', 'pipe', 'ignore'] });
    child.on('error', () => {}); // it is not installed
    createInterface(child.stdout).on('line', (line) => {
      const mebibytes = Number(line);
      if (mebibytes > 0) this.#most = Math.max(this.#most ?? 0, mebibytes * 2 ** 20);
    });
    this.#child = child;
  }

  /** The most bytes since this was asked last. */
  takeMost(): number | undefined {
    const most = this.#most;
    this.#most = undefined;
    return most;
  }

  stop(): void {
    this.#child.kill();
  }
}
