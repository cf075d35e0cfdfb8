/** A model that a visitor looks at, and may come to use. */
import type { HubModelDescription, WeightDtype } from 'listwise';
import type { ModelChoice } from './choice.js';
import type { OwnFiles } from './own-files.js';

export type Candidate = HubCandidate | OwnCandidate;

export interface HubCandidate {
  readonly kind: 'hub';
  readonly name: string;
  readonly description: HubModelDescription;
}

export interface OwnCandidate extends OwnFiles {
  readonly kind: 'own';
  /** No two are the same, even of one name. */
  readonly id: string;
  readonly description: HubModelDescription;
}

export async function ownCandidate(own: OwnFiles): Promise<OwnCandidate> {
  const bytes = [...own.files.values()].reduce((sum, { size }) => sum + size, 0);
  const config = await configOf(own);
  return { kind: 'own', id: crypto.randomUUID(), ...own, description: { licence: undefined, bytes, config } };
}

/** What can't be read here the reader of checkpoints will tell, when the model is to be used. */
async function configOf({ files }: OwnFiles): Promise<HubModelDescription['config']> {
  try {
    const config: unknown = JSON.parse((await files.get('config.json')?.text()) ?? '');
    return typeof config === 'object' && config !== null ? { ...config } : undefined;
  } catch {
    return undefined;
  }
}

export function choiceOf(candidate: Candidate, endpoint: string, dtype: WeightDtype): ModelChoice {
  if (candidate.kind === 'hub') return { kind: 'hub', name: candidate.name, endpoint, dtype };
  const { id, name, files } = candidate;
  return { kind: 'own', id, name, files, dtype };
}

export function nameInWords(choice: ModelChoice): string {
  if (choice.kind === 'embedded') return 'embedded';
  const name = choice.kind === 'hub' ? choice.name.split('/').slice(1).join('/') : choice.name;
  return `${name}, ${choice.dtype}`;
}
