/** Where the threads of a program wait for each other. */

/** Rounds of spinning before a thread goes to sleep: about as long as a short step takes. */
const SPINS = 4000;

/**
 * Returns when all `threads` have come. `barrier` holds two words: how many have come, and how often all have.
 * A thread that waits spins first, since most steps end at nearly the same time for all, then sleeps.
 */
export function meet(barrier: usize, threads: i32): void {
  if (threads === 1) return;
  const round = atomic.load<i32>(barrier, 4);
  if (atomic.add<i32>(barrier, 1) === threads - 1) {
    atomic.store<i32>(barrier, 0);
    atomic.add<i32>(barrier, 1, 4);
    atomic.notify(barrier + 4, threads);
    return;
  }
  for (let spin = 0; spin < SPINS; spin++) {
    if (atomic.load<i32>(barrier, 4) !== round) return;
  }
  while (atomic.load<i32>(barrier, 4) === round) atomic.wait<i32>(barrier + 4, round, -1);
}
