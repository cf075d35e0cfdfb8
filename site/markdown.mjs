/** What a Markdown text links to, and what in it can be linked to. */
import MarkdownIt from 'markdown-it';

const markdown = new MarkdownIt();

/**
 * The anchor of a heading, as code hosts make it.
 *
 * @param {string} heading without markup
 */
export function anchorOf(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\s-]/gu, '')
    .replaceAll(/\s/g, '-');
}

/** @param {string} text */
export function headingsOf(text) {
  const tokens = markdown.parse(text, {});
  return tokens.flatMap(({ type, tag }, i) =>
    type === 'heading_open' ? [{ level: Number(tag.slice(1)), text: plainText(tokens[i + 1]) }] : [],
  );
}

/**
 * All anchors of a text. Of headings that read the same the later ones are numbered.
 *
 * @param {string} text
 */
export function anchorsOf(text) {
  const anchors = new Set();
  for (const heading of headingsOf(text)) {
    const anchor = anchorOf(heading.text);
    let unused = anchor;
    for (let i = 1; anchors.has(unused); i++) unused = `${anchor}-${i}`;
    anchors.add(unused);
  }
  return anchors;
}

/**
 * The addresses that a text links to or shows pictures from, those within code left out.
 *
 * @param {string} text
 */
export function linksOf(text) {
  return markdown
    .parse(text, {})
    .flatMap(({ children }) => children ?? [])
    .flatMap((token) => token.attrGet('href') ?? token.attrGet('src') ?? []);
}

function plainText({ children }) {
  return children
    .filter(({ type }) => type === 'text' || type === 'code_inline')
    .map(({ content }) => content)
    .join('');
}
