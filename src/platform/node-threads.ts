/**
 * How many threads the kernels get in Node when nobody says: one for each fast core that the process may use. One
 * thread fills the arithmetic of a core, so a second on it would add little and keep the others waiting; a slow core
 * would be the last at every barrier.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path/posix';

/** By reckoning: each gets 24 rows of attention then, for which fetching keys takes as long as using them. */
const MOST = 32;

/** Of the fastest core's capacity; a core with less is one that saves energy. */
const FAST = 1 / 2;

/** A file's text; undefined where there is none. */
type Read = (path: string) => string | undefined;

/** `available`: CPUs that the process may use, as Node counts them. Files are Linux's; elsewhere that number counts. */
export function hardwareThreads(read: Read = readText, available = availableParallelism()): number {
  const limits = [available, fastCores(read) ?? available, quotaOf(read), MOST];
  return Math.max(1, Math.min(...limits));
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Fast cores with a CPU that the process may use; undefined where that can't be known. */
function fastCores(read: Read): number | undefined {
  const allowed = /^Cpus_allowed_list:\s*(\S+)/m.exec(read('/proc/self/status') ?? '')?.[1];
  if (allowed === undefined) return undefined;
  const slow = new Set(cpusIn(read('/sys/devices/cpu_atom/cpus') ?? '')); // Intel's
  const cpus = cpusIn(allowed).map((cpu) => {
    const folder = `/sys/devices/system/cpu/cpu${cpu}`;
    const capacity = slow.has(cpu) ? 0 : Number(read(`${folder}/cpu_capacity`) ?? 1024); // Arm's, 1024 at most
    const core = read(`${folder}/topology/thread_siblings_list`)?.trim() ?? `${cpu}`;
    return { capacity, core };
  });
  const largest = Math.max(...cpus.map(({ capacity }) => capacity));
  return new Set(cpus.filter(({ capacity }) => capacity >= FAST * largest).map(({ core }) => core)).size;
}

/** The CPUs in a list such as `0-3,8`. */
function cpusIn(list: string): number[] {
  return list
    .trim()
    .split(',')
    .filter((range) => range !== '')
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}

/** How many CPUs' time the process's control groups leave it. Node 20 does not ask them, later ones do. */
function quotaOf(read: Read): number {
  const groups = read('/proc/self/cgroup') ?? '';
  const unified = /^0::(.*)$/m.exec(groups)?.[1] ?? '/';
  const separate = /^\d+:(?:[^:]*,)?cpu(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1] ?? '/';
  const quotas = [
    ...foldersUp(unified).map((path) => read(`/sys/fs/cgroup${path}/cpu.max`)?.split(' ')),
    ...foldersUp(separate).map((path) =>
      ['quota', 'period'].map((which) => read(`/sys/fs/cgroup/cpu${path}/cpu.cfs_${which}_us`)),
    ),
  ].map(([quota, period] = []) => Number(quota) / Number(period)); // NaN or negative without a limit
  return Math.min(...quotas.filter((cpus) => cpus > 0).map(Math.round));
}

/** A path and the folders that it is in; the root is an empty one. */
function foldersUp(path: string): string[] {
  return path === '/' ? [''] : [path, ...foldersUp(dirname(path))];
}
