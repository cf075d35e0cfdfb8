/** `test` for what a visitor of the page does. */
import type { Page } from 'playwright-core';
import { test } from 'vitest';
import { NO_BROWSER } from './browser.js';
import type { Site, Visit } from './site.js';

/** Each test gets a page of its own, ready to rank, and is left out where there is no browser. */
export function pageTest(site: Site | undefined) {
  return test.extend<{ visit: Visit; page: Page }>({
    visit: [
      async ({ skip }, use) => {
        if (!site) return skip(NO_BROWSER);
        const visit = await site.open();
        await use(visit);
        await visit.page.context().close();
      },
      { auto: true }, // so that a test that opens others is left out, too
    ],
    page: ({ visit }, use) => use(visit.page),
  });
}
