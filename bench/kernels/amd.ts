/** The machine code of AMD's GPUs, as RADV lists it. */
import type { Block, Instruction, Load, Meaning } from './machine-code.js';

/** What RADV calls its listing. */
export const AMD_LISTING = 'Assembly';

const LABEL = /^(BB\d+):/;
const INSTRUCTION = /^\s+([a-z]\w+)\s*([^;]*)/; // what follows is the instruction in numbers

/** Whatever follows these in a block only fills it up. */
const LEAVES = /^s_(branch|endpgm)$/;

export function parseAmd(listing: string): Block[] {
  const labels = new Map<string, number>();
  const blocks: Instruction[][] = [];
  for (const line of listing.split('\n')) {
    const label = LABEL.exec(line)?.[1];
    if (label) labels.set(label, blocks.push([]) - 1);
    const [, opcode, operands] = INSTRUCTION.exec(line) ?? [];
    if (opcode) blocks.at(-1)?.push({ opcode, operands: operands!.trim() });
  }
  return blocks.map((instructions, place) => {
    const targets = instructions.filter(isBranch).map(({ operands }) => labels.get(operands)!);
    const goesOn = place + 1 < blocks.length && !instructions.some(({ opcode }) => LEAVES.test(opcode));
    return { instructions, next: goesOn ? [...targets, place + 1] : targets };
  });
}

function isBranch({ opcode }: Instruction): boolean {
  return /^s_c?branch/.test(opcode);
}

/** Notes to the scheduler and waits for it, which execute nothing. */
const NOTE = /^s_(delay_alu|clause|nop|waitcnt|set_inst_prefetch)/;

/** What an instruction does for one lane. */
export function meaningOfAmd({ opcode, operands }: Instruction): Meaning {
  return {
    isIssued: !NOTE.test(opcode),
    products: opcode.startsWith('v_dual') ? dualProducts(opcode, operands) : products(opcode, operands),
    matrixProducts: /^v_s?wmmac?_/.test(opcode) ? 1 : 0,
    barriers: /^s_barrier(_wait)?$/.test(opcode) ? 1 : 0,
    load: load(opcode),
  };
}

/** Multiplications of floats, added to something or not; of bytes, where an instruction multiplies and adds four. */
function products(opcode: string, operands: string): number {
  if (/^v_dot(\d)/.test(opcode)) return Number(opcode[5]);
  if (/^v_fma_mix/.test(opcode) && / 1\.0,/.test(` ${operands}`)) return 0; // widens a sum
  if (/^v_pk_(fma|fmac|mul)_f/.test(opcode)) return 2;
  return /^v_(fma|fmac|fmaak|fmamk|mul|fma_mix|fma_mixlo|fma_mixhi)_f\d\d/.test(opcode) ? 1 : 0;
}

/** Two operations in one: v_dual_fmac_f32 v1, v2, v3 :: v_dual_mul_f32 v4, v5, v6 */
function dualProducts(opcode: string, operands: string): number {
  const second = /:: v_dual_(\w+)/.exec(operands)?.[1] ?? '';
  return products(opcode.replace('dual_', ''), '') + products(`v_${second}`, '');
}

const MEMORIES: Readonly<Record<string, Load['from']>> = {
  buffer: 'memory',
  global: 'memory',
  ds: 'workgroup',
  s: 'uniform',
  s_buffer: 'uniform',
  scratch: 'spilled',
};

/** ds_load_2addr_b32 loads 32 bits from two places: 64. */
function load(opcode: string): Load | undefined {
  const [, memory, two, bits] = /^([a-z]+|s_buffer)_load_(2addr_)?.*?[bui](\d+)/.exec(opcode) ?? [];
  const from = MEMORIES[memory ?? ''];
  return from && { from, bits: Number(bits) * (two ? 2 : 1) };
}
