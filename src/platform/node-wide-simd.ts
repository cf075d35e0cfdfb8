/**
 * Kernels in 256-bit instructions. WebAssembly's vectors have 128 bits; behind a flag V8 joins two neighbouring ones to
 * one of the processor's. The flag is experimental, so it is set while these kernels are compiled and no longer, and
 * what comes out has to prove itself: it must be faster, and its numbers right.
 */
import { setFlagsFromString } from 'node:v8';
import wideBuild from '../../build/wide-simd.wasm?binary';

/** V8 of Node 24: in earlier ones the flag gains nothing. */
const FIRST_V8 = 13;

/** All at once and with all effort, so that nothing is compiled later, without the flag. */
const FLAGS = ['experimental-wasm-revectorize', 'no-liftoff', 'no-wasm-lazy-compilation'];

/** Undefined where the engine can't, or where `LISTWISE_WIDE_SIMD` is `off`. It takes some twenty milliseconds. */
export function compileWideKernels(): WebAssembly.Module | undefined {
  if (process.env.LISTWISE_WIDE_SIMD === 'off' || !isNodeOnX64()) return undefined;
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
function isNodeOnX64(): boolean {
  const { bun, deno, electron, v8 = '0' } = process.versions;
  return process.arch === 'x64' && !bun && !deno && !electron && Number(v8.split('.')[0]) >= FIRST_V8;
}
