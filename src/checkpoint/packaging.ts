/** The files that hold a model's tensors, by their names in a folder or in a repository. */

export const WHOLE_FILE = 'model.safetensors';
export const INDEX_FILE = 'model.safetensors.index.json';
export const PROJECTOR_FILE = 'projector.safetensors';

/**
 * The GGUF files that may be the model, since no safetensors hold its backbone: neither whole nor in shards, of which
 * an index by itself is none.
 */
export function ggufFiles(names: readonly string[]): string[] {
  const isTensors = (name: string) => name.endsWith('.safetensors') && name !== PROJECTOR_FILE;
  const hasShards = names.includes(INDEX_FILE) && names.some(isTensors);
  if (names.includes(WHOLE_FILE) || hasShards) return [];
  return names.filter((name) => name.endsWith('.gguf')).sort();
}
