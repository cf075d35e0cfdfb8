/** Machine code in basic blocks, and the loops that they form. */

export interface Instruction {
  readonly opcode: string;
  readonly operands: string;
}

export interface Block {
  readonly instructions: readonly Instruction[];
  /** The blocks that may run after this one, by their places in the code. */
  readonly next: readonly number[];
}

export interface Load {
  /** `uniform`: the same for all lanes, through the scalar unit or the constants' cache. */
  readonly from: 'memory' | 'workgroup' | 'uniform' | 'spilled';
  /** For each lane. */
  readonly bits: number;
}

/** What an instruction does for one lane. */
export interface Meaning {
  readonly isIssued: boolean;
  readonly products: number;
  readonly matrixProducts: number;
  readonly barriers: number;
  readonly load: Load | undefined;
}

/** The places of a loop's blocks. */
export type Loop = ReadonlySet<number>;

/**
 * The loops of code that begins with its first block. A branch to a block that every way to it has passed goes back: the
 * blocks that lead from there to the branch are a loop. Branches back to one block make one loop.
 */
export function loopsOf(blocks: readonly Block[]): Loop[] {
  const previous = blocks.map((_, place) =>
    [...blocks.keys()].filter((other) => blocks[other]!.next.includes(place)),
  );
  const loops = new Map<number, Set<number>>(); // by the block that is passed first
  for (const [place, { next }] of blocks.entries()) {
    for (const head of next) {
      const loop = leadingTo(place, head, previous);
      if (head !== 0 && loop.has(0)) continue; // a way to the branch that has not passed `head`
      loops.set(head, new Set([...(loops.get(head) ?? []), ...loop]));
    }
  }
  return [...loops.values()];
}

/** Whether `inner` is one of the loops within `outer`. */
export function isWithin(inner: Loop, outer: Loop): boolean {
  return inner.size < outer.size && [...inner].every((place) => outer.has(place));
}

export function instructionsOf(blocks: readonly Block[], places: Iterable<number>): Instruction[] {
  return [...places].flatMap((place) => blocks[place]!.instructions);
}

/** `head`, and the blocks from which `place` can be reached without passing it. */
function leadingTo(place: number, head: number, previous: readonly (readonly number[])[]): Set<number> {
  const found = new Set([head]);
  const open = [place];
  while (open.length > 0) {
    const block = open.pop()!;
    if (found.has(block)) continue;
    found.add(block);
    open.push(...previous[block]!);
  }
  return found;
}
