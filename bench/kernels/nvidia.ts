/** The machine code of NVIDIA's GPUs, as Mesa's compiler NAK lists it. */
import type { Block, Instruction, Load, Meaning } from './machine-code.js';

/** What NVK calls its listing. */
export const NVIDIA_LISTING = 'NAK assembly';

const BLOCK = /^block/;
/** @!p0 r2 = ffma.ftz r3 r4 r2    // delay=2 wt=000001 */
const INSTRUCTION = /^(?:@\S+)?\s+(?:[^=/]+ = )?([a-z][^\s/]*)([^/]*)/;
const NEXT = /^\} -> \[(.*)\]/;

export function parseNvidia(listing: string): Block[] {
  const blocks: { instructions: Instruction[]; next: number[] }[] = [];
  for (const line of listing.split('\n')) {
    if (BLOCK.test(line)) {
      blocks.push({ instructions: [], next: [] });
      continue;
    }
    const next = NEXT.exec(line)?.[1];
    if (next) blocks.at(-1)!.next = next.split(', ').map(Number);
    const [, opcode, operands] = INSTRUCTION.exec(line) ?? [];
    if (opcode) blocks.at(-1)?.instructions.push({ opcode, operands: operands!.trim() });
  }
  return blocks;
}

/** What an instruction does for one lane. */
export function meaningOfNvidia({ opcode }: Instruction): Meaning {
  return {
    isIssued: opcode !== 'nop',
    products: products(opcode),
    matrixProducts: /^[hi]mma\b/.test(opcode) ? 1 : 0,
    barriers: opcode === 'bar.sync' ? 1 : 0,
    load: load(opcode),
  };
}

/** Multiplications of floats, added to something or not; of bytes, where an instruction multiplies and adds four. */
function products(opcode: string): number {
  if (/^idp4\b/.test(opcode)) return 4;
  if (/^h(fma|mul)2\b/.test(opcode)) return 2;
  return /^f(fma|mul)\b/.test(opcode) ? 1 : 0;
}

const MEMORIES: Readonly<Record<string, Load['from']>> = {
  'ld.global': 'memory',
  'ld.shared': 'workgroup',
  'ld.local': 'spilled',
  ldc: 'uniform',
};

function load(opcode: string): Load | undefined {
  const matrices = /^ldsm\..*\.x(\d)/.exec(opcode)?.[1];
  if (matrices) return { from: 'workgroup', bits: 32 * Number(matrices) };
  const [, memory, bits] = /^(ld\.\w+|ldc).*\.[bus](\d+)$/.exec(opcode) ?? [];
  const from = MEMORIES[memory ?? ''];
  return from && { from, bits: Number(bits) };
}
