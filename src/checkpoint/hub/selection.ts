/** Which files of a repository make a model. */
import { ListwiseError } from '../../error.js';
import { ggufFiles, INDEX_FILE, PROJECTOR_FILE, WHOLE_FILE } from '../packaging.js';

const REQUIRED = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];

/** Files in folders, such as another framework's weights, are not looked at. */
const PLAIN = /^\w[\w.-]*$/;

/** The small files beside the weights, the index of the shards among them where they are the weights. */
export function smallFiles(names: readonly string[], file: string | undefined): string[] {
  const inShards = file === undefined && !names.includes(WHOLE_FILE);
  const small = (name: string) =>
    REQUIRED.includes(name) || name.endsWith('.jinja') || (name === INDEX_FILE && inShards);
  return plain(names).filter(small);
}

/**
 * The files with tensors, and a projector: the named one; else the whole one; else the shards that the index names, when
 * there is one; else all in safetensors. Whether that makes a checkpoint is for its reader to say.
 */
export function weightFiles(
  names: readonly string[],
  file: string | undefined,
  index: string | undefined,
): string[] {
  const single = file ?? (names.includes(WHOLE_FILE) ? WHOLE_FILE : undefined);
  const shards = index === undefined ? undefined : shardsIn(index);
  return plain(names).filter((name) => {
    if (single !== undefined) return name === single || name === PROJECTOR_FILE;
    return name.endsWith('.safetensors') && (!shards || shards.has(name) || name === PROJECTOR_FILE);
  });
}

/** The GGUF file that is the model where none was named, and there is no other. */
export function onlyGguf(names: readonly string[]): string | undefined {
  const files = ggufFiles(plain(names));
  return files.length === 1 ? files[0] : undefined;
}

/** Throws `checkpoint-not-found` when the repository has no such file, or has several models and none was named. */
export function checkPackaging(names: readonly string[], repository: string, file: string | undefined): void {
  if (file === undefined) {
    const models = ggufFiles(plain(names));
    if (models.length <= 1) return;
    throw new ListwiseError(
      'checkpoint-not-found',
      `${repository} has several models: ${models.join(', ')}.`,
      { hint: `Name one of them, as in ${repository}/${models[0]}.` },
    );
  }
  if (names.includes(file)) return;
  const models = plain(names).filter((name) => name.endsWith('.gguf'));
  throw new ListwiseError('checkpoint-not-found', `There is no ${file} in ${repository}.`, {
    hint: `Its .gguf files: ${models.length > 0 ? models.join(', ') : 'none'}.`,
  });
}

/** Whether the files that are here, of a repository whose list of files is not, can be a whole model. */
export function looksWhole(
  names: readonly string[],
  file: string | undefined,
  index: string | undefined,
): boolean {
  if (file !== undefined) return names.includes(file);
  const inShards = index !== undefined && !names.includes(WHOLE_FILE);
  const weights = inShards ? [...shardsIn(index)] : [WHOLE_FILE];
  return [...REQUIRED, ...weights].every((name) => names.includes(name));
}

function plain(names: readonly string[]): string[] {
  return names.filter((name) => PLAIN.test(name));
}

/** An index that can't be understood names none here; the checkpoint's reader says what is wrong with it. */
function shardsIn(index: string): Set<string> {
  try {
    return new Set(Object.values(JSON.parse(index).weight_map as Record<string, string>));
  } catch {
    return new Set();
  }
}
