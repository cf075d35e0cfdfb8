/**
 * `npm run web` builds the page and serves it; `npm run web -- --port 3000` on another port. With
 * `--hub https://mirror.example,https://files.example` models come from a mirror, which redirects to a second host.
 */
import { fileURLToPath } from 'node:url';
import { buildPage } from './build.mjs';
import { serveBuilt } from './serve-built.mjs';

/** @param {string} text */
function parseHub(text) {
  const addresses = text.split(',').filter(Boolean);
  const wrong = addresses.find((address) => !/^https?:/.test(address) || !URL.canParse(address));
  if (wrong === undefined) return addresses;
  throw new Error(`--hub has "${wrong}", expected addresses like https://mirror.example.`);
}

await serveBuilt({
  name: 'listwise is',
  folder: fileURLToPath(new URL('../build/web', import.meta.url)),
  port: 8080,
  options: { hub: { type: 'string', default: process.env.HF_ENDPOINT ?? '' } },
  build: (folder, { hub }) => buildPage(folder, parseHub(hub)),
});
