import { setTimeout } from 'node:timers/promises';

/** So long nothing takes that comes at all, not even on a busy machine. */
const PATIENCE = 120; // seconds

/** Waits until something is so. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 1000 * PATIENCE;
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`In ${PATIENCE} s it did not come to this: ${condition}`);
    await setTimeout(20);
  }
}
