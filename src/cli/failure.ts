/** How a failure ends: what a person reads, and the exit code. */
import { constants } from 'node:os';
import { inspect, styleText } from 'node:util';
import { CommanderError } from 'commander';
import { ListwiseError } from '../error.js';
import { harmless, oneLine } from './terminal-text.js';

const FAILED = 1;
const WRONG_USAGE = 2;
/** As shells count it: this and the number of the signal. */
const INTERRUPTED = 128;

/** Reports an error that ended a command, unless that was done already, and says with which code to exit. */
export function exitCodeOf(
  error: unknown,
  { verbose, interruptedBy }: { verbose: boolean; interruptedBy: NodeJS.Signals | undefined },
): number {
  if (interruptedBy) return INTERRUPTED + constants.signals[interruptedBy];
  // Help and the version end this way too, with code 0; either way commander has printed what there is to say.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE;
  process.stderr.write(verbose ? `${harmless(inspect(error))}\n` : messageAndHint(error));
  return FAILED;
}

function messageAndHint(error: unknown): string {
  if (error instanceof ListwiseError) return failureText(error.message, error.hint);
  const message = error instanceof Error ? error.message : String(error);
  return failureText(message, 'Add --verbose to see where this came from.');
}

export function failureText(message: string, hint: string | undefined): string {
  const name = styleText('red', 'listwise:', { stream: process.stderr });
  const hintLine =
    hint === undefined ? '' : `${styleText('dim', `hint: ${oneLine(hint)}`, { stream: process.stderr })}\n`;
  return `${name} ${oneLine(message)}\n${hintLine}`;
}
