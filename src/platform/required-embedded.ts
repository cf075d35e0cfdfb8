/**
 * `listwise/embedded` for `require`. The model is a module, which in Jest can't be imported but by a thread, whose loader
 * is Node's own.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { ModelFiles } from '../checkpoint/files.js';
import { filesInMemory } from '../checkpoint/memory-files.js';

const NAME = 'embedded';

/** Sends the files of the module that it is told. */
const SCRIPT = `
const { parentPort, workerData } = require('node:worker_threads');
import(workerData).then(async ({ embedded }) => {
  const files = new Map();
  for (const name of embedded.names) {
    const source = await embedded.open(name);
    const bytes = new Uint8Array(source.size);
    await source.read(0, bytes);
    files.set(name, bytes);
  }
  parentPort.postMessage(files);
});`;

function readFiles(): Promise<ModelFiles> {
  const module = pathToFileURL(join(__dirname, 'embedded-data.js')).href;
  return new Promise((resolve, reject) => {
    const worker = new Worker(SCRIPT, { eval: true, workerData: module, execArgv: [] });
    worker.on('message', (files: Map<string, Uint8Array>) => resolve(filesInMemory(NAME, files)));
    worker.on('error', reject);
  });
}

let files: Promise<ModelFiles> | undefined;

export const embedded: ModelFiles = {
  name: NAME,
  names: ['config.json', 'model.gguf', 'projector.safetensors', 'tokenizer.json', 'tokenizer_config.json'],
  open: async (name) => {
    files ??= readFiles();
    return (await files).open(name);
  },
};
