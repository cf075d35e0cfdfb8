/** Numbers on the command line. */
import { InvalidArgumentError } from 'commander';

export function wholeNumber(text: string): number {
  return atLeast(1, text);
}

export function wholeNumberOrZero(text: string): number {
  return atLeast(0, text);
}

function atLeast(least: number, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
}

export function share(text: string): number {
  return numberFrom(0, text);
}

/** A relevance score. */
export function cosine(text: string): number {
  return numberFrom(-1, text);
}

function numberFrom(least: number, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= least && value <= 1) return value;
  throw new InvalidArgumentError(`Expected a number from ${least} to 1.`);
}
