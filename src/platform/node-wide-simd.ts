/**
 * Kernels in 256-bit instructions. WebAssembly's vectors have 128 bits; behind a flag V8 joins two neighbouring ones to
 * one of the processor's. The flag is experimental, so it is set while these kernels are compiled and no longer, and
 * what comes out has to prove itself: it must be faster, and its numbers right.
 */
import { setFlagsFromString } from 'node:v8';
import wideBuild from '../../build/wide-simd.wasm?binary';

/**
 * Versions of V8 for which this is tested: those of Node 24 to 26. In earlier ones the flag gains nothing; later ones
 * may end the process at what these compile.
 */
const TESTED_V8 = [13, 14];

/**
 * Besides joining: all at once and with all effort, so that nothing is compiled later, without the flag; and no code
 * that counts on what was seen in a run before, for there was none.
 */
const FLAGS = ['experimental-wasm-revectorize', 'no-liftoff', 'no-wasm-lazy-compilation', 'no-wasm-deopt'];

/** Undefined where the engine can't, or where `LISTWISE_WIDE_SIMD` is `off`. It takes some twenty milliseconds. */
export function compileWideKernels(): WebAssembly.Module | undefined {
  if (process.env.LISTWISE_WIDE_SIMD === 'off' || !isTested()) return undefined;
  const given = `${process.execArgv.join(' ')} ${process.env.NODE_OPTIONS ?? ''}`;
  const flags = FLAGS.filter((flag) => !given.includes(flag.replace(/^no-/, '')));
  for (const flag of flags) setFlagsFromString(`--${flag}`);
  try {
    return new WebAssembly.Module(wideBuild);
  } catch {
    return undefined;
  } finally {
    for (const flag of flags)
      setFlagsFromString(flag.startsWith('no-') ? `--${flag.slice(3)}` : `--no-${flag}`);
  }
}

/** Others report Node's version, but have another engine, or keep its flags shut. */
function isTested(): boolean {
  const { bun, deno, electron, v8 = '0' } = process.versions;
  return process.arch === 'x64' && !bun && !deno && !electron && TESTED_V8.includes(Number.parseInt(v8, 10));
}
