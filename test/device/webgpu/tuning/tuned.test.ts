/** What a device prefers: what was found before, what is found now, and never what computes wrong. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Adapter } from '../../../../src/device/webgpu/adapter.js';
import type { Preferences } from '../../../../src/device/webgpu/operations/choices.js';
import type { Timing } from '../../../../src/device/webgpu/tuning/tune.js';
import { proveTuned } from '../../../../src/device/webgpu/tuning/tuned.js';

const TIMINGS: Timing[] = [
  {
    task: 'linear',
    variants: [
      { name: 'presumed', milliseconds: 3 },
      { name: 'faster', milliseconds: 2 },
      { name: 'fastest', milliseconds: 1 },
    ],
  },
];

const adapter = (description = 'driver 1') =>
  ({ name: 'a GPU', gpu: { info: { vendor: 'v', architecture: 'a', device: 'd', description } } }) as Adapter;

const shape = { hiddenSize: 64, heads: 2, kvHeads: 1, headDim: 32, intermediateSize: 96 };

/** Knows what it prefers, and computes wrong in some variants. */
class FakeDevice {
  preferences: Preferences = {};
  timed = 0;
  readonly #wrong: readonly string[];

  constructor(...wrong: string[]) {
    this.#wrong = wrong;
  }

  prefer(preferences: Preferences): void {
    this.preferences = preferences;
  }

  async timeVariants(): Promise<Timing[]> {
    this.timed++;
    return TIMINGS;
  }

  readonly prove = async () => {
    if (this.#wrong.includes(this.preferences.linear ?? 'presumed')) throw new Error('wrong numbers');
  };
}

const notices: string[] = [];

async function tuned(device: FakeDevice, on = adapter()): Promise<Preferences> {
  const onNotice = (notice: string) => notices.push(notice);
  await proveTuned(device, device.prove, { adapter: on, shape, dtype: 'f16', onNotice });
  return device.preferences;
}

let folder: string;
const file = () => join(folder, 'listwise/gpu-tuning.json');
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'listwise-tuning-'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

describe('a GPU', () => {
  test('that is new is timed once; the next run knows', async () => {
    const [first, second] = [new FakeDevice(), new FakeDevice()];
    expect(await tuned(first)).toEqual({ linear: 'fastest' });
    expect(await tuned(second)).toEqual({ linear: 'fastest' });
    expect([first.timed, second.timed]).toEqual([1, 0]);
  });

  test('with another driver is timed anew, and both are kept', async () => {
    await tuned(new FakeDevice());
    const other = new FakeDevice();
    await tuned(other, adapter('driver 2'));
    expect(other.timed).toBe(1);
    expect(Object.keys(JSON.parse(await readFile(file(), 'utf8')))).toHaveLength(2);
  });

  test('whose fastest variant computes wrong gets the next', async () => {
    expect(await tuned(new FakeDevice('fastest'))).toEqual({ linear: 'faster' });
  });

  test('that computes wrong by now in what it preferred is timed anew', async () => {
    await tuned(new FakeDevice());
    const device = new FakeDevice('fastest', 'faster');
    expect(await tuned(device)).toEqual({ linear: 'presumed' });
    expect(device.timed).toBe(1);
  });

  test('that has no room to be timed computes in what is presumed to be fast, and is timed next time', async () => {
    const full = new FakeDevice();
    full.timeVariants = async () => {
      throw new Error('no room');
    };
    expect(await tuned(full)).toEqual({});
    expect(notices.at(-1)).toMatch(/^a GPU computes in what is presumed to be fast, .*no room$/);
    expect(await tuned(new FakeDevice())).toEqual({ linear: 'fastest' });
  });

  test('that computes wrong in what is presumed to be fast is refused, and nothing is kept', async () => {
    await expect(tuned(new FakeDevice('presumed'))).rejects.toThrow('wrong numbers');
    await expect(readFile(file())).rejects.toThrow();
  });
});

test.each([
  ['torn', '{"1.0 · a GPU": {"linear"'],
  ['of another kind', '["linear"]'],
  ['null', 'null'],
  ['with entries of another kind', '{"x": 3, "y": ["z"]}'],
])('a record that is %s is passed over, and replaced', async (_what, text) => {
  await tuned(new FakeDevice());
  await writeFile(file(), text);
  const device = new FakeDevice();
  expect(await tuned(device)).toEqual({ linear: 'fastest' });
  expect(device.timed).toBe(1);
  const next = new FakeDevice();
  await tuned(next);
  expect(next.timed).toBe(0);
});

test('where nothing can be kept, all is timed each time', async () => {
  vi.stubEnv('XDG_CACHE_HOME', '/dev/null/nowhere');
  const device = new FakeDevice();
  expect(await tuned(device)).toEqual({ linear: 'fastest' });
});
