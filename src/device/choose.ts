/** Opens a device: the one asked for, or the best there is. */
import { ListwiseError } from '../error.js';
import type { Device, DeviceKind } from './device.js';
import { WEIGHT_DTYPES, type WeightDtype } from './dtype.js';
import { headsOf, type ModelShape } from './model-shape.js';
import { ReferenceDevice } from './reference/device.js';
import { selfTest } from './self-test.js';
import { WasmDevice } from './wasm/device.js';
import { openWebGpu } from './webgpu/open.js';

export interface DeviceOptions {
  /** How weights will rest on it: it must prove itself in each. All that it has by default. */
  readonly dtypes?: readonly WeightDtype[] | undefined;
  /** The model's shape, for which it proves itself, and for which a GPU finds out how it computes fastest. */
  readonly shape?: ModelShape | undefined;
  /** Whether a GPU finds that out, once for each model and driver. So by default. */
  readonly tune?: boolean | undefined;
  /** Worker threads of the CPU device; by default one for each fast core, in a page for each processor. */
  readonly threads?: number | undefined;
  /** Whether the CPU device may compute in 256 bits, where the engine can. So by default. */
  readonly wideSimd?: boolean | undefined;
  /** Hears, in one line each, why a device or a way to compute was passed over. */
  readonly onNotice?: ((notice: string) => void) | undefined;
  /** Hears how far that has come. */
  readonly onTuning?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Best first. The reference is the last resort: it runs everywhere, a hundred times slower. */
export const DEVICE_KINDS: readonly DeviceKind[] = ['webgpu', 'wasm', 'reference'];

/**
 * Opens the device `kind`, or without one the first that works. Each proves itself on a small problem first.
 * Throws `device-unsupported` if the device asked for can't be had here.
 */
export async function openDevice(kind: DeviceKind | undefined, options: DeviceOptions = {}): Promise<Device> {
  if (kind !== undefined) return open(kind, options, true);
  const notices: string[] = [];
  for (const candidate of DEVICE_KINDS) {
    try {
      const device = await open(candidate, options, false);
      if (candidate === 'reference' && !options.onNotice) warnOfReference(notices);
      return device;
    } catch (error) {
      options.signal?.throwIfAborted();
      notices.push(`${candidate} was passed over: ${reasonOf(error)}`);
      options.onNotice?.(notices.at(-1)!);
    }
  }
  throw new ListwiseError('device-unsupported', 'No device works here.');
}

/** An error's message, and what to do about it. */
function reasonOf(error: unknown): string {
  if (!(error instanceof ListwiseError)) return String(error);
  return [error.message, error.hint].filter(Boolean).join(' ');
}

let warned = false;

/** Once, on the console: where nobody listens, a hundredth of the speed must not come without a word. */
function warnOfReference(notices: readonly string[]): void {
  if (warned) return;
  warned = true;
  console.warn(`listwise computes with its reference, which is a hundred times slower: ${notices.join(' ')}`);
}

/** `asked`: by name. A GPU in software is slower than the CPU device, and opened only then. */
async function open(kind: DeviceKind, options: DeviceOptions, asked: boolean): Promise<Device> {
  const { dtypes = WEIGHT_DTYPES, tune = true, shape, onTuning, onNotice = () => {}, signal } = options;
  switch (kind) {
    case 'webgpu':
      return openWebGpu({ dtypes, shape, software: asked, tune, onTuning, onNotice, signal });
    case 'wasm':
      return openWasm(options);
    case 'reference':
      return tested(new ReferenceDevice(), options);
    default:
      throw new ListwiseError('device-unsupported', `There is no device "${kind satisfies never}".`, {
        hint: `Devices are ${DEVICE_KINDS.join(', ')}.`,
      });
  }
}

/** In 256 bits where that is faster and right; else in 128, which nobody needs to be told. */
async function openWasm(options: DeviceOptions): Promise<Device> {
  const { threads, wideSimd = true, onNotice } = options;
  if (wideSimd) {
    try {
      return await tested(await WasmDevice.open({ threads, build: 'wide', onNotice }), options);
    } catch {
      // The narrow build gives the same numbers.
    }
  }
  return tested(await WasmDevice.open({ threads, onNotice }), options);
}

async function tested(device: Device, { dtypes, shape }: DeviceOptions): Promise<Device> {
  try {
    await selfTest(device, { dtypes, heads: shape && headsOf(shape) });
    return device;
  } catch (error) {
    await device.dispose();
    throw error;
  }
}
