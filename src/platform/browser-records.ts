/** Small texts kept between visits, in browsers: beside what is downloaded. */
import { openStorage } from './browser-storage.js';

const FOLDER = 'records';

/** Undefined where there is none. */
export async function readRecord(name: string): Promise<string | undefined> {
  const storage = await openStorage(() => {});
  return (await storage.get(`${FOLDER}/${name}`))?.text();
}

/** Where the browser keeps nothing for a page, it is kept as long as the page. */
export async function writeRecord(name: string, text: string): Promise<void> {
  const storage = await openStorage(() => {});
  await storage.put(`${FOLDER}/${name}`, new TextEncoder().encode(text));
}
