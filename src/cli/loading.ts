/** Which model a command loads, and what computes it. */
import { type Command, Option } from 'commander';
import { DEVICE_KINDS } from '../device/choose.js';
import type { DeviceKind } from '../device/device.js';
import { WEIGHT_DTYPES, type WeightDtype } from '../device/dtype.js';
import { PROTOCOLS, type ProtocolName } from '../reranker/protocols/choose.js';
import { Reranker } from '../reranker/reranker.js';
import { addModel, hubOptions, type ModelOptions } from './model.js';
import { wholeNumber, wholeNumberOrZero } from './numbers.js';
import type { ProgressBar } from './progress-bar.js';

export interface LoadingOptions extends ModelOptions {
  readonly device?: DeviceKind;
  readonly dtype: WeightDtype;
  readonly protocol?: ProtocolName;
  readonly threads?: number;
  readonly batchTokens?: number;
  readonly tune: boolean;
  readonly wideSimd: boolean;
  /** Of the program. */
  readonly verbose?: true;
}

/** For a command that ranks many lists. */
export function addLoading(command: Command): Command {
  return addComputing(addModel(command)).option(
    '--batch-tokens <number>',
    'lists that wait together run in one pass up to so many tokens; with 0 each by itself (default: 1024)',
    wholeNumberOrZero,
  );
}

/** The same for a command that has its `--model` already. */
export function addComputing(command: Command): Command {
  return command
    .addOption(
      new Option('--device <kind>', 'what computes (default: the best there is)').choices(DEVICE_KINDS),
    )
    .addOption(
      new Option(
        '--dtype <dtype>',
        'how weights rest: f32, f16 and bf16 in half the memory, q8 in a quarter, q4 in a sixth',
      )
        .choices(WEIGHT_DTYPES)
        .default('f32'),
    )
    .addOption(
      new Option('--protocol <name>', 'how the model is asked (default: as its files say)').choices(
        PROTOCOLS,
      ),
    )
    .option('--threads <number>', 'threads of the wasm device (default: one for each fast core)', wholeNumber)
    .option('--no-tune', 'do not find out how a GPU that is new here computes fastest')
    .option('--no-wide-simd', 'compute in 128 bits on the wasm device, though the engine can in 256');
}

/** All of `addLoading` but which model it is. */
const COMPUTING: readonly string[] = [
  'device',
  'dtype',
  'protocol',
  'threads',
  'batchTokens',
  'tune',
  'wideSimd',
  'revision',
  'offline',
] satisfies (keyof LoadingOptions)[];

/** Flags by which a command was told how to load its model. */
export function computingFlags(command: Command): string[] {
  return command.options
    .filter((option) => COMPUTING.includes(option.attributeName()))
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .map(({ long, flags }) => long ?? flags);
}

/** Throws what `Reranker.load` throws. */
export function load(
  options: LoadingOptions,
  { show, notify }: ProgressBar,
  signal: AbortSignal,
): Promise<Reranker> {
  const { model, device, dtype, protocol, threads, batchTokens, tune, wideSimd, verbose } = options;
  return Reranker.load(model, {
    device,
    dtype,
    protocol,
    threads,
    batchTokens,
    tune,
    wideSimd,
    hub: hubOptions(options),
    onProgress: show,
    // Who asked for no GPU need not read that there is none; `listwise devices` tells.
    onNotice: (notice, about) => {
      if (about === 'model' || device !== undefined || verbose) notify(notice);
    },
    signal,
  });
}
