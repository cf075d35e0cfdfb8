/** Whom the page may talk to. It stands in the page itself, so that it holds on every web host. */

/** The hub, and the hosts to which it redirects for large files. */
const HUB = ['https://huggingface.co', 'https://*.huggingface.co', 'https://*.hf.co'];

/**
 * "Everything stays on this machine" is the browser's to enforce: the page may talk to its server and to the hub, from
 * which models come, and to nobody else. `mirror`, where there is one, takes the hub's place: addresses of it and of the
 * hosts to which it redirects.
 *
 * @param {readonly string[]} mirror
 * @returns {Record<string, string>} by directive
 */
export function contentPolicy(mirror) {
  const hub = mirror.length > 0 ? mirror.map((address) => new URL(address).origin) : HUB;
  return {
    'default-src': "'self'",
    'script-src': "'self' 'wasm-unsafe-eval'",
    'worker-src': "'self' blob:",
    'connect-src': `'self' ${hub.join(' ')}`,
    'form-action': "'none'",
    'base-uri': "'none'",
  };
}

/** That of a page whose models come from the hub. */
export const POLICY = contentPolicy([]);

/** @param {Record<string, string>} policy */
export function policyText(policy) {
  return Object.entries(policy)
    .map((directive) => directive.join(' '))
    .join('; ');
}
