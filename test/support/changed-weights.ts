/** The embedded model in a folder, with one of its tensors changed: loads, ranks, and is wrong. */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const WEIGHTS = new URL('../../weights/', import.meta.url);

/** Writes a copy of the checkpoint into `folder`; the named tensor's values are swapped end for end. */
export async function writeChangedWeights(folder: string, tensor: string): Promise<void> {
  for (const file of ['config.json', 'tokenizer.json', 'tokenizer_config.json']) {
    await copyFile(new URL(file, WEIGHTS), join(folder, file));
  }
  const bytes = new Uint8Array(await readFile(new URL('model.safetensors', WEIGHTS)));
  const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)));
  const [start, end] = header[tensor].data_offsets;
  new Uint16Array(bytes.slice(8 + headerLength + start, 8 + headerLength + end).buffer)
    .reverse()
    .forEach((value, i) => {
      new DataView(bytes.buffer).setUint16(8 + headerLength + start + 2 * i, value, true);
    });
  await writeFile(join(folder, 'model.safetensors'), bytes);
}
