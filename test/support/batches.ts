/** Files of lists, what listwise batch answers, and the processes that do it. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { COMMAND, ENVIRONMENT } from './command.js';
import { random } from './random.js';
import { writeSafetensors } from './safetensors-writer.js';
import { TINY_CONFIG, tinyTensors } from './tiny-checkpoint.js';

/** The tiny checkpoint in a folder that the test removes. */
export async function tinyModel(folder: string): Promise<string> {
  await mkdir(folder);
  await writeFile(join(folder, 'config.json'), JSON.stringify(TINY_CONFIG));
  for (const file of ['tokenizer.json', 'tokenizer_config.json']) {
    await copyFile(new URL(`../../weights/${file}`, import.meta.url), join(folder, file));
  }
  await writeFile(join(folder, 'model.safetensors'), writeSafetensors(tinyTensors()));
  return folder;
}

const WORDS = 'photos images edit play music chess text files network terminal fast small tool library'.split(
  ' ',
);

/** Lines of lists, no two alike. */
export function someLists(count: number, { documents = 5, words = 10 } = {}): string[] {
  const { next } = random(count);
  const text = (length: number) =>
    Array.from({ length }, () => WORDS[Math.floor(next() * WORDS.length)]).join(' ');
  return Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      id: `list ${i}`,
      query: `${text(3)} ${i}`,
      documents: Array.from({ length: documents }, () => text(words)),
    }),
  );
}

export async function linesOf(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

/** The lines of a file of answers in the order of the lists. */
export async function sortedAnswers(path: string): Promise<string[]> {
  const lineOf = (answer: string) => JSON.parse(answer).line;
  return (await linesOf(path)).sort((a, b) => lineOf(a) - lineOf(b));
}

/** A command that runs while the test does other things. */
export class Running {
  static readonly #all: Running[] = [];

  /** For when a test has failed and left something running. */
  static async killAll(): Promise<void> {
    await Promise.all(Running.#all.map((running) => running.end('SIGKILL')));
  }

  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }>;
  stderr = '';

  constructor(args: readonly string[], command = COMMAND) {
    Running.#all.push(this);
    this.process = spawn(process.execPath, [command, ...args], {
      env: ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stderr.on('data', (data) => {
      this.stderr += data;
    });
    this.ended = once(this.process, 'close').then(([code, signal]) => ({
      code,
      signal,
      stderr: this.stderr,
    }));
  }

  end(signal: NodeJS.Signals) {
    this.process.kill(signal);
    return this.ended;
  }
}
