/** What `npm run web` and `npm run docs` do: build a folder, serve it, print its address. */
import { parseArgs } from 'node:util';
import { serve } from './server.mjs';

/** @param {string} text */
function parsePort(text) {
  const port = Number(text);
  if (/^\d+$/.test(text) && port < 65_536) return port;
  throw new Error(`--port is "${text}", expected a whole number of at most 65535.`);
}

/**
 * @param {string} folder
 * @param {number} port
 * @param {Record<string, string> | undefined} policy
 */
async function listen(folder, port, policy) {
  try {
    return await serve(folder, port, policy);
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(`port ${port} is taken; choose another one with --port.`);
  }
}

/**
 * @param {object} site
 * @param {string} site.name what is served, for the line that is printed
 * @param {string} site.folder
 * @param {number} site.port unless `--port` names another one
 * @param {import('node:util').ParseArgsOptionsConfig} [site.options] what can be said beside `--port`
 * @param {(folder: string, values: Record<string, any>) => Promise<void>} site.build
 * @param {Record<string, string>} [site.policy] as of `serve`
 */
export async function serveBuilt({ name, folder, port, options = {}, build, policy }) {
  try {
    const { values } = parseArgs({
      options: { ...options, port: { type: 'string', default: String(port) } },
    });
    const chosen = parsePort(values.port);
    await build(folder, values);
    const server = await listen(folder, chosen, policy);
    console.log(`${name} on http://localhost:${server.address().port} (Ctrl+C ends it).`);
  } catch (error) {
    console.error(`listwise: ${error.message}`);
    process.exitCode = 1;
  }
}
