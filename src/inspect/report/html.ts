/** A report: one file of HTML that needs nothing else. */
import { VERSION } from '../../version.js';
import type { TraceSummary } from '../summary.js';
import styles from './inside.css?raw';
import script from './main.ts?script';
import pageStyles from './report.css?raw';

/** The report of `listwise inspect`: a whole HTML document that needs no network. */
export function reportHtml(trace: TraceSummary): string {
  const { query, documents, tokens, model, dtype, device, layers, heads } = trace;
  const facts = [
    `${documents.length} ${documents.length === 1 ? 'document' : 'documents'}, ${tokens} tokens`,
    `${model} model, ${dtype}, on ${device}`,
    `${layers} layers of ${heads} heads`,
    `listwise ${VERSION}`,
  ].join(' · ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(query)} · listwise</title>
<style>
${pageStyles}
${styles}
</style>
</head>
<body>
<header>
<h1 dir="auto">${escaped(query)}</h1>
<p>${escaped(facts)}</p>
</header>
<main id="inside"><p>The pictures are drawn by a script, which is switched off here.</p></main>
<script id="trace" type="application/json">${JSON.stringify(trace).replaceAll('<', '\\u003c')}</script>
<script>${script.replaceAll('</script', '<\\/script')}</script>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
