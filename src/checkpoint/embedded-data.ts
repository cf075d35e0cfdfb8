/** The files of the model that ships with the package, inside this module. Built once for all bundles. */
import config from '../../weights/config.json?binary';
import model from '../../weights/model.gguf?binary';
import projector from '../../weights/projector.safetensors?binary';
import tokenizer from '../../weights/tokenizer.json?binary';
import tokenizerConfig from '../../weights/tokenizer_config.json?binary';

export const files: ReadonlyMap<string, Uint8Array> = new Map([
  ['config.json', config],
  ['model.gguf', model],
  ['projector.safetensors', projector],
  ['tokenizer.json', tokenizer],
  ['tokenizer_config.json', tokenizerConfig],
]);
