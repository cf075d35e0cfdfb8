/** Addresses of the hub's pages, as they stand in a browser. */
import { ListwiseError } from '../../error.js';
import { isGguf } from '../gguf/parts.js';
import { type HubName, parseHubName } from './name.js';

const HOSTS = ['huggingface.co', 'www.huggingface.co', 'hf.co'];

/** A model's page, or one of those that show a folder or a file of a revision. */
const PAGE =
  /^\/(?<repository>[^/]+\/[^/]+)(?:\/(?:blame|blob|raw|resolve|tree)\/(?<revision>refs\/(?:convert|pr)\/[^/]+|[^/]+)(?:\/(?<file>.+))?)?$/;

export function isAddress(text: string): boolean {
  return /^(https?:\/\/|(www\.)?huggingface\.co\/|hf\.co\/)/i.test(text);
}

/**
 * What an address stands for, of the hub or of a mirror at `endpoint`. That of a file which does not hold a model by
 * itself stands for its whole repository. Throws `invalid-input`.
 */
export function parseAddress(text: string, endpoint: string): HubName {
  const address = text.includes('://') ? text : `https://${text}`;
  const path = URL.canParse(address) ? pathOnHub(new URL(address), new URL(endpoint)) : undefined;
  const { repository, revision, file } = PAGE.exec(path ?? '')?.groups ?? {};
  const name = parseHubName(isGguf(file ?? '') ? `${repository}/${file}` : `${repository}`);
  const isOfModel = file === undefined || /^[^/]+\.(gguf|json|jinja|safetensors)$/i.test(file);
  if (repository !== undefined && name && isOfModel)
    return revision === undefined ? name : { ...name, revision };
  throw new ListwiseError('invalid-input', `${text} is no address of a model on the hub.`, {
    hint: 'Such are https://huggingface.co/owner/name and https://huggingface.co/owner/name/blob/main/file.gguf.',
  });
}

/** Decoded, without a slash at its end; undefined on another host. */
function pathOnHub({ host, pathname }: URL, endpoint: URL): string | undefined {
  const folder = host === endpoint.host ? endpoint.pathname.replace(/\/+$/, '') : '';
  const isHub = host === endpoint.host || HOSTS.includes(host);
  if (!isHub || !pathname.startsWith(`${folder}/`)) return undefined;
  try {
    return decodeURIComponent(pathname.slice(folder.length)).replace(/\/+$/, '');
  } catch {
    return undefined;
  }
}
