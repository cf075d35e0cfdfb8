/** Work in steps: at once where there is no time to wait, or with the event loop let go in between. */

/** Work that may pause wherever it yields. A step should take a few milliseconds at most. */
export type Steps<T> = Generator<void, T, void>;

/** Work goes on for so long at a time: timers, other requests and a page's frames come in between. */
const TURN = 8; // milliseconds

/** Does all of it at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * Does it in turns of the event loop. Of all work that is done so at a time, one has each turn, so that many requests
 * hold the loop no longer than one does. Rejects with the signal's reason when aborted.
 */
export async function finishInTurns<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  if (waiting.length > 0) await nextTurn();
  for (;;) {
    signal?.throwIfAborted();
    const end = performance.now() + TURN;
    do {
      const step = steps.next();
      if (step.done) return step.value;
    } while (performance.now() < end);
    await nextTurn();
  }
}

/** Those whose turn comes. */
const waiting: (() => void)[] = [];

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) soon(letOneGoOn);
  });
}

function letOneGoOn(): void {
  waiting.shift()!();
  if (waiting.length > 0) soon(letOneGoOn);
}

/** Runs a task once all that waits now has had its turn. `setTimeout` would wait for four milliseconds. */
function soon(task: () => void): void {
  if (typeof setImmediate === 'function') {
    setImmediate(task);
  } else if (typeof MessageChannel === 'function') {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      task();
    };
    port2.postMessage(undefined);
  } else {
    setTimeout(task);
  }
}
