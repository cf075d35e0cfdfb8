/** Devices prove themselves before they are trusted, and say so when they can't be had. */
import { expect, test, vi } from 'vitest';
import { openDevice } from '../../src/device/choose.js';
import type { Device, DeviceKind, Epilogue, Pass, Tensor, Weight } from '../../src/device/device.js';
import { WEIGHT_DTYPES } from '../../src/device/dtype.js';
import { ReferenceDevice } from '../../src/device/reference/device.js';
import { ReferencePass } from '../../src/device/reference/pass.js';
import { selfTest } from '../../src/device/self-test.js';
import { WasmDevice } from '../../src/device/wasm/device.js';
import { compileKernels } from '../../src/device/wasm/kernels.js';
import { startThreads } from '../../src/device/wasm/pool.js';
import { failure } from '../support/failure.js';

/** Computes every epilogue but forgets the residual: finite, plausible, wrong. */
class ForgetfulPass extends ReferencePass {
  override linear(x: Tensor, weight: Weight, out: Tensor, epilogue?: Epilogue): void {
    super.linear(x, weight, out, epilogue === 'add' ? 'none' : epilogue);
  }
}

class ForgetfulDevice extends ReferenceDevice {
  override pass(): Pass {
    return new ForgetfulPass(true);
  }
}

test('a device with finite but wrong numbers fails its self-test', async () => {
  await expect(selfTest(new ForgetfulDevice())).rejects.toThrow(
    failure('device-unsupported', /wrong numbers/),
  );
});

test.each<Device>([
  new ReferenceDevice(),
  new ReferenceDevice({ quantizesActivations: false }),
  await WasmDevice.open({ threads: 1 }),
])('$kind passes its self-test, and does not grow by doing it again', async (device) => {
  await selfTest(device);
  const before = device.bytes;
  await selfTest(device);
  expect(device.bytes).toBe(before);
  await device.dispose();
});

test('without a wish the best device is opened; a GPU in software is not among them', async () => {
  const notices: string[] = [];
  const device = await openDevice(undefined, { threads: 1, onNotice: (notice) => notices.push(notice) });
  if (device.kind !== 'webgpu') {
    expect(device.kind).toBe('wasm');
    expect(notices).toEqual([expect.stringMatching(/^webgpu was passed over: /)]);
  }
  await device.dispose();
});

test('where nobody listens the console says once that the reference serves, and why', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  for (let i = 0; i < 2; i++) {
    const device = await openDevice(undefined, { dtypes: ['f32'], threads: -1 });
    if (device.kind === 'reference') {
      expect(warn.mock.calls).toEqual([
        [
          expect.stringMatching(
            /^listwise computes with its reference, .* wasm was passed over: threads is -1/,
          ),
        ],
      ]);
    }
    await device.dispose();
  }
  warn.mockRestore();
});

test('a device that fails is passed over, and the user is told why', async () => {
  const notices: string[] = [];
  const dtypes = ['f32'] as const;
  const none = openDevice('wasm', { dtypes, threads: -1 });
  await expect(none).rejects.toThrow(failure('invalid-input', /threads is -1/));
  const device = await openDevice(undefined, {
    dtypes,
    threads: -1,
    onNotice: (notice) => notices.push(notice),
  });
  if (device.kind !== 'webgpu') {
    expect(device.kind).toBe('reference');
    expect(notices.at(-1)).toMatch(/^wasm was passed over: threads is -1/);
  }
  await device.dispose();
});

test('without a GPU the CPU proves itself in every dtype', async () => {
  vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => null } });
  const device = await openDevice(undefined, { dtypes: WEIGHT_DTYPES, threads: 1 });
  expect(device.kind).toBe('wasm');
  await device.dispose();
  vi.unstubAllGlobals();
});

test('an unknown device is an error that names the known ones', async () => {
  const unknown = 'webgl' as DeviceKind;
  await expect(openDevice(unknown)).rejects.toThrow(failure('device-unsupported', /webgl/));
});

test('a worker that fails ends its pool with a typed error, now and afterwards', async () => {
  const kernels = await compileKernels();
  const pool = await startThreads(kernels, 2, () => {});
  const address = 65_536 - 256;
  new Int32Array(kernels.memory.buffer, address, 16).fill(99); // no such operation
  const program = { address, steps: 1, barrier: 65_536 - 64, scratch: 0, scratchBytes: 0 };
  await expect(pool.run(program)).rejects.toThrow(failure('device-failed', /worker/));
  await expect(pool.run(program)).rejects.toThrow(failure('device-failed'));
  await pool.dispose();
});
