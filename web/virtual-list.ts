/** A list of any length, of which only the rows that are seen are in the page. Their heights are measured. */
import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  observeWindowOffset,
  observeWindowRect,
  type Range,
  Virtualizer,
  windowScroll,
} from '@tanstack/virtual-core';

/** Up to so many rows all are in the page, where it is searched and printed. */
const ALL = 100;

/** A row before it is measured. Pixels. */
const ESTIMATE = 90;

export interface VirtualList<Item> {
  readonly show: (items: readonly Item[]) => void;
}

/** `list` is positioned, empty, and scrolls with the window, or else inside `scroller`. Rows may change their heights. */
export function virtualList<Item>(
  list: HTMLElement,
  scroller: HTMLElement | Window,
  rowOf: (item: Item, index: number) => HTMLElement,
): VirtualList<Item> {
  let items: readonly Item[] = [];
  const rows = new Map<number, HTMLElement>();
  let measuring = false;

  /** What has the focus keeps it, wherever one scrolls. */
  const rangeExtractor = (range: Range): number[] => {
    if (range.count <= ALL) return Array.from({ length: range.count }, (_, index) => index);
    const focused = [...rows].find(([, row]) => row.contains(document.activeElement))?.[0];
    return [...new Set([...defaultRangeExtractor(range), focused ?? range.startIndex])].sort((a, b) => a - b);
  };

  const options = () => ({
    count: items.length,
    estimateSize: () => ESTIMATE,
    overscan: 5,
    rangeExtractor,
    onChange: () => {
      if (!measuring) draw();
    },
  });
  const virtualizer =
    scroller instanceof HTMLElement
      ? new Virtualizer<HTMLElement, HTMLElement>({
          ...options(),
          getScrollElement: () => scroller,
          scrollToFn: elementScroll,
          observeElementRect,
          observeElementOffset,
        })
      : new Virtualizer<Window, HTMLElement>({
          ...options(),
          getScrollElement: () => scroller,
          scrollToFn: windowScroll,
          observeElementRect: observeWindowRect,
          observeElementOffset: observeWindowOffset,
        });
  virtualizer._didMount();

  function draw(): void {
    const seen = virtualizer.getVirtualItems();
    const wanted = new Set(seen.map(({ index }) => index));
    for (const [index, row] of rows) {
      if (wanted.has(index)) continue;
      row.remove();
      rows.delete(index);
    }
    const added: HTMLElement[] = [];
    let before: HTMLElement | undefined;
    for (const { index, start } of seen) {
      const row = rows.get(index) ?? newRow(index);
      if (!row.isConnected) {
        // In the order of the list, which is that of the keyboard.
        if (before) before.after(row);
        else list.prepend(row);
        added.push(row);
      }
      row.style.transform = `translateY(${start - virtualizer.options.scrollMargin}px)`;
      before = row;
    }
    list.style.height = `${virtualizer.getTotalSize()}px`;
    if (added.length > 0) measure(added);
  }

  /** The heights of new rows move those below, and may make room for more. */
  function measure(added: readonly HTMLElement[]): void {
    measuring = true;
    for (const row of added) virtualizer.measureElement(row);
    measuring = false;
    draw();
  }

  function newRow(index: number): HTMLElement {
    const row = rowOf(items[index]!, index);
    row.dataset.index = String(index);
    row.ariaSetSize = String(items.length);
    row.ariaPosInSet = String(index + 1);
    rows.set(index, row);
    return row;
  }

  return {
    show: (shown) => {
      items = shown;
      for (const row of rows.values()) row.remove();
      rows.clear();
      const scrollMargin =
        scroller instanceof HTMLElement ? 0 : list.getBoundingClientRect().top + scroller.scrollY;
      // Both kinds have the same options, which types can't say of a union.
      const { options: now } = virtualizer as Virtualizer<Window, HTMLElement>;
      (virtualizer as Virtualizer<Window, HTMLElement>).setOptions({ ...now, ...options(), scrollMargin });
      virtualizer._willUpdate();
      virtualizer.measure();
      draw();
    },
  };
}
