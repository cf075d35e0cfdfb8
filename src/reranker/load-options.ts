import type { HubOptions } from '../checkpoint/hub/options.js';
import type { DeviceKind } from '../device/device.js';
import type { WeightDtype } from '../device/dtype.js';
import type { Progress } from './options.js';
import type { ProtocolName } from './protocols/choose.js';

/** How `Reranker.load` opens a model and where it runs. */
export interface LoadOptions {
  /** The best there is by default. */
  readonly device?: DeviceKind | undefined;
  /** How weights rest: `f32` (default); `f16` and `bf16`, half the memory; `q8`, a quarter of it; `q4`, a sixth. */
  readonly dtype?: WeightDtype | undefined;
  /** How the model is asked, where its checkpoint does not say, or says wrong. */
  readonly protocol?: ProtocolName | undefined;
  /** Worker threads of the `wasm` device; by default one for each fast core that the process may use. */
  readonly threads?: number | undefined;
  /**
   * Whether a GPU finds out in which of several ways it computes fastest, when it first meets a model: it compiles them
   * and times them for a third of a second. The result is kept in the cache folder. So by default.
   */
  readonly tune?: boolean | undefined;
  /**
   * Whether the `wasm` device may compute in 256 bits: Node 24 to 26 can on x64 processors with AVX2. Where that is
   * not faster, or not right, it computes in 128. The scores are the same. So by default.
   */
  readonly wideSimd?: boolean | undefined;
  /**
   * Requests that wait together run in one pass as long as they have at most this many tokens, those that every
   * prompt begins with not counted: 1024 by default; with 0 each runs by itself. Scores differ by rounding at most.
   */
  readonly batchTokens?: number | undefined;
  /** How a model of the Hugging Face hub is asked for. */
  readonly hub?: HubOptions | undefined;
  /** Hears how far the load is. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /**
   * Hears, in one line each, why a better device was passed over (`device`), the licence of a model at its first
   * download, whatever else one should know of a download, and that layers are left out (`model`).
   */
  readonly onNotice?: ((notice: string, about: NoticeTopic) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a notice is about: a device that was passed over, or the model and its download. */
export type NoticeTopic = 'device' | 'model';
