/** Where a passage is from, in words: "report.pdf, page 3". */
import { t } from '../languages/language.js';
import type { Passage } from './passage.js';

export function sourceOf({ file, place }: Passage): string {
  return [file, place && t().place(place)].filter((part) => part !== undefined).join(', ');
}
