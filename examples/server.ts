/** The HTTP application inside a program of one's own, asked as Cohere's API is. */
import { serve } from '@hono/node-server';
import { Reranker } from 'listwise';
import { createServer } from 'listwise/server';

await using reranker = await Reranker.load();
const server = createServer(reranker, {
  keys: ['secret'],
  names: ['rerank-v3.5'],
  onRequest: ({ api, status, documents }) => console.log(api, status, documents),
});
const http = serve({ fetch: server.fetch, hostname: '127.0.0.1', port: 0 }, async ({ port }) => {
  const response = await fetch(`http://127.0.0.1:${port}/v2/rerank`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer secret' },
    body: JSON.stringify({
      model: 'rerank-v3.5',
      query: 'edit photos',
      documents: ['A chess engine without a board.', 'Retouch photographs and compose pictures.'],
      top_n: 1,
    }),
  });
  const { results } = (await response.json()) as { results: { index: number }[] };
  console.log(results[0]?.index);
  await server.close();
  http.close();
});
await new Promise((resolve) => http.once('close', resolve));

// Prints:
// cohere 200 2
// 1
