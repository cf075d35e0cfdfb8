/** What a model's name means on the hub. */
import { ListwiseError } from '../../error.js';

export interface HubName {
  /** `owner/name` */
  readonly repository: string;
  /** One of its files, where a repository holds one model in several packagings. */
  readonly file?: string;
  /** The branch, tag or commit that its address names. */
  readonly revision?: string;
}

/** As the hub allows them: letters, digits, `-`, `_` and `.`, none of the last three at the ends. */
const PART = '[A-Za-z0-9](?:[\\w.-]{0,94}[A-Za-z0-9])?';
const NAME = new RegExp(`^(?<repository>${PART}/${PART})(?:/(?<file>${PART}\\.(?:gguf|GGUF)))?$`);

/** Reads `owner/name` or `owner/name/file.gguf`; anything else, such as `./folder`, is no name on the hub. */
export function parseHubName(text: string): HubName | undefined {
  const { repository, file } = NAME.exec(text)?.groups ?? {};
  if (repository === undefined || /--|\.\./.test(repository)) return undefined;
  return file === undefined ? { repository } : { repository, file };
}

export function noHubName(text: string): ListwiseError {
  return new ListwiseError('invalid-input', `"${text}" is no name on the hub.`, {
    hint: 'Names are owner/name, as in jinaai/jina-reranker-v3, or owner/name/file.gguf.',
  });
}
