/** Which model a command works with, and how the hub is asked for it. */
import type { Command } from 'commander';
import type { HubOptions } from '../checkpoint/hub/options.js';

export interface ModelOptions {
  readonly model?: string;
  readonly revision?: string;
  readonly offline?: true;
}

const MODEL_NOTE = `
A model is a folder with config.json, tokenizer.json, tokenizer_config.json and model.safetensors, a .gguf file with
the rest beside it, or a name on the Hugging Face hub: owner/name, owner/name/file.gguf or the address of its page.
Downloads go where Python's huggingface_hub has its own, and obey HF_HOME, HF_HUB_CACHE, HF_TOKEN, HF_ENDPOINT,
HF_HUB_OFFLINE, HTTP_PROXY, HTTPS_PROXY and NO_PROXY. The weights of jinaai/jina-reranker-v3 are not part of listwise;
Jina AI licenses them under CC BY-NC 4.0. Those of Qwen/Qwen3-Reranker-0.6B are Apache-2.0.`;

export function addModel(command: Command): Command {
  return command
    .option(
      '-m, --model <model>',
      'folder, .gguf file, or name on the Hugging Face hub (default: the embedded model)',
    )
    .option('--revision <name>', 'branch, tag or commit of a model of the hub (default: main)')
    .option('--offline', 'use a model of the hub as it was downloaded before, and ask nobody')
    .addHelpText('after', MODEL_NOTE);
}

/** What is not given is the environment's. */
export function hubOptions({ revision, offline }: ModelOptions): HubOptions {
  return { revision, offline };
}
