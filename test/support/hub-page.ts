/** A page in a browser that loads models of a hub, in small parts. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import type { BrowserContext } from 'playwright-core';
import { inlineForEsbuild } from '../../bundle/inline.mjs';
import { hubClient } from '../../bundle/packages.mjs';
import type { HubOptions } from '../../src/checkpoint/hub/options.js';
import { launchBrowser } from './browser.js';
import { HURRIED, MODEL } from './hub-models.js';
import { DOCUMENTS, QUERY } from './requests.js';

/** What a load in the page came to. */
export interface Outcome {
  readonly scores?: readonly number[];
  readonly error?: string;
  readonly notices: readonly string[];
}

export interface HubPage {
  /** A profile of its own: what it stores is gone with it. */
  readonly newProfile: () => Promise<BrowserContext>;
  /** Loads the model in a new page, ranks with it, and closes the page. */
  readonly load: (profile: BrowserContext, hub: HubOptions) => Promise<Outcome>;
  readonly close: () => Promise<void>;
}

const SCRIPT = `
import { readCheckpoint } from './src/checkpoint/checkpoint.js';
import { hubFiles } from './src/checkpoint/hub/model.js';
import { Reranker } from './src/reranker/reranker.js';

window.load = async (hub) => {
  const notices = [];
  const onNotice = (notice) => notices.push(notice);
  try {
    const files = await hubFiles({ repository: ${JSON.stringify(MODEL)} }, { hub, onNotice }, ${JSON.stringify(HURRIED)});
    await using reranker = await Reranker.load(await readCheckpoint(files), { device: 'reference' });
    const ranking = await reranker.rerank(${JSON.stringify(QUERY)}, ${JSON.stringify(DOCUMENTS)});
    return { scores: ranking.map(({ relevanceScore }) => relevanceScore), notices };
  } catch (error) {
    return { error: error.code, notices };
  }
};
`;

/** Nothing where there is no browser. */
export async function openHubPage(): Promise<HubPage | undefined> {
  const browser = await launchBrowser({ webgpu: false });
  if (!browser) return undefined;
  const { outputFiles } = await esbuild.build({
    stdin: { contents: SCRIPT, resolveDir: fileURLToPath(new URL('../..', import.meta.url)), loader: 'js' },
    ...{ bundle: true, format: 'esm', platform: 'browser', target: 'es2022', write: false },
    external: ['*/embedded-data.js'],
    plugins: [inlineForEsbuild, hubClient],
  });
  const script = outputFiles[0]!.text;
  const server = createServer((request, response) => {
    const isScript = request.url === '/script.js';
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><script type="module" src="script.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}/`;
  return {
    newProfile: () => browser.newContext(),
    load: async (profile, hub) => {
      const page = await profile.newPage();
      await page.goto(url, { waitUntil: 'load' });
      const outcome = await page.evaluate(
        (options) => (window as unknown as { load: (hub: HubOptions) => Promise<Outcome> }).load(options),
        hub,
      );
      await page.close();
      return outcome;
    },
    close: async () => {
      await browser.close();
      server.close();
    },
  };
}
