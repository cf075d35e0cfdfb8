import type { ModelFiles } from './files.js';
import { MemorySource } from './memory-source.js';

/** A model whose files are in memory, by their names: config.json, model.safetensors … */
export function filesInMemory(name: string, files: ReadonlyMap<string, Uint8Array>): ModelFiles {
  return {
    name,
    names: [...files.keys()],
    open: async (file) => new MemorySource(`${name}/${file}`, files.get(file)!),
  };
}
