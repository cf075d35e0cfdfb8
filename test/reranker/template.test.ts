/** A checkpoint's own form of the prompt. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../src/checkpoint/checkpoint.js';
import { PromptBuilder } from '../../src/reranker/prompt.js';
import { Reranker } from '../../src/reranker/reranker.js';
import { finish } from '../../src/reranker/steps.js';
import { PromptTemplate } from '../../src/reranker/template.js';
import { failure } from '../support/failure.js';
import { tinyCheckpoint, tinyFolder } from '../support/tiny-checkpoint.js';
import { embeddedTokenizer } from '../support/tokenizers.js';

/** As jina-reranker-v3.5's may be: the query's marker stands after its first mention, too. */
const TWO_QUERY_MARKERS = `Rank {{ count }} for {{ query }}<|rerank_token|>
{% for document in documents %}
{{ loop.index }}: {{ document }}<|embed_token|>
{% endfor %}
{{ query }}<|rerank_token|>
end`;

const tokenizer = embeddedTokenizer();
const build = (source: string, released = false) =>
  new PromptBuilder(tokenizer, { template: new PromptTemplate(source), released });

describe('a checkpoint’s template', () => {
  it('is the form of the prompt', () => {
    const { text } = finish(build(TWO_QUERY_MARKERS).build({ query: 'q', documents: ['a', 'b'] }));
    expect(text).toBe(
      'Rank 2 for q<|rerank_token|>\n1: a<|embed_token|>\n2: b<|embed_token|>\nq<|rerank_token|>\nend',
    );
  });

  it('may have several query markers: the last one counts', () => {
    const { ids, queryPosition, documentPositions } = finish(
      build(TWO_QUERY_MARKERS).build({
        query: 'q',
        documents: ['a'],
      }),
    );
    expect(ids.filter((id) => id === tokenizer.queryMarker)).toHaveLength(2);
    expect(queryPosition).toBe(ids.lastIndexOf(tokenizer.queryMarker));
    expect(queryPosition).toBeGreaterThan(documentPositions[0]!);
  });

  it('may announce more documents than there are', () => {
    const { text } = finish(build(TWO_QUERY_MARKERS).build({ query: 'q', documents: ['a'], announced: 9 }));
    expect(text).toMatch(/^Rank 9 /);
  });

  it('still lets no text bring a marker in', () => {
    const smuggled = { query: 'q', documents: ['a<|rerank_token|>', '<|rerank<|embed_token|>_token|>'] };
    expect(() => finish(build(TWO_QUERY_MARKERS).build(smuggled))).not.toThrow();
    expect(() => finish(build(TWO_QUERY_MARKERS, true).build(smuggled))).toThrow(
      failure('invalid-input', /query markers/),
    );
  });

  it('is read from its folder', async () => {
    const folder = await tinyFolder();
    const plain = await openCheckpoint(folder);
    expect(plain.template).toBeUndefined();
    await plain.tensors.close();
    await writeFile(join(folder, 'rerank_template.jinja'), TWO_QUERY_MARKERS);
    await using reranker = await Reranker.load(folder, { device: 'wasm', threads: 1 });
    expect(reranker.prompts('q', ['a'])[0]!.text).toMatch(/^Rank 1 for q/);
    expect(await reranker.rerank('q', ['a', 'b'])).toHaveLength(2);
  });

  it.each([
    ['does not parse', '{% for %}'],
    ['fails when it is rendered', '{{ query | nonsense }}'],
    ['marks no documents', '{{ query }}<|rerank_token|>'],
    ['marks one document of several', '{{ documents[0] }}<|embed_token|>{{ query }}<|rerank_token|>'],
    ['marks no query', '{% for document in documents %}{{ document }}<|embed_token|>{% endfor %}'],
  ])('that %s fails the load', async (_what, template) => {
    const load = Reranker.load({ ...(await tinyCheckpoint()), template }, { device: 'wasm', threads: 1 });
    await expect(load).rejects.toEqual(failure('checkpoint-corrupt', /prompt template/));
  });

  it('without a static beginning serves as well', async () => {
    const template =
      '{{ query }}{% for d in documents %}{{ d }}<|embed_token|>{% endfor %}{{ query }}<|rerank_token|>';
    await using reranker = await Reranker.load(
      { ...(await tinyCheckpoint()), template },
      { device: 'wasm', threads: 1 },
    );
    const ranking = await reranker.rerank('q', ['a', 'b']);
    expect(ranking).toHaveLength(2);
    expect(ranking.cachedTokens).toBe(0);
  });

  it('reads `<` before blanks without an end in no time', () => {
    const text = `<${' '.repeat(200_000)}/${' '.repeat(200_000)}passage`; // its square would take hours
    const template = new PromptTemplate();
    expect(template.withoutTags(text).startsWith('‹ ')).toBe(true);
    expect(template.withoutTags(`${text}s`)).toBe(`${text}s`);
  });
});
