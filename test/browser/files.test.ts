/** Files that become documents: several at once, of every kind, and those that can't be read. */
import { afterAll, expect } from 'vitest';
import { addFiles, chooseFiles, rank, readDocuments } from '../support/page-actions.js';
import { pageTest } from '../support/page-test.js';
import { JAPANESE, pdfOf } from '../support/pdf-writer.js';
import { openSite } from '../support/site.js';

const site = await openSite({ webgpu: false });
afterAll(() => site?.close());

const test = pageTest(site);
test.afterEach(({ visit }) => expect(visit.errors).toEqual([]));

const HTML = `<!doctype html><title>Tea</title><script>document.title = 'run'</script>
<body onload="document.title = 'run'"><nav>Home</nav><main><h1>Tea</h1><p>Brew <b>green</b>
tea.<img src="/tea.png" onerror="document.title = 'run'"></p><ul><li>Wait</li></ul><h2>Chess</h2>Play it.</main>
<footer>Imprint</footer>`;

test('several files at once become documents that know their place, beside what was typed', async ({
  page,
  visit,
}) => {
  await page.fill('#documents', 'Typed by hand.');
  await addFiles(
    page,
    { name: 'report.pdf', content: pdfOf([['Photos are edited', 'on page one.'], ['Tea is on page two.']]) },
    { name: 'notes.md', content: '# Photos\n\nEdit them.\n\n# Tea\n\nBrew it.' },
    { name: 'page.html', content: HTML },
  );
  expect(await page.textContent('#status')).toBe('Took 6 documents from report.pdf, notes.md, page.html.');
  expect(await page.textContent('#count')).toBe('7 documents');
  expect(await readDocuments(page)).toEqual([
    { text: 'Typed by hand.', source: '' },
    { text: 'Photos are edited on page one.', source: 'report.pdf, page 1' },
    { text: 'Tea is on page two.', source: 'report.pdf, page 2' },
    { text: 'Photos\nEdit them.', source: 'notes.md, “Photos”' },
    { text: 'Tea\nBrew it.', source: 'notes.md, “Tea”' },
    { text: 'Tea\nBrew green tea.\nWait', source: 'page.html, “Tea”' },
    { text: 'Chess\nPlay it.', source: 'page.html, “Chess”' },
  ]);
  expect(await page.title()).toBe('listwise'); // nothing of the file was run
  expect(visit.requests.filter((url) => url.includes('tea.png'))).toEqual([]);

  await rank(page);
  expect(await page.locator('.ranked .source').allTextContents()).toContain('report.pdf, page 1');
});

test('a file is taken away again by its button, and the rest stays', async ({ page }) => {
  await addFiles(page, { name: 'a.txt', content: 'One.\nTwo.' }, { name: 'b.txt', content: 'Three.' });
  await page.getByRole('button', { name: 'Remove a.txt' }).click();
  expect(await readDocuments(page)).toEqual([{ text: 'Three.', source: 'b.txt, no. 1' }]);
});

test('the first file takes the place of the example, but not of what a visitor wrote', async ({ page }) => {
  await addFiles(page, { name: 'a.txt', content: 'One.' });
  expect(await page.inputValue('#documents')).toBe('');
});

test('a dropped file becomes documents, and a veil shows where to drop it', async ({ page }) => {
  const dataTransfer = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['["Play\\nchess.", {"text": "Brew tea."}]'], 'two.json'));
    transfer.items.add(new File(['View photos.'], 'one.txt'));
    return transfer;
  });
  await page.dispatchEvent('main', 'dragenter', { dataTransfer });
  await page.locator('#drop.shown').waitFor({ state: 'attached' });
  await page.dispatchEvent('main', 'drop', { dataTransfer });
  await page.locator('#status', { hasText: 'Took 3 documents from two.json, one.txt.' }).waitFor();
  expect((await readDocuments(page)).map(({ text }) => text)).toEqual([
    'Play\nchess.',
    'Brew tea.',
    'View photos.',
  ]);
  expect(await page.locator('#drop.shown').count()).toBe(0);
});

test('much text that is pasted goes beside the field', async ({ page }) => {
  const line = 'A line of text that is pasted.';
  await page.locator('#documents').evaluate((field, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text', text);
    const paste = new Event('paste', { bubbles: true, cancelable: true });
    field.dispatchEvent(Object.assign(paste, { clipboardData })); // Firefox’s own event would come without it
  }, `${line}\n`.repeat(20_000));
  await page.locator('#count', { hasText: '20,000 documents' }).waitFor();
  expect(await page.inputValue('#documents')).toBe('');
});

test('a table asks for its column; keys choose, and Escape leaves everything as it was', async ({ page }) => {
  const content = 'id,title,text\n1,Tea,Brew green tea.\n2,Photos,"Edit, and crop."\n';
  await chooseFiles(page, { name: 'table.csv', content });
  await page.getByRole('dialog', { name: 'Which column of table.csv' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  expect(await page.textContent('#count')).toBe('8 documents');

  await chooseFiles(page, { name: 'table.csv', content });
  await page.getByRole('radio', { name: 'text Brew green tea.', checked: true }).waitFor();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.locator('#status', { hasText: 'Took 2 documents from table.csv.' }).waitFor();
  expect(await readDocuments(page)).toEqual([
    { text: 'Tea', source: 'table.csv, row 2' },
    { text: 'Photos', source: 'table.csv, row 3' },
  ]);
});

test('Japanese comes out of a PDF whose font is not in it', async ({ page }) => {
  await addFiles(page, { name: 'ja.pdf', content: pdfOf([['写真を編集する', 'プログラム']], JAPANESE) });
  expect(await readDocuments(page)).toEqual([{ text: '写真を編集するプログラム', source: 'ja.pdf, page 1' }]);
});

test.for<[string, string | Uint8Array, string]>([
  ['scan.pdf', pdfOf([[], []]), 'scan.pdf has no text in it, only pictures of pages. Run text recognition'],
  ['broken.pdf', 'This is no PDF.', 'broken.pdf can not be read as a PDF. Open it in a viewer'],
  ['photo.txt', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0), 'photo.txt is not UTF-8 text. Save it as text'],
  ['ragged.csv', 'a,b\n1,2\n3\n', 'Row 3 of ragged.csv has 1 field where the first row has 2. Put quotes'],
  ['empty.html', '<nav>Home</nav>', 'empty.html is empty. Drop a file'],
])('%s is turned away with a sentence, and nothing is lost', async ([name, content, sentence], { page }) => {
  await addFiles(page, { name: 'before.txt', content: 'Before.' });
  await chooseFiles(page, { name, content }, { name: 'after.txt', content: 'After.' });
  await page.locator('#error', { hasText: sentence }).waitFor();
  expect(await page.textContent('#status')).toBe('Took 1 document from after.txt.');
  expect((await readDocuments(page)).map(({ text }) => text)).toEqual(['Before.', 'After.']);
});
