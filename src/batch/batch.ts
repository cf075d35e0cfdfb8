/** Answers every list of a file that is not answered yet. */
import type { Line } from './lines.js';
import { hashOf, type List, type ListId, parseLine, readLists } from './list.js';
import type { ListRanker, Outcome } from './outcome.js';
import type { Answer, Output } from './output.js';
import { Window } from './window.js';

export interface Batch {
  /** The path of the file. */
  readonly lists: string;
  readonly output: Output;
  /** What the model is called in the answers. */
  readonly model: string;
}

export interface BatchOptions {
  readonly signal: AbortSignal;
  /** Called when an answer was written. */
  readonly onAnswer: (answer: Answer) => void;
}

/**
 * Writes answers as they come, which may be in another order than the lists. Rejects with the signal's reason when
 * aborted, or with what keeps the batch from going on; the same call later takes up what is missing.
 */
export async function answerLists(
  { lists, output, model }: Batch,
  ranker: ListRanker,
  { signal, onAnswer }: BatchOptions,
): Promise<void> {
  const window = new Window(ranker.listsAtATime);
  for await (const line of readLists(lists)) {
    signal.throwIfAborted();
    if (output.hashAt(line.number) !== undefined) continue;
    await window.start(line.size, async () => {
      const answer = await answerLine(line, ranker, model);
      await output.append(answer);
      onAnswer(answer);
    });
  }
  await window.ended();
}

async function answerLine(line: Line, ranker: ListRanker, model: string): Promise<Answer> {
  const parsed = parseLine(line);
  const known = { line: line.number, hash: hashOf(line), id: parsed.id };
  if ('error' in parsed) return { ...known, error: parsed.error };
  const outcome = await ranker.rank(parsed.list, `${known.line}-${known.hash}`);
  return answerOf(known, parsed.list, outcome, model);
}

function answerOf(
  known: { line: number; hash: string; id: ListId | undefined },
  { documents, return_documents }: List,
  outcome: Outcome,
  model: string,
): Answer {
  if ('error' in outcome) return { ...known, error: outcome.error };
  const results = outcome.results.map(({ index, relevance_score }) => ({
    index,
    relevance_score,
    document: return_documents ? { text: documents[index]! } : undefined,
  }));
  return { ...known, model, usage: { total_tokens: outcome.tokens }, results };
}
