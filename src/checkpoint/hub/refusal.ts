/** What the hub means when it refuses an answer. */
import { ListwiseError } from '../../error.js';

/** The error of an answer that will not get better by asking again. `hasToken`: whether a token was sent. */
export function refusal(response: Response, url: string, hasToken: boolean): ListwiseError {
  const code = response.headers.get('X-Error-Code');
  const said = response.headers.get('X-Error-Message');
  const { status } = response;
  if (code === 'GatedRepo' || status === 403) {
    return new ListwiseError('unauthorized', said ?? `${url} is not open to everybody (${status}).`, {
      hint: 'Accept the terms on the page of the model, and give a token that may read it: HF_TOKEN, or hub.token.',
    });
  }
  if (status === 401 && hasToken && code !== 'RepoNotFound') {
    return new ListwiseError('unauthorized', said ?? `The token is not accepted for ${url}.`, {
      hint: 'Make a new one at https://huggingface.co/settings/tokens, or give none for what is open to everybody.',
    });
  }
  if (code === 'RevisionNotFound') {
    return new ListwiseError('checkpoint-not-found', `The hub has no such revision: ${url}.`, {
      hint: 'A revision is a branch, a tag or a whole commit.',
    });
  }
  // To strangers the hub does not say which of its repositories exist.
  if (status === 401 || status === 404 || status === 410) {
    return new ListwiseError('checkpoint-not-found', `The hub has nothing there: ${url} (${status}).`, {
      hint: 'Check the name, owner/name. A folder of that path is not here either. What is private needs a token: HF_TOKEN.',
    });
  }
  return new ListwiseError('download-failed', `${url} answered ${status}${said ? `: ${said}` : ''}.`);
}
