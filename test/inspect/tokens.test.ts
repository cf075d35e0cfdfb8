/** What the tokens of a prompt belong to. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blocksOf, tokensOf } from '../../src/inspect/tokens.js';
import { PromptBuilder } from '../../src/reranker/prompt.js';
import { finish } from '../../src/reranker/steps.js';
import { hostileText, reproducible } from '../support/hostile-text.js';
import { embeddedTokenizer } from '../support/tokenizers.js';

const tokenizer = embeddedTokenizer();
const builder = new PromptBuilder(tokenizer);

/** The text of the tokens of a kind that users' texts brought. */
function textOf(
  tokens: ReturnType<typeof tokensOf>,
  belongs: (part: (typeof tokens)[number]['part']) => boolean,
) {
  return tokenizer.decode(
    tokens.filter(({ part, fromUser }) => fromUser && belongs(part)).map(({ id }) => id),
  );
}

test('query, instruction and documents have the tokens of their texts', () => {
  const prompt = finish(
    builder.build({
      query: 'a red fox',
      documents: ['one hat', 'two coats'],
      instruction: 'be kind',
    }),
  );
  const tokens = tokensOf(prompt, tokenizer);
  expect(tokens.map(({ id }) => id)).toEqual(prompt.ids.slice(0, prompt.queryPosition + 1));
  const plain = (text: string) => tokenizer.decode(tokenizer.encodePlain(text)).trim();
  expect(textOf(tokens, ({ kind }) => kind === 'instruction').trim()).toBe(plain('be kind'));
  expect(textOf(tokens, (part) => part.kind === 'document' && part.document === 1).trim()).toBe(
    plain('two coats'),
  );
  const asked = textOf(tokens, ({ kind }) => kind === 'query');
  expect(asked.split(plain('a red fox'))).toHaveLength(3); // in the header and at the end
  expect(blocksOf(tokens).names).toEqual([
    'head',
    'query',
    'instruction',
    'document 0',
    'document 1',
    'closing',
  ]);
});

test('every token belongs to one part, in the order of the prompt, whatever the texts', () => {
  fc.assert(
    fc.property(hostileText, hostileText, (query, text) => {
      const prompt = finish(builder.build({ query, documents: [text, 'x', text] }));
      const tokens = tokensOf(prompt, tokenizer);
      expect(tokens).toHaveLength(prompt.queryPosition + 1);
      const { of, names } = blocksOf(tokens);
      expect(of.every((block) => block >= 0 && block < names.length)).toBe(true);
      const documents = tokens.flatMap(({ part }) => (part.kind === 'document' ? [part.document] : []));
      expect(documents).toEqual([...documents].sort());
      expect(tokens.filter(({ part }) => part.kind === 'marker')).toHaveLength(4);
    }),
    reproducible,
  );
});
