/**
 * `npm run web` builds the page and serves it; `npm run web -- --port 3000` on another port. With
 * `--hub https://mirror.example,https://files.example` models come from a mirror, which redirects to a second host.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildPage } from './build.mjs';
import { serve } from './server.mjs';

const FOLDER = fileURLToPath(new URL('../build/web', import.meta.url));

/** @param {string} text */
function parsePort(text) {
  const port = Number(text);
  if (/^\d+$/.test(text) && port < 65_536) return port;
  throw new Error(`--port is "${text}", expected a whole number of at most 65535.`);
}

/** @param {string} text */
function parseHub(text) {
  const addresses = text.split(',').filter(Boolean);
  const wrong = addresses.find((address) => !/^https?:/.test(address) || !URL.canParse(address));
  if (wrong === undefined) return addresses;
  throw new Error(`--hub has "${wrong}", expected addresses like https://mirror.example.`);
}

/** @param {number} port */
async function listen(port) {
  try {
    return await serve(FOLDER, port);
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(`port ${port} is taken; choose another one with --port.`);
  }
}

try {
  const { HF_ENDPOINT = '' } = process.env;
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '8080' }, hub: { type: 'string', default: HF_ENDPOINT } },
  });
  const port = parsePort(values.port);
  await buildPage(FOLDER, parseHub(values.hub));
  const server = await listen(port);
  console.log(`listwise is on http://localhost:${server.address().port} (Ctrl+C ends it).`);
} catch (error) {
  console.error(`listwise: ${error.message}`);
  process.exitCode = 1;
}
