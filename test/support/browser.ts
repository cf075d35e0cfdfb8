/** A real browser for tests: the Chromium of the npm package, or else the Chrome of whoever runs them. */
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { chromiumFolder } from './chromium.js';

export const NO_BROWSER = 'no Chrome was found here (CHROME_PATH can name one)';

/** WebGPU is on SwiftShader in the package's Chromium, and on the machine's own GPU in another Chrome. */
export interface BrowserOptions {
  readonly webgpu: boolean;
}

/** A browser with a profile of its own; nothing where there is none. */
export async function launchBrowser({ webgpu }: BrowserOptions): Promise<Browser | undefined> {
  const args = webgpu ? ['--enable-unsafe-webgpu'] : [];
  const { CHROME_PATH } = process.env;
  if (CHROME_PATH) return chromium.launch({ executablePath: CHROME_PATH, args });
  const folder = await chromiumFolder();
  if (!folder) return chromium.launch({ channel: 'chrome', args }).catch(() => undefined);
  const libraries = [join(folder, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean);
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    args: webgpu ? [...args, '--use-webgpu-adapter=swiftshader'] : args,
    env: { ...process.env, LD_LIBRARY_PATH: libraries.join(':'), XDG_DATA_HOME: folder }, // that is where fonts are
  });
}
