/** What a licence's name on the hub tells those who download. */

/** `cc-by-nc-4.0` in words: its name, and whether it forbids commercial use. */
export function licenceNotice(repository: string, licence: string): string {
  const name = /^cc-/.test(licence)
    ? licence
        .replace('-', ' ')
        .replace(/-(?=[\d.]+$)/, ' ')
        .toUpperCase()
    : licence;
  const condition = /^cc-.*\bnc\b/.test(licence) ? ': not for commercial use' : '';
  return `${repository} is licensed under ${name}${condition}.`;
}
