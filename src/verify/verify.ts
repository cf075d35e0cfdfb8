/** Checks a machine: every device in every dtype that it has ranks lists whose scores are known. */
import type { HubOptions } from '../checkpoint/hub/options.js';
import { openModel } from '../checkpoint/open.js';
import { DEVICE_KINDS, openDevice } from '../device/choose.js';
import type { DeviceKind } from '../device/device.js';
import { WEIGHT_DTYPES, type WeightDtype } from '../device/dtype.js';
import { ListwiseError, type ListwiseErrorCode } from '../error.js';
import { parseConfig } from '../model/config.js';
import type { Progress } from '../reranker/options.js';
import { Reranker } from '../reranker/reranker.js';
import { compareScores } from './compare.js';
import { type Expected, expectedScores, type VerifiedList } from './expected.js';

export interface VerifyOptions {
  /** A folder or a name, as `Reranker.load` takes it: the embedded model by default. */
  readonly model?: string | undefined;
  readonly hub?: HubOptions | undefined;
  /** The only device, the only dtype to check: all by default. */
  readonly device?: DeviceKind | undefined;
  readonly dtype?: WeightDtype | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly onNotice?: ((notice: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One device in one dtype, or a device that can't be checked. */
export interface Check {
  readonly device: DeviceKind;
  readonly dtype?: WeightDtype;
  readonly result: 'passed' | 'failed' | 'not-run';
  /** Why it did not come to numbers. */
  readonly reason?: string;
  readonly numbers?: Numbers;
}

export interface Numbers {
  /** The device, for people. */
  readonly description: string;
  readonly largestError: number;
  readonly allowed: number;
  readonly ordered: boolean;
  readonly loadSeconds: number;
}

/** What is expected of the model. Throws what opening a checkpoint throws. */
export async function expectedOf({ model, ...options }: VerifyOptions): Promise<Expected> {
  const checkpoint = await openModel(model, options);
  await checkpoint.tensors.close();
  return expectedScores(checkpoint.name, parseConfig(checkpoint.config));
}

/**
 * Checks one setting after another; a model is disposed before the next is loaded. What fails is a check that failed:
 * this rejects only with the reason of the signal.
 */
export async function* verify(expected: Expected, options: VerifyOptions = {}): AsyncGenerator<Check> {
  let { lists } = expected;
  for (const device of devicesFor(expected, options)) {
    const { dtypes, absent } = await settingsOf(device, expected, options);
    if (absent) yield absent;
    for (const dtype of dtypes) {
      const allowed = expected.allowed[dtype];
      const { check, scores } = await checkSetting({ device, dtype }, lists, allowed, options);
      // Where nothing is known, what the first device says in f32 is what the others are held to.
      if (scores && dtype === 'f32') lists = lists.map((list, i) => ({ scores: scores[i]!, ...list }));
      yield check;
    }
  }
}

/** Best first; where the first stands for what is right, the CPU. */
function devicesFor({ source }: Expected, { device }: VerifyOptions): readonly DeviceKind[] {
  if (device !== undefined) return [device];
  return source === 'agreement' ? ['wasm', 'webgpu', 'reference'] : DEVICE_KINDS;
}

/** The dtypes to check a device in, or why there are none. */
async function settingsOf(
  device: DeviceKind,
  { source }: Expected,
  options: VerifyOptions,
): Promise<{ dtypes: readonly WeightDtype[]; absent?: Check }> {
  const absent = (reason: string): Check => ({ device, result: 'not-run', reason });
  if (device === 'reference' && source !== 'golden' && options.device === undefined) {
    return { dtypes: [], absent: absent('left out: it takes an hour; --device reference checks it') };
  }
  try {
    const opened = await openDevice(device, { dtypes: [] }); // it proves itself later, in each dtype
    await opened.dispose();
  } catch (error) {
    return { dtypes: [], absent: { device, ...whatStopped(error, 'device-unsupported', 'not here') } };
  }
  // Where devices are held to one another, f32 is needed too.
  const isWanted = (dtype: WeightDtype) =>
    [undefined, dtype].includes(options.dtype) || (source === 'agreement' && dtype === 'f32');
  return { dtypes: WEIGHT_DTYPES.filter(isWanted) };
}

type Setting = Pick<Check, 'device'> & { readonly dtype: WeightDtype };

/** Loads the model, ranks the lists and gives the scores, which are absent where that failed. */
async function checkSetting(
  setting: Setting,
  lists: readonly VerifiedList[],
  allowed: number,
  { model, hub, onProgress, onNotice, signal }: VerifyOptions,
): Promise<{ check: Check; scores?: number[][] }> {
  if (setting.dtype !== 'f32' && lists.some(({ scores }) => scores === undefined)) {
    return {
      check: { ...setting, result: 'not-run', reason: 'nothing to compare it with: f32 did not run' },
    };
  }
  const start = performance.now();
  try {
    await using reranker = await Reranker.load(model, { ...setting, hub, onProgress, onNotice, signal });
    const loadSeconds = (performance.now() - start) / 1000;
    const scores: number[][] = [];
    for (const { query, documents } of lists) {
      const ranking = await reranker.rerank(query, documents, { onProgress, signal });
      scores.push([...ranking].sort((a, b) => a.index - b.index).map(({ relevanceScore }) => relevanceScore));
    }
    const comparisons = lists.map((list, i) => compareScores(scores[i]!, list.scores ?? scores[i]!, allowed));
    const largestError = Math.max(...comparisons.map((comparison) => comparison.largestError));
    const ordered = comparisons.every((comparison) => comparison.ordered);
    const numbers = { description: reranker.deviceDescription, largestError, allowed, ordered, loadSeconds };
    const result = ordered && largestError <= allowed ? 'passed' : 'failed';
    return { check: { ...setting, result, numbers }, scores };
  } catch (error) {
    signal?.throwIfAborted();
    return { check: { ...setting, ...whatStopped(error, 'out-of-memory', 'no room') } };
  }
}

/** An error is a failure, unless its code says that this machine just has no such thing. */
function whatStopped(
  error: unknown,
  code: ListwiseErrorCode,
  word: string,
): Pick<Check, 'result' | 'reason'> {
  const message = error instanceof Error ? error.message : String(error);
  const lacking = error instanceof ListwiseError && error.code === code;
  return lacking
    ? { result: 'not-run', reason: `${word}: ${message}` }
    : { result: 'failed', reason: message };
}
