/** API keys: whoever has one may ask. */
import type { MiddlewareHandler } from 'hono';
import { timingSafeEqual } from 'hono/utils/buffer';
import { Refusal } from './failure.js';

const BEARER = /^Bearer +(\S+) *$/i;

/** Refuses requests without one of the keys in `Authorization: Bearer …`. Without keys everybody may ask. */
export function requireKey(keys: readonly string[]): MiddlewareHandler {
  return async (context, next) => {
    if (keys.length > 0) {
      const given = BEARER.exec(context.req.header('authorization') ?? '')?.[1];
      if (given === undefined) {
        throw new Refusal('unauthorized', 'An API key is missing: send "Authorization: Bearer KEY".');
      }
      // All are compared, whichever fits, each in a time that tells nothing of how much of it was right.
      const fits = await Promise.all(keys.map((key) => timingSafeEqual(key, given)));
      if (!fits.includes(true)) throw new Refusal('unauthorized', 'The API key is not one of this server’s.');
    }
    await next();
  };
}
