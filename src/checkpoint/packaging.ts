/** The files that hold a model's tensors, by their names in a folder or in a repository. */
import { isGguf, partNames } from './gguf/parts.js';

export const WHOLE_FILE = 'model.safetensors';
export const INDEX_FILE = 'model.safetensors.index.json';
export const PROJECTOR_FILE = 'projector.safetensors';

/**
 * The GGUF files that may be the model, since no safetensors hold its backbone: neither whole nor in shards, of which
 * an index by itself is none. A model in parts is named by its first, be it there or not.
 */
export function ggufModels(names: readonly string[]): string[] {
  const isTensors = (name: string) => name.endsWith('.safetensors') && name !== PROJECTOR_FILE;
  const hasShards = names.includes(INDEX_FILE) && names.some(isTensors);
  if (names.includes(WHOLE_FILE) || hasShards) return [];
  return [...new Set(names.filter(isGguf).map((name) => partNames(name)[0]!))].sort();
}
