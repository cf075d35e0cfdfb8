/** What GPUs' compilers make of the kernels, where they are installed, and how their machine code is read. */
import * as esbuild from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { check, expectedBounds, misses } from '../../bench/kernels/check.js';
import { GPUS } from '../../bench/kernels/gpus.js';
import { whyNot } from '../../bench/kernels/launch.js';
import { loopFigures } from '../../bench/kernels/meaning.js';
import type { Result } from '../../bench/kernels/results.js';
import { tables } from '../../bench/kernels/tables.js';
import { inlineForEsbuild } from '../../bundle/inline.mjs';

describe("AMD's machine code", () => {
  const figures = (...lines: string[]) => loopFigures('Assembly', lines.join('\n'));

  test('a loop that is entered at its end is a loop, and waits are no instructions', () => {
    const loop = figures(
      'BB0:',
      '\ts_branch BB1                                                ; bfa0000d',
      '\ts_nop 0                                                     ; bf800000',
      'BB2:',
      '\tbuffer_load_b128 v[0:3], v4, s[12:15], 0 offen              ; e0500000 80430303',
      '\ts_waitcnt vmcnt(0)                                          ; bf8903f7',
      '\tv_fmac_f32_e32 v5, v0, v1                                   ; 56020703',
      'BB1:',
      '\ts_cmp_ge_u32 s3, s14                                        ; bf090e03',
      '\ts_cbranch_scc0 BB2                                          ; bfa1ff7d',
      'BB3:',
      '\tv_fmac_f32_e32 v5, v0, v1                                   ; 56020703',
      '\ts_endpgm                                                    ; bfb00000',
    );
    expect(loop).toEqual({
      instructions: 4,
      products: 1,
      matrixProducts: 0,
      loads: { 'memory 128': 1 },
      barriers: 0,
    });
  });

  test('packed, dual and dotted products count for each, a sum that is widened for none', () => {
    const loop = figures(
      'BB0:',
      '\tv_pk_fma_f16 v1, v2, v3, v1                                 ; 1',
      '\tv_dual_fmac_f32 v5, v0, v1 :: v_dual_mul_f32 v6, v2, v3     ; 2',
      '\tv_dot4_i32_iu8 v7, v8, v9, v7 neg_lo:[1,1,0]                ; 3',
      '\tv_fma_mix_f32 v7, 1.0, v119, v7 op_sel_hi:[0,1,0]           ; 4',
      '\tv_wmma_f32_16x16x16_f16 v[0:3], v[8:15], v[16:23], v[0:3]   ; 5',
      '\tds_load_2addr_b32 v[4:5], v2 offset1:32                     ; 6',
      '\ts_cbranch_scc1 BB0                                          ; 7',
    );
    expect(loop).toMatchObject({ products: 8, matrixProducts: 1, loads: { 'workgroup 64': 1 } });
  });
});

describe("NVIDIA's machine code", () => {
  const nested = `block 0 L0 [] -> {
      r0      = s2r sr[0x21]                       // delay=1 wr:1
} -> [1]
block 1 L1 [0, 3] -> {
                bar.sync                           // delay=6 yld
} -> [2]
block.u 2 L2 [1, 2] -> {
      r4..8   = ld.shared.strong.cta.b128 [r1+0x10] // delay=1 wr:0
      r8      = ffma.ftz r4 r5 r8                  // delay=1
      r9      = hfma2 r4 r5.xx r9                  // delay=1
                bar.sync                           // delay=6 yld
@!p0            bra pT L2                          // delay=1
} -> [3, 2]
block 3 L3 [2] -> {
@p1             bra pT L1                          // delay=1
} -> [4, 1]
block 4 L4 [3] -> {
                exit                               // delay=1
} -> []`;

  test('the loop that is counted is the innermost, and barriers that repeat within a tile count twice', () => {
    expect(loopFigures('NAK assembly', nested)).toEqual({
      instructions: 5,
      products: 3,
      matrixProducts: 0,
      loads: { 'workgroup 128': 1 },
      barriers: 3,
    });
  });

  test('a branch that skips something makes no loop', () => {
    const straight = nested.replace('[3, 2]', '[3]').replace('[4, 1]', '[4]');
    expect(loopFigures('NAK assembly', straight)).toBeUndefined();
  });
});

describe('what is expected of a kernel', () => {
  const result: Result = {
    gpu: 'ada',
    kernel: 'linear',
    boundsChecks: false,
    registers: 96,
    spills: 0,
    occupancy: 20,
    cycles: 1000,
    workgroupBytes: 8192,
    loop: { instructions: 80, products: 64, matrixProducts: 0, loads: { 'workgroup 128': 4 }, barriers: 2 },
  };

  test('is missed by figures that are worse, and by none that are as good', () => {
    expect(misses(result, { registers: 96, spills: 0, productsPerInstruction: 0.8 })).toEqual([]);
    expect(misses(result, { cycles: 999, productsPerInstruction: 0.81 })).toEqual([
      'cycles 1000, expected 999 at most',
      'productsPerInstruction 0.8, expected 0.81 at least',
    ]);
    expect(misses({ ...result, loop: undefined }, { barriers: 2 })).toHaveLength(1);
  });

  test('a table shows one figure where bounds checks change nothing, and both where they do', () => {
    const checked = { ...result, boundsChecks: true, cycles: 2000 };
    expect(tables([result, checked])).toContain('| linear | 96 | 0 | 20 | 1,000 / 2,000 | 8,192 | 0.80 |');
  });
});

describe("GPUs' compilers", () => {
  const obstacle = whyNot();

  beforeAll(async () => {
    if (obstacle) return;
    await esbuild.build({
      entryPoints: ['bench/kernels/compile.ts'],
      outbase: 'bench',
      outdir: 'build',
      bundle: true,
      format: 'esm',
      packages: 'external',
      platform: 'node',
      conditions: ['node'],
      plugins: [inlineForEsbuild],
    });
  });

  test.for(Object.keys(GPUS))('make of the kernels what is expected: %s', async (gpu, { skip }) => {
    skip(obstacle !== undefined, obstacle);
    expect(await check(gpu, await expectedBounds())).toEqual([]);
  });
});
