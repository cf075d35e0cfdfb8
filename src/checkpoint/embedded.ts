/** The model that ships with the package. Imported dynamically: its bytes are text inside this module. */
import config from '../../weights/config.json?raw';
import weights from '../../weights/model.safetensors?binary';
import tokenizer from '../../weights/tokenizer.json?raw';
import tokenizerConfig from '../../weights/tokenizer_config.json?raw';
import { type Checkpoint, parseJson } from './checkpoint.js';
import { MemorySource } from './source.js';
import { SafetensorsStore } from './tensors.js';

export async function openEmbedded(): Promise<Checkpoint> {
  return {
    name: 'embedded',
    config: parseJson(config, 'the embedded config.json'),
    tokenizer: parseJson(tokenizer, 'the embedded tokenizer.json'),
    tokenizerConfig: parseJson(tokenizerConfig, 'the embedded tokenizer_config.json'),
    tensors: await SafetensorsStore.open([new MemorySource('the embedded model.safetensors', weights)]),
  };
}
