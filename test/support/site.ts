/** The page of web/, built, served and open in a browser. */
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { buildPage } from '../../web/build.mjs';
import { serve } from '../../web/server.mjs';
import { type BrowserOptions, IN_FIREFOX, launchBrowser } from './browser.js';

/**
 * Milliseconds. A software GPU takes its time to compile kernels. What gets no answer in Firefox is asked again soon
 * (vitest.config.mjs).
 */
const PATIENCE = IN_FIREFOX ? 40_000 : 150_000;

export interface Site {
  readonly url: string;
  /**
   * A page, once it is ready to rank, at `path` of the site: in a profile of its own with a visitor's settings, or in one
   * that was here before. Nothing scrolls smoothly, unless a visitor wants that.
   */
  readonly open: (visitor?: BrowserContextOptions | BrowserContext, path?: string) => Promise<Visit>;
  /** Ends its server; the browser stays. */
  readonly stop: () => void;
  readonly close: () => Promise<void>;
}

/** A page, and what it did that nobody sees. */
export interface Visit {
  readonly page: Page;
  readonly hasWebGpu: () => Promise<boolean>;
  /** Everything it asked for, workers included. */
  readonly requests: readonly string[];
  /** What it wrote to the console as an error or did not catch. */
  readonly errors: string[];
}

/** Nothing where there is no browser. `mirror` is where its models come from: see web/build.mjs. */
export async function openSite(
  options: BrowserOptions,
  mirror: readonly string[] = [],
  serveFolder: (folder: string, port: number) => Promise<Server> = serve,
): Promise<Site | undefined> {
  const browser = await launchBrowser(options);
  if (!browser) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'listwise-web-'));
  await buildPage(folder, mirror);
  const server = await serveFolder(folder, 0);
  const url = `http://localhost:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    open: async (visitor = {}, path = '') => {
      const context =
        'newPage' in visitor ? visitor : await browser.newContext({ reducedMotion: 'reduce', ...visitor });
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      const requests: string[] = [];
      const errors: string[] = [];
      context.on('request', (request) => requests.push(request.url()));
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      page.on('pageerror', (error) => errors.push(error.message));
      await page.goto(`${url}${path}`);
      await page.locator('#rank:enabled').waitFor();
      return { page, hasWebGpu: () => hasWebGpu(page), requests, errors };
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
    close: async () => {
      await browser.close();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

function hasWebGpu(page: Page): Promise<boolean> {
  return page.evaluate(async () => ((await navigator.gpu?.requestAdapter()) ?? null) !== null);
}

/**
 * While a page works, for a second and a half or until its bar has moved: the longest time that it had no turn to draw
 * and to listen, beside the time that all of the work takes at the pace of the bar. Both are longer on a busy machine.
 */
export async function watchTurns(page: Page): Promise<{ longestGap: number; allOfTheWork: number }> {
  const bar = page.locator('#progress');
  await bar.waitFor();
  return bar.evaluate(async (bar: HTMLProgressElement) => {
    const [start, done] = [performance.now(), bar.position];
    let now = start;
    let longestGap = 0;
    while (now - start < 1500 || bar.position === done) {
      const last = now;
      await new Promise((resolve) => setTimeout(resolve, 10));
      now = performance.now();
      longestGap = Math.max(longestGap, now - last);
    }
    return { longestGap, allOfTheWork: (now - start) / (bar.position - done) };
  });
}
