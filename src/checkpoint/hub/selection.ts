/** Which files of a repository make a model. */
import { ListwiseError } from '../../error.js';
import { isGguf, partNames } from '../gguf/parts.js';
import { ggufModels, INDEX_FILE, PROJECTOR_FILE, WHOLE_FILE } from '../packaging.js';

const REQUIRED = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];

/** Files in folders, such as another framework's weights, are not looked at. */
const PLAIN = /^\w[\w.-]*$/;

/** The small files beside the weights, the index of the shards among them where they are the weights. */
export function smallFiles(names: readonly string[], file: string | undefined): string[] {
  const inShards = file === undefined && !names.includes(WHOLE_FILE);
  const small = (name: string) =>
    REQUIRED.includes(name) || name.endsWith('.jinja') || (name === INDEX_FILE && inShards);
  return plainOf(names).filter(small);
}

/**
 * The files with tensors, and a projector: the named one with its other parts; else the whole one; else the shards that
 * the index names, when there is one; else all in safetensors. Whether that makes a checkpoint is for its reader to say.
 */
export function weightFiles(
  names: readonly string[],
  file: string | undefined,
  index: string | undefined,
): string[] {
  const plain = plainOf(names);
  const among = (chosen: readonly string[]) =>
    plain.filter((name) => chosen.includes(name) || name === PROJECTOR_FILE);
  if (file !== undefined) return among(partNames(file));
  if (names.includes(WHOLE_FILE)) return among([WHOLE_FILE]);
  const tensors = plain.filter((name) => name.endsWith('.safetensors'));
  return index === undefined ? tensors : among(shardsIn(index));
}

/** The GGUF model, by its file or its first part, where none was named and there is no other. */
export function onlyGguf(names: readonly string[]): string | undefined {
  const models = ggufModels(plainOf(names));
  return models.length === 1 ? models[0] : undefined;
}

/** Throws `checkpoint-not-found` when the repository has no such file, or has several models and none was named. */
export function checkPackaging(names: readonly string[], repository: string, file: string | undefined): void {
  if (file === undefined) {
    const models = ggufModels(plainOf(names));
    if (models.length <= 1) return;
    throw new ListwiseError(
      'checkpoint-not-found',
      `${repository} has several models: ${models.join(', ')}.`,
      { hint: `Name one of them, as in ${repository}/${models[0]}.` },
    );
  }
  if (names.includes(file)) return;
  const others = plainOf(names).filter(isGguf);
  throw new ListwiseError('checkpoint-not-found', `There is no ${file} in ${repository}.`, {
    hint: `Its .gguf files: ${others.length > 0 ? others.join(', ') : 'none'}.`,
  });
}

/** Whether the files that are here, of a repository whose list of files is not, can be a whole model. */
export function looksWhole(
  names: readonly string[],
  file: string | undefined,
  index: string | undefined,
): boolean {
  if (file !== undefined) return partNames(file).every((part) => names.includes(part));
  const inShards = index !== undefined && !names.includes(WHOLE_FILE);
  const weights = inShards ? shardsIn(index) : [WHOLE_FILE];
  return [...REQUIRED, ...weights].every((name) => names.includes(name));
}

function plainOf(names: readonly string[]): string[] {
  return names.filter((name) => PLAIN.test(name));
}

/** An index that can't be understood names none here; the checkpoint's reader says what is wrong with it. */
function shardsIn(index: string): string[] {
  try {
    return [...new Set(Object.values(JSON.parse(index).weight_map as Record<string, string>))];
  } catch {
    return [];
  }
}
