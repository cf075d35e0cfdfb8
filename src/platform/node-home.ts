/** The user's own folder in paths, as a shell writes it. */
import { homedir } from 'node:os';

/** The path, and the home folder for a `~` that is its first name: in `--model=~/models` no shell replaces it. */
export function withHome(path: string): string {
  return path.replace(/^~(?=$|[\\/])/, homedir());
}
