/**
 * `listwise/embedded`: the files of the model that ships with the package, inside this module. Built once for all
 * bundles. `Reranker.load()` imports it by itself, but where nothing can be imported later: in service workers.
 */
import config from '../../weights/config.json?binary';
import model from '../../weights/model.gguf?binary';
import projector from '../../weights/projector.safetensors?binary';
import tokenizer from '../../weights/tokenizer.json?binary';
import tokenizerConfig from '../../weights/tokenizer_config.json?binary';
import type { ModelFiles } from './files.js';
import { filesInMemory } from './memory-files.js';

/** The embedded model, for `Reranker.load`. */
export const embedded: ModelFiles = filesInMemory(
  'embedded',
  new Map([
    ['config.json', config],
    ['model.gguf', model],
    ['projector.safetensors', projector],
    ['tokenizer.json', tokenizer],
    ['tokenizer_config.json', tokenizerConfig],
  ]),
);
