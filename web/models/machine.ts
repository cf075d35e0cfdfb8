/** What this machine can hold, as far as a browser tells, and the dtype that follows. */

import { WEIGHT_DTYPES, type WeightDtype } from '../../src/device/dtype.js';
import { t } from '../languages/language.js';

export interface Machine {
  /** In bytes. Browsers round it, tell of 8 GB at most in most cases, or don't tell. */
  readonly memory: number | undefined;
  readonly mobile: boolean;
  /** Whether a GPU of hardware can be asked; the CPU imitates others. */
  readonly gpu: boolean;
}

export interface Advice {
  readonly dtype: WeightDtype;
  /** One line. */
  readonly reason: string;
}

/** A model should leave the rest to the other tabs, to requests and to the system. */
const MODEL_SHARE = 1 / 8;

/** Beyond it a page is likely to be ended by the browser. */
const LARGEST_SHARE = 1 / 4;

/** Where the browser does not tell. */
const TYPICAL = { mobile: 4 * 2 ** 30, desktop: 8 * 2 ** 30 };

/** The most exact first. f32 takes twice as much for a difference that no ranking shows. */
const DEFAULTS: readonly WeightDtype[] = ['f16', 'q8', 'q4'];

export async function thisMachine(): Promise<Machine> {
  const { deviceMemory } = navigator as { deviceMemory?: number };
  const gpu = navigator.gpu as GPU | undefined;
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  return {
    memory: deviceMemory === undefined ? undefined : deviceMemory * 2 ** 30,
    mobile: /Mobi|Android/.test(navigator.userAgent),
    gpu: adapter !== undefined && adapter !== null && !adapter.info.isFallbackAdapter,
  };
}

/** The most exact dtype in which the model fills no more than its share, else the smallest. */
export function advise(machine: Machine, bytesIn: (dtype: WeightDtype) => number): Advice {
  const memory = memoryOf(machine);
  const dtype = DEFAULTS.find((each) => bytesIn(each) <= memory * MODEL_SHARE) ?? 'q4';
  const gigabytes = memory / 2 ** 30;
  const told =
    machine.memory === undefined ? t().modelMemoryLikely(gigabytes) : t().modelMemoryTold(gigabytes);
  const fits = bytesIn(dtype) <= memory * MODEL_SHARE;
  const share = fits ? t().modelFits(dtype) : t().modelSmallest(dtype);
  return { dtype, reason: `${t().modelComputes(machine.gpu)}; ${told}: ${share}.` };
}

/** Those in which a model of such sizes is more than this machine should be asked to hold. */
export function tooLarge(machine: Machine, bytesIn: (dtype: WeightDtype) => number): WeightDtype[] {
  return WEIGHT_DTYPES.filter((dtype) => bytesIn(dtype) > memoryOf(machine) * LARGEST_SHARE);
}

function memoryOf({ memory, mobile }: Machine): number {
  return memory ?? (mobile ? TYPICAL.mobile : TYPICAL.desktop);
}
