/** What is ranked, and where it is from. */
export interface Passage {
  readonly text: string;
  /** The name of its file; what was typed has none. */
  readonly file?: string;
  readonly place?: Place;
}

/** Where in its file it begins: a page, a row or an entry by number, from 1, or a section by its heading. */
export type Place =
  | { readonly kind: 'page' | 'row' | 'entry'; readonly number: number }
  | { readonly kind: 'section'; readonly heading: string };
