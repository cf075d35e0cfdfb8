/** Writes small PDFs for tests: a page for each list of lines. A page without lines shows a square, and holds no text. */

interface PdfFont {
  /** What follows /Type /Font. */
  readonly dictionary: string;
  /** A line as an operand. */
  readonly encode: (line: string) => string;
}

const HELVETICA: PdfFont = {
  dictionary: '/Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding',
  encode: (line) => `(${line.replaceAll(/[\\()]/g, '\\$&')})`,
};

/** A font that is not in the file, whose text only a reader with Adobe's maps of characters knows. */
export const JAPANESE: PdfFont = {
  dictionary:
    '/Subtype /Type0 /BaseFont /HeiseiMin-W3 /Encoding /UniJIS-UCS2-H /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiMin-W3 /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> /FontDescriptor << /Type /FontDescriptor /FontName /HeiseiMin-W3 /Flags 6 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 850 /Descent -150 /CapHeight 700 /StemV 80 >> >>]',
  encode: (line) => `<${Buffer.from(line, 'utf16le').swap16().toString('hex')}>`,
};

export function pdfOf(pages: readonly (readonly string[])[], font = HELVETICA): Uint8Array {
  const kids = pages.map((_, i) => `${4 + 2 * i} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    `<< /Type /Font ${font.dictionary} >>`,
    ...pages.flatMap((lines, i) => {
      const shown = lines.map((line) => `${font.encode(line)} Tj T*`).join('\n');
      const content = lines.length > 0 ? `BT /F1 12 Tf 14 TL 72 720 Td\n${shown}\nET` : '72 72 200 200 re f';
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${5 + 2 * i} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
        `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
      ];
    }),
  ];
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const offset = file.length;
    file += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  file += `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
  return Uint8Array.from(file, (character) => character.charCodeAt(0));
}
