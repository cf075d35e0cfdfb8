/** Which model the page is to rank with, kept between visits. */
import type { HubModelDescription, WeightDtype } from 'listwise';
import { cardOf, KNOWN } from './known.js';

export type ModelChoice = EmbeddedChoice | HubChoice | OwnChoice;

interface EmbeddedChoice {
  readonly kind: 'embedded';
}

export interface HubChoice {
  readonly kind: 'hub';
  /** `owner/name` or `owner/name/file.gguf` */
  readonly name: string;
  readonly endpoint: string;
  readonly dtype: WeightDtype;
}

/** Files of the visitor's own disk. They can't be kept: a browser forgets them with the page. */
export interface OwnChoice {
  readonly kind: 'own';
  readonly id: string;
  readonly name: string;
  readonly files: ReadonlyMap<string, File>;
  readonly dtype: WeightDtype;
}

export const EMBEDDED: ModelChoice = { kind: 'embedded' };

/** What tells two choices apart. */
export function keyOf(choice: ModelChoice): string {
  const { files: _files, ...rest } = choice as OwnChoice;
  return JSON.stringify(rest);
}

const CHOICE = 'listwise.model';
const LOOKED_AT = 'listwise.looked-at';
const LICENCES = 'listwise.licences';
const DESCRIPTIONS = 'listwise.descriptions';

/** What has worked: a model that ends the page, as one that is too large may, is not taken again by itself. */
export function keepChoice(choice: ModelChoice): void {
  if (choice.kind !== 'own') write(CHOICE, choice);
}

/** What was chosen at the last visit, if it is from the hub of this page. */
export function keptChoice(endpoint: string): ModelChoice {
  const kept = read(CHOICE) as Partial<HubChoice> | undefined;
  const isHub = kept?.kind === 'hub' && kept.endpoint === endpoint;
  return isHub && typeof kept.name === 'string' && typeof kept.dtype === 'string'
    ? (kept as HubChoice)
    : EMBEDDED;
}

/** The model of the hub that was looked at last: its download may wait to be gone on with. */
export function keepLookedAt(name: string): void {
  write(LOOKED_AT, name);
}

export function keptLookedAt(): string | undefined {
  const name = read(LOOKED_AT);
  return typeof name === 'string' ? name : undefined;
}

/** A licence is agreed to once for each model. */
export function agreeTo(name: string): void {
  write(LICENCES, [...new Set([...agreed(), name])]);
}

export function hasAgreedTo(name: string): boolean {
  return agreed().includes(name);
}

function agreed(): string[] {
  const kept = read(LICENCES);
  return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : [];
}

/** What the hub said of a model: it is not asked again before anybody downloads, and can't be asked offline. */
export function keepDescription(name: string, description: HubModelDescription): void {
  write(DESCRIPTIONS, { ...descriptions(), [name]: description });
}

export function keptDescription(name: string): HubModelDescription | undefined {
  const { bytes } = (descriptions()[name] ?? {}) as Partial<HubModelDescription>;
  if (typeof bytes === 'number') return descriptions()[name] as HubModelDescription;
  return KNOWN[cardOf(name)];
}

function descriptions(): Record<string, unknown> {
  const kept = read(DESCRIPTIONS);
  return typeof kept === 'object' && kept !== null ? (kept as Record<string, unknown>) : {};
}

/** Where storage is forbidden, or holds something else, nothing was kept. */
function read(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

function write(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A private window: it is asked again at the next visit.
  }
}
