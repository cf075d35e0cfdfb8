/** The text of a PDF, page by page. pdf.js comes with the first one. */
import type { TextItem } from 'pdfjs-dist/types/src/display/api.js';
import { t } from '../../languages/language.js';
import { problem } from '../../problem.js';
import type { Paragraph } from '../passages.js';

/** A gap between lines of more than this many heights of a line begins a paragraph. */
const PARAGRAPH_GAP = 1.6;

export async function paragraphsOfPdf(bytes: Uint8Array, name: string): Promise<Paragraph[]> {
  const { getDocument, GlobalWorkerOptions } = await import('pdfjs-dist/legacy/build/pdf.mjs');
  GlobalWorkerOptions.workerSrc = new URL('pdf-worker.js', import.meta.url).href;
  const loading = getDocument({
    data: bytes,
    cMapUrl: new URL('cmaps/', import.meta.url).href, // what fonts of China, Japan and Korea are written in
    cMapPacked: true,
    useWasm: false, // pictures are not looked at
  });
  try {
    const pdf = await loading.promise.catch((error: Error) => {
      throw error.name === 'PasswordException'
        ? problem(t().pdfLocked(name), t().pdfLockedHint, error)
        : problem(t().pdfBroken(name), t().pdfBrokenHint, error);
    });
    const paragraphs: Paragraph[] = [];
    for (let number = 1; number <= pdf.numPages; number++) {
      const page = await pdf.getPage(number);
      const { items } = await page.getTextContent();
      const texts = paragraphsOfItems(items.filter((item) => 'str' in item));
      paragraphs.push(...texts.map((text) => ({ text, place: { kind: 'page', number } as const })));
      page.cleanup();
    }
    if (paragraphs.length === 0) throw problem(t().pdfWithoutText(name), t().pdfWithoutTextHint);
    return paragraphs;
  } finally {
    await loading.destroy();
  }
}

/** A PDF knows pieces of lines and where they stand; paragraphs show in the gaps. */
function paragraphsOfItems(items: readonly TextItem[]): string[] {
  let text = '';
  let last: TextItem | undefined;
  for (const item of items) {
    if (item.str.trim() !== '') {
      if (last) {
        const gap = Math.abs(baseline(last) - baseline(item));
        if (gap > PARAGRAPH_GAP * Math.max(item.height, last.height)) text += '\n\n';
      }
      last = item;
    }
    text += item.hasEOL ? `${item.str}\n` : item.str;
  }
  return text
    .split(/\n{2,}/)
    .map((paragraph) => joinLines(paragraph).trim())
    .filter((paragraph) => paragraph !== '');
}

function baseline({ transform }: TextItem): number {
  return transform[5] as number;
}

/** A word that was hyphenated at the end of a line is put together again; scripts without spaces get none. */
function joinLines(paragraph: string): string {
  return paragraph
    .replaceAll(/(\p{Ll})-\n(?=\p{Ll})/gu, '$1')
    .replaceAll(
      /(?<=[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}、。])\n(?=[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}])/gu,
      '',
    )
    .replaceAll(/\s*\n\s*/g, ' ');
}
