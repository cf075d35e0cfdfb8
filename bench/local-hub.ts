/** Folders as repositories of a hub on this machine: the one that the tests use. */
import { readdir, readFile } from 'node:fs/promises';
import { type HubServer, openHub, type Repository, repositoryOf } from '../test/support/hub-server.js';

/** Everything is read into memory first. */
export async function serveFolders(folders: Readonly<Record<string, string>>): Promise<HubServer> {
  const repositories: Record<string, Repository> = {};
  for (const [name, folder] of Object.entries(folders)) {
    const files: Record<string, Uint8Array> = {};
    for (const file of await readdir(folder)) files[file] = await readFile(`${folder}/${file}`);
    repositories[name] = repositoryOf(files);
  }
  return openHub(repositories);
}
