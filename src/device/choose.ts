/** Opens a device: the one asked for, or the best there is. */
import { ListwiseError } from '../error.js';
import type { Device, DeviceKind } from './device.js';
import { ReferenceDevice } from './reference/device.js';
import { selfTest } from './self-test.js';
import { WasmDevice } from './wasm/device.js';

export interface DeviceOptions {
  /** Worker threads of the CPU device; by default as many as the machine has. */
  readonly threads?: number | undefined;
  /** Hears, in one line each, why a device was passed over. */
  readonly onNotice?: ((notice: string) => void) | undefined;
}

/** Best first. The reference is the last resort: it runs everywhere, a hundred times slower. */
export const DEVICE_KINDS: readonly DeviceKind[] = ['wasm', 'reference'];

/**
 * Opens the device `kind`, or without one the first that works. Each proves itself on a small problem first.
 * Throws `device-unsupported` if the device asked for can't be had here.
 */
export async function openDevice(kind: DeviceKind | undefined, options: DeviceOptions = {}): Promise<Device> {
  if (kind !== undefined) return openTested(kind, options);
  for (const candidate of DEVICE_KINDS) {
    try {
      return await openTested(candidate, options);
    } catch (error) {
      options.onNotice?.(`${candidate} was passed over: ${error instanceof Error ? error.message : error}`);
    }
  }
  throw new ListwiseError('device-unsupported', 'No device works here.');
}

async function openTested(kind: DeviceKind, options: DeviceOptions): Promise<Device> {
  const device = await open(kind, options);
  try {
    await selfTest(device);
    return device;
  } catch (error) {
    await device.dispose();
    throw error;
  }
}

async function open(kind: DeviceKind, options: DeviceOptions): Promise<Device> {
  switch (kind) {
    case 'wasm':
      return WasmDevice.open(options);
    case 'reference':
      return new ReferenceDevice();
    default:
      throw new ListwiseError('device-unsupported', `There is no device "${kind satisfies never}".`, {
        hint: `Devices are ${DEVICE_KINDS.join(' and ')}.`,
      });
  }
}
