/**
 * A real browser for tests: the Chromium of the npm package, or else the Chrome of whoever runs them; the machine's own
 * Firefox where LISTWISE_TEST_BROWSER is "firefox".
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, firefox, type LaunchOptions } from 'playwright-core';
import { chromiumFolder } from './chromium.js';

export const IN_FIREFOX = process.env.LISTWISE_TEST_BROWSER === 'firefox';

/** What Firefox's half of the common protocol can't be told. */
export const NOT_IN_FIREFOX = {
  clipboard: 'Firefox lets no test read its clipboard',
  downloads: 'Firefox tells no test of what it saves',
  emulation: 'this Firefox can’t be told a preference of its visitor',
  folders: 'Firefox’s choice of folders takes none from a test',
  quota: 'Firefox can’t be told how much room there is',
  workers: 'Firefox runs no script of a test in a worker',
} as const;

export const NO_BROWSER = IN_FIREFOX
  ? 'there is no /usr/bin/firefox-esr and no /usr/bin/firefox'
  : 'no Chrome was found here (CHROME_PATH can name one)';

/** WebGPU is on SwiftShader in the package's Chromium, and on the machine's own GPU in another Chrome. */
export interface BrowserOptions {
  readonly webgpu: boolean;
}

/** A browser whose visitors leave nothing behind; nothing where there is none. */
export async function launchBrowser(options: BrowserOptions): Promise<Browser | undefined> {
  if (IN_FIREFOX) return launchFirefox();
  return orNone(await launchOptions(options), (launch) => chromium.launch(launch));
}

/** One core is shown to pages: where a worker starts several workers, one page in twenty stands still while a test steers. */
const FIREFOX_PREFERENCES = { 'dom.maxHardwareConcurrency': 1 };

async function launchFirefox(): Promise<Browser | undefined> {
  const executablePath = firefoxPath();
  if (!executablePath) return undefined;
  // By the protocol that browsers have in common: it takes a Firefox as it is.
  return firefox.launch({
    channel: 'moz-firefox',
    executablePath,
    firefoxUserPrefs: FIREFOX_PREFERENCES,
  });
}

export function firefoxPath(): string | undefined {
  return ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find(existsSync);
}

/** A browser with its profile in a folder, as people have it. */
export async function launchProfile(
  folder: string,
  options: BrowserOptions,
): Promise<BrowserContext | undefined> {
  return orNone(await launchOptions(options), (launch) => chromium.launchPersistentContext(folder, launch));
}

/** Only a Chrome that somebody may have installed may be missing. */
async function orNone<T>(options: LaunchOptions, launch: (options: LaunchOptions) => Promise<T>) {
  return options.executablePath ? launch(options) : launch(options).catch(() => undefined);
}

async function launchOptions({ webgpu }: BrowserOptions): Promise<LaunchOptions> {
  const args = webgpu ? ['--enable-unsafe-webgpu'] : [];
  const { CHROME_PATH } = process.env;
  if (CHROME_PATH) return { executablePath: CHROME_PATH, args };
  const folder = await chromiumFolder();
  if (!folder) return { channel: 'chrome', args };
  const libraries = [join(folder, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean);
  return {
    executablePath: join(folder, 'chromium'),
    args: webgpu ? [...args, '--use-webgpu-adapter=swiftshader'] : args,
    env: { ...process.env, LD_LIBRARY_PATH: libraries.join(':'), XDG_DATA_HOME: folder }, // that is where fonts are
  };
}
