/** The model that ships with the package. Its data is loaded only when it is asked for. */
import { type Checkpoint, parseJson } from './checkpoint.js';
import { MemorySource } from './memory-source.js';
import { SafetensorsStore } from './tensors.js';

export async function openEmbedded(): Promise<Checkpoint> {
  const { config, tokenizer, tokenizerConfig, weights } = await import('./embedded-data.js');
  return {
    name: 'embedded',
    config: parseJson(config, 'the embedded config.json'),
    tokenizer: parseJson(tokenizer, 'the embedded tokenizer.json'),
    tokenizerConfig: parseJson(tokenizerConfig, 'the embedded tokenizer_config.json'),
    tensors: await SafetensorsStore.open([new MemorySource('the embedded model.safetensors', weights)]),
  };
}
