import { expect, test } from 'vitest';
import { hardwareThreads } from '../../src/platform/node-threads.js';

/** Files of a machine with so many CPUs. */
function machine(cpus: number, siblings: (cpu: number) => string, more: Record<string, string> = {}) {
  const files: Record<string, string> = {
    '/proc/self/status': `Name:\tnode\nCpus_allowed_list:\t0-${cpus - 1}\n`,
    ...more,
  };
  for (let cpu = 0; cpu < cpus; cpu++) {
    files[`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`] = `${siblings(cpu)}\n`;
  }
  return (path: string) => files[path];
}

const alone = (cpu: number) => `${cpu}`;

test('every core gets a thread', () => {
  expect(hardwareThreads(machine(6, alone), 6)).toBe(6);
});

test('two hyperthreads of a core share one', () => {
  const eightOnFour = machine(8, (cpu) => `${cpu % 4},${(cpu % 4) + 4}`);
  expect(hardwareThreads(eightOnFour, 8)).toBe(4);
});

test('only CPUs that the process may use count', () => {
  const status = { '/proc/self/status': 'Cpus_allowed_list:\t0-1,6\n' };
  expect(hardwareThreads(machine(8, alone, status), 3)).toBe(3);
  expect(
    hardwareThreads(
      machine(8, (cpu) => `${cpu & ~1}-${cpu | 1}`, status),
      3,
    ),
  ).toBe(2);
});

test("cores that save energy get none: Intel's by name, Arm's by capacity", () => {
  const intel = { '/sys/devices/cpu_atom/cpus': '4-11\n' };
  expect(
    hardwareThreads(
      machine(12, (cpu) => (cpu < 4 ? `${cpu & ~1}-${cpu | 1}` : `${cpu}`), intel),
      12,
    ),
  ).toBe(2);
  const capacities = [1024, 1024, 700, 300, 300];
  const arm = capacities.map((capacity, cpu) => [
    `/sys/devices/system/cpu/cpu${cpu}/cpu_capacity`,
    `${capacity}\n`,
  ]);
  expect(hardwareThreads(machine(5, alone, Object.fromEntries(arm)), 5)).toBe(3);
});

test('where there are only such cores they serve', () => {
  const status = { '/proc/self/status': 'Cpus_allowed_list:\t4-7\n', '/sys/devices/cpu_atom/cpus': '4-11\n' };
  expect(hardwareThreads(machine(12, alone, status), 4)).toBe(4);
});

test.each([
  [
    'a quota of the process itself',
    { '/proc/self/cgroup': '0::/a/b\n', '/sys/fs/cgroup/a/b/cpu.max': '300000 100000\n' },
    3,
  ],
  [
    'of a group around it',
    { '/proc/self/cgroup': '0::/a/b\n', '/sys/fs/cgroup/a/cpu.max': '250000 100000\n' },
    3,
  ],
  [
    'seen from within a container',
    { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '50000 100000\n' },
    1,
  ],
  [
    'the smallest of several',
    {
      '/proc/self/cgroup': '0::/a\n',
      '/sys/fs/cgroup/a/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/cpu.max': '200000 100000\n',
    },
    2,
  ],
  ['none', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' }, 8],
  [
    'of older groups',
    {
      '/proc/self/cgroup': '3:cpuset:/\n4:cpu,cpuacct:/a\n',
      '/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us': '400000\n',
      '/sys/fs/cgroup/cpu/a/cpu.cfs_period_us': '100000\n',
    },
    4,
  ],
  [
    'none of older groups',
    {
      '/proc/self/cgroup': '4:cpu,cpuacct:/\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    },
    8,
  ],
])('a control group limits them: %s', (_, files, threads) => {
  expect(hardwareThreads(machine(8, alone, files), 8)).toBe(threads);
});

test('more than attention has rows for are not started', () => {
  expect(hardwareThreads(machine(128, alone), 128)).toBe(32);
});

test('without files of the system Node’s own count serves', () => {
  expect(hardwareThreads(() => undefined, 10)).toBe(10);
});
