/** The model that ships with the package. Its data is loaded only when it is asked for. */
import { type Checkpoint, parseJson } from './checkpoint.js';
import { MemorySource } from './memory-source.js';
import { openSafetensors } from './safetensors.js';

export async function openEmbedded(): Promise<Checkpoint> {
  const { config, tokenizer, tokenizerConfig, weights } = await import('./embedded-data.js');
  return {
    name: 'embedded',
    config: parseJson(config, 'the embedded config.json'),
    tokenizer: parseJson(tokenizer, 'the embedded tokenizer.json'),
    tokenizerConfig: parseJson(tokenizerConfig, 'the embedded tokenizer_config.json'),
    tensors: await openSafetensors([new MemorySource('the embedded model.safetensors', weights)]),
  };
}
