/** What the steps of a run share: the results so far, and how they are told and kept. */
import { mkdir, writeFile } from 'node:fs/promises';
import type { CardMemory } from './card-memory.js';
import type { Machine } from './machine.js';
import { emptyResults, hasFailed, type Results } from './results.js';
import type { Size } from './sizes.js';
import { tables } from './tables.js';

export class Run {
  readonly results: Results;
  readonly size: Size;
  readonly card: CardMemory;
  readonly #folder: string;

  constructor(machine: Machine, size: Size, card: CardMemory, folder: string) {
    this.results = emptyResults(machine);
    this.size = size;
    this.card = card;
    this.#folder = folder;
  }

  /** Writes results.json and results.md: a run that is cut short leaves what it has. */
  async tell(line: string): Promise<void> {
    console.error(line);
    await mkdir(this.#folder, { recursive: true });
    await writeFile(`${this.#folder}/results.json`, `${JSON.stringify(this.results, null, 2)}\n`);
    await writeFile(`${this.#folder}/results.md`, tables(this.results));
  }

  /** For what was left out or failed. */
  async note(line: string): Promise<void> {
    this.results.notes.push(line);
    await this.tell(line);
  }

  /** Does a step. What goes wrong in it is noted, and the next one can go on; false if something did. */
  async attempt(what: string, step: () => Promise<void>): Promise<boolean> {
    try {
      await step();
      return true;
    } catch (error) {
      await this.note(`${what} failed: ${error instanceof Error ? error.message : error}`);
      return false;
    }
  }

  get isRight(): boolean {
    return !this.results.checks.some(hasFailed);
  }
}
