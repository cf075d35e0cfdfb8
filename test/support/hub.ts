import { onTestFinished } from 'vitest';
import { type HubServer, openHub, type Repository } from './hub-server.js';

/** A hub on this machine that ends with the test. */
export async function startHub(repositories: Readonly<Record<string, Repository>>): Promise<HubServer> {
  const hub = await openHub(repositories);
  onTestFinished(hub.close);
  return hub;
}
