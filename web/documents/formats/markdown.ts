/** Markdown, as far as passages want to know it: headings, paragraphs, fenced code. */
import type { Paragraph } from '../passages.js';

const HEADING = /^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$/;
const UNDERLINE = /^ {0,3}(=+|-+)\s*$/;
const FENCE = /^ {0,3}(```|~~~)/;

/** The text stays as it was written; only the signs of a heading go. */
export function paragraphsOfMarkdown(text: string): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let lines: string[] = [];
  let fence: string | undefined;
  const end = (heading = false) => {
    if (lines.length > 0) paragraphs.push({ text: lines.join('\n'), heading });
    lines = [];
  };
  for (const line of text.split(/\r?\n/)) {
    const mark = FENCE.exec(line)?.[1];
    if (fence !== undefined || mark !== undefined) {
      lines.push(line);
      if (fence === undefined) fence = mark;
      else if (mark === fence) fence = undefined;
      continue;
    }
    const heading = HEADING.exec(line)?.[1];
    if (heading !== undefined) {
      end();
      paragraphs.push({ text: heading, heading: true });
    } else if (UNDERLINE.test(line) && lines.length === 1) end(true);
    else if (line.trim() === '') end();
    else lines.push(line);
  }
  end();
  return paragraphs;
}
