/** The hub's environment in Node: the variables and files that Python's huggingface_hub reads. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withHome } from './node-home.js';
import type { HubEnvironment } from './repository-cache.js';

const TRUE_VALUES = ['1', 'ON', 'YES', 'TRUE'];

/** Reads `variables`, by default the process's own, and the file of the token where no variable holds one. */
export async function hubEnvironment(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Promise<HubEnvironment> {
  const path = (name: string) => (variables[name] ? withHome(variables[name]) : undefined);
  const home = path('HF_HOME') ?? join(path('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'huggingface');
  const token = (variables.HF_TOKEN || variables.HUGGING_FACE_HUB_TOKEN)?.trim();
  const offline = variables.HF_HUB_OFFLINE || variables.TRANSFORMERS_OFFLINE;
  return {
    endpoint: variables.HF_ENDPOINT || undefined,
    token: token || (await tokenIn(path('HF_TOKEN_PATH') ?? join(home, 'token'))),
    offline: TRUE_VALUES.includes(offline?.toUpperCase() ?? ''),
    // The second name is the first one's old form, which Python's still reads.
    cacheFolder: path('HF_HUB_CACHE') ?? path('HUGGINGFACE_HUB_CACHE') ?? join(home, 'hub'),
  };
}

/** The token that `hf auth login` left; most people have none. */
async function tokenIn(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trim() || undefined;
}
