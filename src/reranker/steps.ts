/** Work in steps: at once where there is no time to wait, or with the event loop let go in between. */

/** Work that may pause wherever it yields. A step should take a few milliseconds at most. */
export type Steps<T> = Generator<void, T, void>;

/** Work goes on for so long at a time: timers, other requests and a page's frames come in between. */
const TURN = 12; // milliseconds

/** Does all of it at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Does it in turns of the event loop. Rejects with the signal's reason when aborted. */
export async function finishInTurns<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    const end = performance.now() + TURN;
    do {
      const step = steps.next();
      if (step.done) return step.value;
    } while (performance.now() < end);
    await nextTurn();
    signal?.throwIfAborted();
  }
}

/** Resolves in a task of its own, so that all that waits has its turn. `setTimeout` would wait four milliseconds. */
function nextTurn(): Promise<void> {
  if (typeof setImmediate === 'function') return new Promise((resolve) => setImmediate(resolve));
  if (typeof MessageChannel === 'undefined') return new Promise((resolve) => setTimeout(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
