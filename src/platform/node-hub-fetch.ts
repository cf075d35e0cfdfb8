/** How the hub is asked in Node: through the proxies that the environment names, as Python does. */
import { ListwiseError } from '../error.js';

type Variables = Readonly<Record<string, string | undefined>>;

/** Where requests go, by the scheme of what they are for; undefined: there itself. */
interface Proxies {
  readonly http: string | undefined;
  readonly https: string | undefined;
  /** Hosts that are spoken to without, with their subdomains, divided by commas. */
  readonly exceptions: string;
}

/** The built-in `fetch` or, where there are proxies, one that goes through them. Throws `invalid-input`. */
export async function hubFetch(variables: Variables = process.env): Promise<typeof fetch> {
  const { deno, bun } = process.versions;
  if (deno !== undefined || bun !== undefined) return fetch; // theirs go through them
  const proxies = proxiesIn(variables);
  return proxies === undefined ? fetch : fetchThrough(proxies);
}

/** Undefined where there are none, or all hosts are exceptions. Throws `invalid-input`. */
export function proxiesIn(variables: Variables): Proxies | undefined {
  const all = () => proxyIn(variables, 'ALL_PROXY');
  const http = proxyIn(variables, 'HTTP_PROXY') ?? all();
  const https = proxyIn(variables, 'HTTPS_PROXY') ?? all();
  const exceptions = textOf(variables, 'NO_PROXY') ?? '';
  const isUnused = exceptions.split(',').some((host) => host.trim() === '*');
  return (http === undefined && https === undefined) || isUnused ? undefined : { http, https, exceptions };
}

/** The name in small letters goes first; empty, it switches the other off. */
function textOf(variables: Variables, name: string): string | undefined {
  return (variables[name.toLowerCase()] ?? variables[name])?.trim();
}

/** The address is not shown: it may hold a password. */
function proxyIn(variables: Variables, name: string): string | undefined {
  const value = textOf(variables, name);
  if (!value) return undefined;
  const address = value.includes('://') ? value : `http://${value}`;
  if (URL.canParse(address) && /^https?:/.test(address)) return address;
  throw new ListwiseError('invalid-input', `${name} is no address of an HTTP proxy.`, {
    hint: 'It is given as http://host:port. NO_PROXY lists the hosts that need none.',
  });
}

async function fetchThrough({ http = '', https = '', exceptions }: Proxies): Promise<typeof fetch> {
  const client = await import('./node-proxy-client.js');
  const proxy = new client.EnvHttpProxyAgent({
    httpProxy: http,
    httpsProxy: https,
    noProxy: exceptions,
    proxyTunnel: false, // of HTTP; of HTTPS always
  });
  const direct = new client.Agent();
  // What is for http alone would serve https, too.
  const dispatcher = proxy.compose((dispatch) => (request, handler) => {
    const isDirect = https === '' && String(request.origin).startsWith('https:');
    return isDirect ? direct.dispatch(request, handler) : dispatch(request, handler);
  });
  const through: unknown = (url: string, init: Parameters<typeof client.fetch>[1]) =>
    client.fetch(url, { ...init, dispatcher });
  return through as typeof fetch; // the built-in one is an older version of the same
}
