/** Tabs, by the pattern of WAI-ARIA: one is in the order of focus, arrow keys go to the others. */
import { byId } from './page-elements.js';

export interface Tabs {
  readonly selected: () => string;
}

/** `names` are those of elements `tab-…` and `panel-…`; the first is shown. */
export function tabs(names: readonly string[], onSelect: (name: string) => void): Tabs {
  let selected = names[0]!;
  const show = (name: string) => {
    selected = name;
    for (const each of names) {
      const tab = byId(`tab-${each}`, HTMLButtonElement);
      tab.ariaSelected = String(each === name);
      tab.tabIndex = each === name ? 0 : -1;
      byId(`panel-${each}`, HTMLElement).hidden = each !== name;
    }
  };
  for (const [i, name] of names.entries()) {
    const tab = byId(`tab-${name}`, HTMLButtonElement);
    tab.addEventListener('click', () => {
      show(name);
      onSelect(name);
    });
    tab.addEventListener('keydown', ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (step === undefined) return;
      const next = byId(`tab-${names.at((i + step) % names.length)!}`, HTMLButtonElement);
      next.focus();
      next.click();
    });
  }
  show(selected);
  return { selected: () => selected };
}
