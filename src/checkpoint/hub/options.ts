/** How the hub is asked: what the caller says, else what the environment says, else the defaults. */
import { hubEnvironment } from '#platform';
import { ListwiseError } from '../../error.js';

/** How the Hugging Face hub is asked, and where its files are kept. */
export interface HubOptions {
  /** A branch, a tag or a commit: `main` by default. */
  readonly revision?: string | undefined;
  /**
   * Opens private and gated repositories; sent to the endpoint alone. In Node by default `HF_TOKEN`, or what
   * `hf auth login` left; '' for none.
   */
  readonly token?: string | undefined;
  /** The address of the hub or of a mirror: in Node by default `HF_ENDPOINT`, else https://huggingface.co. */
  readonly endpoint?: string | undefined;
  /**
   * Takes what was downloaded before and asks nobody: in Node by default `HF_HUB_OFFLINE`, else `TRANSFORMERS_OFFLINE`.
   */
  readonly offline?: boolean | undefined;
  /**
   * Where downloads are kept: in Node by default the folder that Python's huggingface_hub uses (`HF_HUB_CACHE`,
   * `HF_HOME`), in a browser a folder of its storage.
   */
  readonly cacheFolder?: string | undefined;
}

/** The options after checking, defaults filled in. */
export interface HubSettings {
  readonly revision: string;
  readonly token: string | undefined;
  readonly endpoint: string; // without a slash at its end
  readonly offline: boolean;
  readonly cacheFolder: string;
}

const HUB = 'https://huggingface.co';

/** Throws `invalid-input`. */
export async function hubSettings(options: HubOptions = {}): Promise<HubSettings> {
  const environment = await hubEnvironment();
  const { revision = 'main' } = options;
  // It becomes the name of a file.
  if (
    typeof revision !== 'string' ||
    !/^\w[\w.+@-]*(\/\w[\w.+@-]*)*$/.test(revision) ||
    revision.includes('..')
  ) {
    throw new ListwiseError('invalid-input', `"${revision}" is no revision: a branch, a tag or a commit.`);
  }
  const endpoint = options.endpoint ?? environment.endpoint ?? HUB;
  if (!URL.canParse(endpoint) || !/^https?:/.test(endpoint)) {
    throw new ListwiseError('invalid-input', `The hub's endpoint "${endpoint}" is no address of the web.`, {
      hint: 'It is given as the option hub.endpoint or as HF_ENDPOINT, such as https://huggingface.co.',
    });
  }
  return {
    revision,
    token: (options.token ?? environment.token) || undefined,
    endpoint: endpoint.replace(/\/+$/, ''),
    offline: options.offline ?? environment.offline ?? false,
    cacheFolder: options.cacheFolder ?? environment.cacheFolder,
  };
}
