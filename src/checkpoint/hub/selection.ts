/** Which files of a repository make a model. */
import { ListwiseError } from '../../error.js';
import { isGguf, partNames } from '../gguf/parts.js';

const REQUIRED = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
export const INDEX = 'model.safetensors.index.json';
const PROJECTOR = 'projector.safetensors';

/** Files in folders, such as another framework's weights, are not looked at. */
const PLAIN = /^\w[\w.-]*$/;

/** The small files beside the weights, the index of the shards among them. */
export function smallFiles(names: Iterable<string>, file: string | undefined): string[] {
  const small = (name: string) =>
    REQUIRED.includes(name) || name.endsWith('.jinja') || (name === INDEX && file === undefined);
  return [...names].filter((name) => PLAIN.test(name) && small(name));
}

/**
 * The files with tensors: the named one with its other parts and its projector; else the shards that the index names, when there is one,
 * and a projector; else all in safetensors. Whether that makes a checkpoint is for its reader to say.
 */
export function weightFiles(
  names: Iterable<string>,
  file: string | undefined,
  index: string | undefined,
): string[] {
  const plain = [...names].filter((name) => PLAIN.test(name));
  if (file !== undefined) {
    const parts = partNames(file);
    return plain.filter((name) => parts.includes(name) || name === PROJECTOR);
  }
  const tensors = plain.filter((name) => name.endsWith('.safetensors'));
  if (index === undefined) return tensors;
  const shards = shardsIn(index);
  return tensors.filter((name) => name === PROJECTOR || shards.has(name));
}

/** Throws `checkpoint-not-found` when the repository has no such file, or has GGUF files and none was named. */
export function checkPackaging(names: Iterable<string>, repository: string, file: string | undefined): void {
  const all = [...names];
  const models = all.filter((name) => PLAIN.test(name) && isGguf(name)).map((name) => partNames(name)[0]!);
  const gguf = [...new Set(models)];
  const list = gguf.length > 0 ? gguf.join(', ') : 'none';
  if (file !== undefined && !all.includes(file)) {
    throw new ListwiseError('checkpoint-not-found', `There is no ${file} in ${repository}.`, {
      hint: `Its .gguf files: ${list}.`,
    });
  }
  if (file === undefined && gguf.length > 0 && !all.some((name) => /^[^/]+\.safetensors$/.test(name))) {
    throw new ListwiseError('checkpoint-not-found', `${repository} has several models: ${list}.`, {
      hint: `Name one of them, as in ${repository}/${gguf[0]}.`,
    });
  }
}

/** Whether the files that are here, of a repository whose list of files is not, can be a whole model. */
export function looksWhole(
  names: readonly string[],
  file: string | undefined,
  index: string | undefined,
): boolean {
  if (file !== undefined) return partNames(file).every((part) => names.includes(part));
  const weights = index === undefined ? ['model.safetensors'] : [...shardsIn(index)];
  return [...REQUIRED, ...weights].every((name) => names.includes(name));
}

/** An index that can't be understood names none here; the checkpoint's reader says what is wrong with it. */
function shardsIn(index: string): Set<string> {
  try {
    return new Set(Object.values(JSON.parse(index).weight_map as Record<string, string>));
  } catch {
    return new Set();
  }
}
