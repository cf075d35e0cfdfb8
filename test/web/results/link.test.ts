/** Lists in links: what goes in comes out, and what is no list is told. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fragmentOf, listOf } from '../../../web/results/link.js';

const texts = fc.string({ unit: 'grapheme', maxLength: 100 });

test('any small list comes back from its link', async () => {
  await fc.assert(
    fc.asyncProperty(texts, fc.array(texts, { maxLength: 5 }), async (query, documents) => {
      const fragment = (await fragmentOf({ query, documents }))!;
      expect(fragment).toMatch(/^#list=[dp][\w-]*$/);
      expect(await listOf(fragment)).toEqual({ query, documents });
    }),
  );
});

test('a list that repeats itself gets a short link, one that is too long none', async () => {
  const documents = Array.from({ length: 100 }, (_, i) => `Document ${i} is about photos.`);
  expect((await fragmentOf({ query: 'photos', documents }))!.length).toBeLessThan(1000);
  const random = Array.from({ length: 3000 }, (_, i) => `${Math.sin(i)}`);
  expect(await fragmentOf({ query: 'photos', documents: random })).toBeUndefined();
  expect(await fragmentOf({ query: 'photos', documents: ['x'.repeat(2_000_000)] })).toBeUndefined();
});

test('another fragment is none', async () => {
  expect(await listOf('')).toBeUndefined();
  expect(await listOf('#result')).toBeUndefined();
});

test('a damaged link is an error', async () => {
  const fragment = (await fragmentOf({
    query: 'photos',
    documents: ['a photo, a photo, a photo'.repeat(9)],
  }))!;
  for (const damaged of ['#list=', '#list=x', '#list=p!', '#list=pe30', `${fragment.slice(0, -9)}`]) {
    await expect(listOf(damaged)).rejects.toThrow();
  }
});

test('a link that would unpack to much more than a list is turned away', async () => {
  const zeros = new Blob([`["${'0'.repeat(5_000_000)}"]`]).stream();
  const bytes = await new Response(zeros.pipeThrough(new CompressionStream('deflate-raw'))).arrayBuffer();
  await expect(listOf(`#list=d${Buffer.from(bytes).toString('base64url')}`)).rejects.toThrow('1000000 bytes');
});
