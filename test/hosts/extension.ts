/**
 * The example extension in a real Chromium, as people use it: its button is pressed on a page, its popup is asked. It is
 * loaded as it ships, so it may read a page only because somebody pressed the button there.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const QUERY = 'How do I bake bread?';

const BREAD =
  'Knead flour, water, salt and yeast to a dough, let it rise twice, and put the loaf into a very hot oven.';

export const PASSAGES = [
  'A short reader of everyday knowledge',
  'The moon pulls at the oceans, and twice a day the tide comes in and goes out again.',
  'Bees visit flowers, carry nectar to the hive and turn it into honey for the winter.',
  'A bishop moves along diagonals; the game is lost when the king can no longer escape.',
  'Volcanoes form where molten rock finds a way through the crust of the earth.',
  'Photographs look calmer when the horizon is level and little light comes from behind.',
  BREAD,
  'Chains of bicycles last longer when they are cleaned and oiled after riding in the rain.',
  'The telescope gathers more light than an eye, so that faint stars can be seen.',
  'A violin has four strings, which are tuned in fifths and played with a bow.',
  'Passports should be valid for half a year after the journey to most countries.',
  'Trains on this line run every twenty minutes, at night every hour.',
  'Vaccines show the immune system what a virus looks like before it is met.',
];

/** What the page says but nobody sees, and what it says twice, are no passages. */
const ARTICLE = `<!doctype html><meta charset="utf-8"><title>Article</title>
<style>body { font: 18px/1.6 serif; margin: 40px auto; max-width: 640px } p { margin: 0 0 240px }</style>
<h1>${PASSAGES[0]}</h1>
<p hidden>How do I bake bread? Nobody sees this.</p>
<p>Short.</p>
${PASSAGES.slice(1)
  .map((text) => `<div><p>${text}</p></div>`)
  .join('\n')}
<ul><li><p>${BREAD}</p></li></ul>`;

const PAGES: Readonly<Record<string, string>> = {
  '/article': ARTICLE,
  '/picture': '<!doctype html><title>Picture</title><p>Short.</p>',
};

/** A Chromium that takes extensions, which the headless one of the npm package does not; nothing where none is found. */
export function findChromium(): string | undefined {
  return [process.env.CHROME_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
    (path) => path && existsSync(path),
  );
}

/** Throws where something is not as it should be; the scores are those that the popup shows, best first. */
export async function testExtension(
  executablePath: string,
): Promise<{ version: string; scores: readonly number[] }> {
  const extension = await buildExtension();
  const server = await serve();
  const profile = await mkdtemp(join(tmpdir(), 'listwise-extension-'));
  try {
    const context = await launch(executablePath, profile);
    try {
      const session = await context.browser()!.newBrowserCDPSession();
      const { id } = await session.send('Extensions.loadUnpacked', { path: extension });
      const host: Host = { id, session, context, profile };
      const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
      const scores = await ranksAnArticle(host, `${origin}/article`);
      await saysWhatIsWrong(host, origin);
      return { version: context.browser()!.version(), scores };
    } finally {
      await context.close();
    }
  } finally {
    server.close();
    await rm(profile, { recursive: true });
  }
}

async function ranksAnArticle(host: Host, url: string): Promise<number[]> {
  await using popup = await press(host, url);
  assert.match(await ask(popup.page, QUERY), /^The best of 13 passages, by WebAssembly/);
  const texts = await popup.page.locator('#results .text').allTextContents();
  assert.equal(texts.length, 5);
  assert.equal(texts[0], BREAD);

  await popup.page.locator('#results button').first().click();
  await until('the passage is highlighted', async () => (await highlighted(popup.opener)) === BREAD);
  assert.ok(await isInSight(popup.opener, BREAD), 'The page did not scroll to the passage.');
  return (await popup.page.locator('#results .score').allTextContents()).map(Number);
}

async function saysWhatIsWrong(host: Host, origin: string): Promise<void> {
  const cases = [
    { url: `${origin}/article`, query: ' ', status: 'Type what you are looking for.' },
    { url: `${origin}/picture`, query: QUERY, status: 'This page has no text to rank.' },
    { url: 'chrome://version/', query: QUERY, status: 'Chrome lets no extension read this page.' },
  ];
  for (const { url, query, status } of cases) {
    await using popup = await press(host, url);
    assert.equal(await ask(popup.page, query), status);
  }
}

/** Asks the popup, and returns what it says when it is done. */
async function ask(popup: Page, query: string): Promise<string> {
  await popup.fill('#query', query);
  await popup.press('#query', 'Enter');
  const status = popup.locator('#status');
  await popup.waitForFunction(
    () => !/^(The page’s|Reading)/.test(document.querySelector('#status')?.textContent ?? ''),
  );
  return (await status.textContent())!;
}

function highlighted(page: Page): Promise<string | undefined> {
  return page.evaluate(() => {
    const [range] = CSS.highlights.get('listwise') ?? [];
    return range && (range as Range).toString();
  });
}

function isInSight(page: Page, text: string): Promise<boolean> {
  return page
    .getByText(text)
    .first()
    .evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    });
}

interface Host {
  readonly id: string;
  readonly session: CDPSession;
  readonly context: BrowserContext;
  readonly profile: string;
}

interface Popup extends AsyncDisposable {
  readonly page: Page;
  /** The page on which the button was pressed. */
  readonly opener: Page;
}

/** Opens a page and presses the extension's button on it. */
async function press({ id, session, context, profile }: Host, url: string): Promise<Popup> {
  const opener = await context.newPage();
  await opener.goto(url);
  const tabs = await session.send('Target.getTargets', { filter: [{ type: 'tab' }] });
  const { targetId } = tabs.targetInfos.find((tab) => tab.url === url)!;
  await session.send('Extensions.triggerAction', { id, targetId });
  const address = `chrome-extension://${id}/popup.html`;
  await until('the popup is open', async () => {
    const { targetInfos } = await session.send('Target.getTargets');
    return targetInfos.some((target) => target.url === address);
  });
  // The connection that launched the browser isn't told of popups; a new one finds them.
  const [port] = (await readFile(join(profile, 'DevToolsActivePort'), 'utf8')).split('\n');
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  const page = browser
    .contexts()
    .flatMap((each) => each.pages())
    .find((each) => each.url() === address)!;
  return {
    page,
    opener,
    async [Symbol.asyncDispose]() {
      await browser.close();
      await opener.close();
    },
  };
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await isSo())) {
    assert.ok(Date.now() < deadline, `Waited in vain until ${what}.`);
    await sleep(50);
  }
}

/** By the command of its README. */
async function buildExtension(): Promise<string> {
  await promisify(execFile)(process.execPath, ['examples/extension/build.mjs'], { cwd: ROOT });
  return join(ROOT, 'build/extension');
}

async function serve(): Promise<Server> {
  const server = createServer(({ url }, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(PAGES[url!]);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return server;
}

/** With what lets a program load an extension, press its button and find its popup. */
function launch(executablePath: string, profile: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, {
    executablePath,
    args: ['--enable-unsafe-extension-debugging', '--remote-debugging-port=0'],
    ignoreDefaultArgs: ['--disable-extensions'],
  });
}
