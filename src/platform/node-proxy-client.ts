/** Node's own client of HTTP once more, since the built-in one can't be told to go through a proxy. It is large. */
export { Agent, EnvHttpProxyAgent, fetch } from 'undici';
