/** What the hub says of a repository. */
import { hubClient } from '#platform';
import { ListwiseError } from '../../error.js';
import type { HubRequests } from './requests.js';

export interface RepositoryInfo {
  readonly commit: string;
  /** The licence as the model's card names it, such as `cc-by-nc-4.0`. */
  readonly licence: string | undefined;
}

/** Whether a revision is a commit, which never changes. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/** Which commit a revision is now. Throws `download-failed`, `checkpoint-not-found`, `unauthorized`. */
export async function readInfo(
  requests: HubRequests,
  name: string,
  revision: string,
): Promise<RepositoryInfo> {
  const { modelInfo } = await hubClient();
  const { endpoint: hubUrl, fetch } = requests;
  const asked = modelInfo({ name, revision, additionalFields: ['sha', 'cardData'], hubUrl, fetch });
  const { sha, cardData } = await understood(requests, asked);
  if (!isCommit(sha)) throw strangeAnswer(requests, `the commit of ${name} is "${sha}"`);
  const licence: unknown = cardData?.license;
  return { commit: sha, licence: typeof licence === 'string' ? licence : undefined };
}

/** Where a file of a commit is fetched. */
export function fileUrl({ endpoint }: HubRequests, name: string, commit: string, file: string): string {
  return `${endpoint}/${name}/resolve/${commit}/${encodeURIComponent(file)}`;
}

/** What the client throws over an answer in another form, a sign-in page say, as an error of this package. */
export async function understood<T>(requests: HubRequests, answer: Promise<T>): Promise<T> {
  return answer.catch((cause: unknown) => {
    const misunderstood = cause instanceof SyntaxError || cause instanceof TypeError;
    throw misunderstood ? strangeAnswer(requests, cause.message, cause) : cause;
  });
}

export function strangeAnswer({ endpoint }: HubRequests, what: string, cause?: unknown): ListwiseError {
  return new ListwiseError('download-failed', `${endpoint} does not answer as the hub does: ${what}.`, {
    cause,
    hint: 'A proxy or a sign-in page may stand between.',
  });
}
