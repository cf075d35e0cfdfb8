/** Finds what index.html holds, and makes what it does not. */

/** The element with this id; a mistake in the page shows at once, not at the first click. */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} #${id}.`);
  return found;
}

/** All elements with an attribute. */
export function withAttribute(attribute: string): NodeListOf<HTMLElement> {
  return document.querySelectorAll<HTMLElement>(`[${attribute}]`);
}

/** Documents are other people's text: they are only ever set as text. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = '',
  text = '',
): HTMLElementTagNameMap[Tag] {
  const created = document.createElement(tag);
  created.className = className;
  created.textContent = text;
  return created;
}

/** A button that looks like a word of the text. */
export function linkButton(text: string, onClick: () => void): HTMLButtonElement {
  const button = element('button', 'link', text);
  button.type = 'button';
  button.addEventListener('click', onClick);
  return button;
}
