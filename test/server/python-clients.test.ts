/** Programs in Python that call a rerank API today, pointed at a server here. They are tested where they are installed. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reranker } from '../../src/reranker/reranker.js';
import { PYTHON, pythonLacks, runPython } from '../support/python.js';
import { DOCUMENTS, loadEmbedded, QUERY } from '../support/requests.js';
import { listening } from '../support/server.js';

const SCRIPT = fileURLToPath(new URL('rerank.py', import.meta.url));

type Read = [index: number, score: number, text: string | null];

let reranker: Reranker;
let best: Read[];
beforeAll(async () => {
  reranker = await loadEmbedded();
  const ranking = await reranker.rerank(QUERY, DOCUMENTS, { topN: 2 });
  best = ranking.map(({ index, relevanceScore, document }) => [index, relevanceScore, document]);
});
afterAll(() => reranker.dispose());

/** What each client of a package read. */
async function readBy(client: string): Promise<Map<string, Read[]>> {
  const { url } = await listening(reranker);
  const environment = { LITELLM_LOCAL_MODEL_COST_MAP: 'True' }; // and asks nobody for prices
  const { code, stdout, stderr } = await runPython(
    [SCRIPT, url, client, QUERY, JSON.stringify(DOCUMENTS)],
    environment,
  );
  expect(code, stderr).toBe(0);
  const lines = stdout.split('\n').filter((line) => line.startsWith('['));
  return new Map(lines.map((line) => JSON.parse(line)));
}

describe('in Python', () => {
  it('LiteLLM gets rankings through each of five providers', async ({ skip }) => {
    skip(await pythonLacks('litellm'), `${PYTHON} has no litellm`);
    const read = await readBy('litellm');
    const shares = best.map(([index, score, text]) => [index, (1 + score) / 2, text]);
    expect(Object.fromEntries(read)).toEqual({
      cohere: best,
      jina_ai: best,
      huggingface: shares,
      hosted_vllm: best,
      infinity: shares,
    });
  });

  it('LangChain gets one through its reranker for Cohere, as it is by default', async ({ skip }) => {
    skip(await pythonLacks('langchain_cohere'), `${PYTHON} has no langchain_cohere`);
    const read = await readBy('langchain_cohere');
    expect(read.get('langchain')).toEqual(best.map(([index, score]) => [index, score, null]));
  });
});
