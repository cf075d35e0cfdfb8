/** What the instructions of a loop do, whoever's they are. */
import { AMD_LISTING, meaningOfAmd, parseAmd } from './amd.js';
import {
  type Block,
  type Instruction,
  instructionsOf,
  isWithin,
  type Loop,
  loopsOf,
  type Meaning,
} from './machine-code.js';
import { meaningOfNvidia, NVIDIA_LISTING, parseNvidia } from './nvidia.js';

/** Of the loop that multiplies most, without the loops within it. */
export interface LoopFigures {
  readonly instructions: number;
  readonly products: number;
  readonly matrixProducts: number;
  /** How many of each kind, as in "workgroup 128". */
  readonly loads: Readonly<Record<string, number>>;
  /**
   * In the outermost loop around it, which goes from tile to tile. Barriers in loops within that one count twice, for
   * they run twice at least.
   */
  readonly barriers: number;
}

interface Language {
  readonly parse: (listing: string) => Block[];
  readonly meaningOf: (instruction: Instruction) => Meaning;
}

const LANGUAGES: Readonly<Record<string, Language>> = {
  [AMD_LISTING]: { parse: parseAmd, meaningOf: meaningOfAmd },
  [NVIDIA_LISTING]: { parse: parseNvidia, meaningOf: meaningOfNvidia },
};

/** Undefined for a listing in another language, and for code that never multiplies in a loop. */
export function loopFigures(name: string, listing: string): LoopFigures | undefined {
  const language = LANGUAGES[name];
  if (!language) return undefined;
  const blocks = language.parse(listing);
  const loops = loopsOf(blocks);
  const meanings = (places: Iterable<number>) => instructionsOf(blocks, places).map(language.meaningOf);
  const [busiest] = loops
    .map((loop) => ({ loop, ...countsOf(meanings(ownPlaces(loop, loops))) }))
    .filter(({ products, matrixProducts }) => products + matrixProducts > 0)
    .sort((a, b) => b.matrixProducts - a.matrixProducts || b.products - a.products);
  if (!busiest) return undefined;
  const { loop, ...counts } = busiest;
  const tile = outermost(loop, loops);
  const barriers = (places: Iterable<number>) => total(meanings(places), (meaning) => meaning.barriers);
  return { ...counts, barriers: 2 * barriers(tile) - barriers(ownPlaces(tile, loops)) };
}

/** A loop's blocks that are in no loop within it. */
function ownPlaces(loop: Loop, loops: readonly Loop[]): number[] {
  const inner = loops.filter((other) => isWithin(other, loop));
  return [...loop].filter((place) => !inner.some((other) => other.has(place)));
}

function outermost(loop: Loop, loops: readonly Loop[]): Loop {
  return loops.filter((other) => isWithin(loop, other)).sort((a, b) => b.size - a.size)[0] ?? loop;
}

function countsOf(meanings: readonly Meaning[]): Omit<LoopFigures, 'barriers'> {
  const loads: Record<string, number> = {};
  for (const { load } of meanings) {
    if (load) loads[`${load.from} ${load.bits}`] = (loads[`${load.from} ${load.bits}`] ?? 0) + 1;
  }
  return {
    instructions: total(meanings, ({ isIssued }) => Number(isIssued)),
    products: total(meanings, ({ products }) => products),
    matrixProducts: total(meanings, ({ matrixProducts }) => matrixProducts),
    loads,
  };
}

function total(meanings: readonly Meaning[], count: (meaning: Meaning) => number): number {
  return meanings.reduce((sum, meaning) => sum + count(meaning), 0);
}
