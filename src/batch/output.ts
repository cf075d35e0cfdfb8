/** The file of answers. It only grows, by whole lines, so a batch that ended early goes on from what is there. */
import { type FileHandle, open } from 'node:fs/promises';
import { z } from 'zod';
import { ListwiseError } from '../error.js';
import { Turns } from '../reranker/turns.js';
import { readLines } from './lines.js';
import type { ListId, Problem } from './list.js';
import { lock } from './lock.js';

/** A line of the file. */
export type Answer = {
  /** The line of the list, from 1. */
  readonly line: number;
  /** Of that line. */
  readonly hash: string;
  readonly id: ListId | undefined;
} & (
  | {
      readonly model: string;
      readonly usage: { readonly total_tokens: number };
      readonly results: readonly {
        readonly index: number;
        readonly relevance_score: number;
        readonly document: { readonly text: string } | undefined;
      }[];
    }
  | { readonly error: Problem }
);

/** What is read back. */
const answeredSchema = z.union([
  z.object({ line: z.int().min(1), hash: z.string(), model: z.string(), results: z.array(z.unknown()) }),
  z.object({ line: z.int().min(1), hash: z.string(), error: z.object({ code: z.string() }) }),
]);

/** How every answer begins. */
const BEGINNING = '{"line":';

export class Output {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #lock: Disposable;
  /** Hashes of the lists that are answered, by their line. */
  readonly #hashes: Map<number, string>;
  readonly #turns = new Turns();
  #failed: number;
  #size: number;

  private constructor(path: string, file: FileHandle, lock: Disposable, { hashes, failed, size }: Contents) {
    this.#path = path;
    this.#file = file;
    this.#lock = lock;
    this.#hashes = hashes;
    this.#failed = failed;
    this.#size = size;
  }

  /**
   * Opens the file or makes it. The beginning of an answer that was not written to its end is cut off. Throws
   * `invalid-input` when another process of this machine writes to it, when something else is in the file, or answers
   * of another model. `onRead` hears of bytes.
   */
  static async open(
    path: string,
    model: string,
    onRead?: (done: number, total: number) => void,
  ): Promise<Output> {
    const file = await openToAppend(path);
    let locked: Disposable | undefined;
    try {
      const stats = await file.stat({ bigint: true });
      if (!stats.isFile()) throw new ListwiseError('invalid-input', `${path} is not a file.`);
      locked = await lock(stats);
      if (!locked) throw sharedError(path);
      const { size } = await file.stat();
      const contents = await readAnswers(path, model, (done) => onRead?.(done, size));
      if (contents.size < size) await file.truncate(contents.size);
      return new Output(path, file, locked, contents);
    } catch (error) {
      locked?.[Symbol.dispose]();
      await file.close();
      throw error;
    }
  }

  /** How many lists are answered. */
  get answered(): number {
    return this.#hashes.size;
  }

  /** How many of the answers are errors. */
  get failed(): number {
    return this.#failed;
  }

  /** The hash of the list that was answered for this line, if one was. */
  hashAt(line: number): string | undefined {
    return this.#hashes.get(line);
  }

  /** Throws `invalid-input` when the file can't be written, or when somebody else writes to it. */
  append(answer: Answer): Promise<void> {
    return this.#turns.take(async () => {
      const bytes = Buffer.from(`${JSON.stringify(answer)}\n`);
      const { size } = await this.#file.stat();
      if (size !== this.#size) throw sharedError(this.#path);
      await writeAll(this.#path, this.#file, bytes);
      this.#size += bytes.length;
      this.#hashes.set(answer.line, answer.hash);
      if ('error' in answer) this.#failed++;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turns.ended();
    await this.#file.close();
    this.#lock[Symbol.dispose]();
  }
}

interface Contents {
  readonly hashes: Map<number, string>;
  readonly failed: number;
  /** Bytes of the whole answers. */
  readonly size: number;
}

async function readAnswers(path: string, model: string, onRead: (done: number) => void): Promise<Contents> {
  const hashes = new Map<number, string>();
  let failed = 0;
  let size = 0;
  for await (const { bytes, number, end, ended } of readLines(path)) {
    const text = bytes.toString();
    if (!ended && (text.startsWith(BEGINNING) || BEGINNING.startsWith(text))) break;
    const answer = parsed(text);
    if (!ended || !answer) throw foreignError(path, number);
    if ('model' in answer && answer.model !== model) throw modelError(path, answer.model, model);
    hashes.set(answer.line, answer.hash);
    if ('error' in answer) failed++;
    size = end;
    onRead(size);
  }
  return { hashes, failed, size };
}

function parsed(text: string): z.infer<typeof answeredSchema> | undefined {
  try {
    return answeredSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function openToAppend(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'a');
  } catch (cause) {
    throw new ListwiseError('invalid-input', `${path} can't be written (${reasonOf(cause)}).`, { cause });
  }
}

async function writeAll(path: string, file: FileHandle, bytes: Buffer): Promise<void> {
  try {
    await file.appendFile(bytes);
  } catch (cause) {
    throw new ListwiseError('invalid-input', `${path} can't be written (${reasonOf(cause)}).`, {
      hint: 'Nothing is lost: the same command goes on when there is room.',
      cause,
    });
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function foreignError(path: string, line: number): ListwiseError {
  return new ListwiseError('invalid-input', `${path} is not a file of answers: line ${line} is none.`, {
    hint: 'It is left as it is. Name a file that is not there yet, or one that listwise batch has begun.',
  });
}

function modelError(path: string, theirs: string, ours: string): ListwiseError {
  return new ListwiseError('invalid-input', `${path} holds answers of the model ${theirs}, not ${ours}.`, {
    hint: 'Give the same --model as before, or another --out.',
  });
}

function sharedError(path: string): ListwiseError {
  return new ListwiseError('invalid-input', `Another program writes to ${path}.`, {
    hint: 'Let one batch at a time write to a file. The same command goes on from what is there.',
  });
}
