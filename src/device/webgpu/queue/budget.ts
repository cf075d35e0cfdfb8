/**
 * How much work fits in one submission: learned from how long those before it took, as far as the host can tell.
 *
 * It hears of a submission's end late, always or at times. Firefox looks for ends every 100 ms; a busy page looks
 * when it is no longer busy. What an empty submission takes is therefore subtracted, and what is left counts as an
 * average over the last few submissions: of two that end between two looks, one seems to take no time and the other
 * as long as both. The GPU's own timestamps would be exact, but not every device has them, and they are read through
 * a buffer that is mapped as late as everything else is heard.
 */

const TARGET = 40; // milliseconds: room for submissions that turn out slower than those before
const FIRST = 2 ** 24; // operations: a millisecond on a slow GPU
const GROWTH = 4;
/** The budget never falls further below the best one: a tab in the background answers late whatever it is asked. */
const SHRINKAGE = 16;
/** What a submission counts at most, and what is subtracted: beyond it the host was busy, or its tab in the background. */
const LONGEST = 4 * TARGET; // milliseconds
/** Full submissions after which what was learned has faded to a third. */
const MEMORY = 8;
/** Empty submissions of which the fastest counts: the host may have been busy when another was answered. */
const LATENCIES = 4;

export class Budget {
  #operations = FIRST;
  #best = FIRST;
  /** Of the last submissions, the older the less. */
  #cost = 0; // operations
  #time = 0; // milliseconds
  /** When the GPU was done with the submission before. */
  #finished = 0;
  #latencies: number[] = [];

  /** What a submission may cost. */
  get operations(): number {
    return this.#operations;
  }

  /** An empty submission was answered after so many milliseconds. */
  learnLatency(duration: number): void {
    this.#latencies = [...this.#latencies.slice(1 - LATENCIES), duration];
  }

  /** A submission that cost so many operations was answered. Times are in milliseconds; each after the one before. */
  learn(cost: number, submitted: number, answered: number): void {
    const began = Math.max(submitted, this.#finished);
    this.#finished = answered - this.#latency;
    const duration = Math.min(Math.max(this.#finished - began, 0), LONGEST);
    const kept = 1 - Math.min(cost / this.#operations, 1) / MEMORY;
    this.#cost = kept * this.#cost + cost;
    this.#time = kept * this.#time + duration;

    const fitting = (TARGET * this.#cost) / this.#time; // infinite as long as nothing took any time
    if (fitting < this.#operations) {
      this.#operations = Math.max(fitting, this.#best / SHRINKAGE, FIRST / SHRINKAGE);
    } else {
      this.#operations = Math.max(this.#operations, Math.min(fitting, cost * GROWTH));
    }
    this.#best = Math.max(this.#best, this.#operations);
  }

  get #latency(): number {
    return this.#latencies.length === 0 ? 0 : Math.min(...this.#latencies, LONGEST);
  }
}
