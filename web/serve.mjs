/** `npm run web` builds the page and serves it; `npm run web -- --port 3000` on another port. */
import { fileURLToPath } from 'node:url';
import { buildPage } from './build.mjs';
import { serveBuilt } from './serve-built.mjs';

await serveBuilt({
  name: 'listwise is',
  folder: fileURLToPath(new URL('../build/web', import.meta.url)),
  port: 8080,
  build: buildPage,
});
