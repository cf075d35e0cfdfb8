/** The browsers of this machine. A page is opened in them by its address; what it finds it sends by itself. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firefoxPath, launchBrowser } from '../support/browser.js';
import { run } from './host.js';

export interface OpenBrowser {
  readonly name: string;
  readonly version: string;
  /** Shows a page until it is closed. */
  readonly show: (url: string) => Promise<() => Promise<void>>;
}

/** A browser, or why there is none. */
export type FoundBrowser = OpenBrowser | { readonly name: string; readonly missing: string };

export async function findBrowsers(): Promise<FoundBrowser[]> {
  return Promise.all([chromium(), firefox(), webkit()]);
}

async function chromium(): Promise<FoundBrowser> {
  const browser = await launchBrowser({ webgpu: false });
  if (!browser) return { name: 'Chromium', missing: 'no Chrome was found' };
  const version = browser.version();
  await browser.close();
  return {
    name: 'Chromium',
    version,
    show: async (url) => {
      const shown = (await launchBrowser({ webgpu: false }))!;
      await (await shown.newPage()).goto(url);
      return () => shown.close();
    },
  };
}

async function firefox(): Promise<FoundBrowser> {
  const path = firefoxPath();
  if (!path) return { name: 'Firefox', missing: 'Debian’s firefox-esr is not installed' };
  return {
    name: 'Firefox',
    version: await printedVersion(path),
    show: async (url) => {
      const profile = await mkdtemp(join(tmpdir(), 'listwise-firefox-'));
      return shownBy([path, '--headless', '--no-remote', '--profile', profile, url], profile);
    },
  };
}

/** Runs a program in a display in memory. */
const XVFB = ['xvfb-run', '--auto-servernum'] as const;

/** GTK's small browser, in a display in memory. */
async function webkit(): Promise<FoundBrowser> {
  const folders = ['4.1', '4.0'].map((api) => `/usr/lib/x86_64-linux-gnu/webkit2gtk-${api}`);
  const path = folders.map((folder) => join(folder, 'MiniBrowser')).find(existsSync);
  const missing = 'Debian’s webkit2gtk-driver and xvfb are not installed';
  if (!path || !existsSync('/usr/bin/xvfb-run')) return { name: 'WebKitGTK', missing };
  return {
    name: 'WebKitGTK',
    version: await printedVersion(...XVFB, path),
    show: (url) => shownBy([...XVFB, path, url]),
  };
}

async function printedVersion(...[command, ...args]: [string, ...string[]]): Promise<string> {
  const { stdout } = await run(command, [...args, '--version'], '.');
  return /\d[\d.]*/.exec(stdout)?.[0] ?? '?';
}

async function shownBy(
  [command, ...args]: [string, ...string[]],
  profile?: string,
): Promise<() => Promise<void>> {
  const env = { ...process.env, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' };
  const child = spawn(command, args, { stdio: 'ignore', detached: true, env });
  return async () => {
    const ended = new Promise((resolve) => child.once('close', resolve));
    process.kill(-child.pid!);
    await ended;
    if (profile) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
}
