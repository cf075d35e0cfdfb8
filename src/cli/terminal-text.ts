/** Text from outside on a terminal: made harmless, and as wide as there is room. */

const GRAPHEMES = new Intl.Segmenter();

/** Graphemes that take two columns: East Asian wide and full-width characters, and emoji. */
const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}|\uFE0F/u;

/** Graphemes that take none: marks and joiners with nothing to stand on. */
const WITHOUT_WIDTH = /^[\p{Mark}\p{Format}]+$/u;

/**
 * Text in which control characters, which could move the cursor or recolour the screen, and bidi controls, which
 * could reorder the line, are replaced by U+FFFD. Line feeds and tabs stay.
 */
export function harmless(text: string): string {
  return text.replace(/(?![\n\t])[\p{Control}\p{Bidi_Control}]/gu, '\uFFFD');
}

/** The same on a single line: every run of white space is one blank. */
export function oneLine(text: string): string {
  return harmless(text.replace(/\s+/gu, ' ').trim());
}

/** Cuts one line of text to so many columns of a terminal, between graphemes; an ellipsis shows the cut. */
export function cutToWidth(text: string, columns: number): string {
  let width = 0;
  let fitting = 0; // UTF-16 units that leave room for the ellipsis
  for (const { segment, index } of GRAPHEMES.segment(text)) {
    width += widthOf(segment);
    if (width > columns) return `${text.slice(0, fitting)}…`;
    if (width < columns) fitting = index + segment.length;
  }
  return text;
}

function widthOf(grapheme: string): number {
  if (WITHOUT_WIDTH.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}
