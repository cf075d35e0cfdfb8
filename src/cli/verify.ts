/** `listwise verify`: whether this machine computes what it should. */
import { type Command, Option } from 'commander';
import { DEVICE_KINDS } from '../device/choose.js';
import type { DeviceKind } from '../device/device.js';
import { WEIGHT_DTYPES, type WeightDtype } from '../device/dtype.js';
import { type Check, expectedOf, verify } from '../verify/verify.js';
import { addModel, hubOptions, type ModelOptions } from './model.js';
import { ProgressBar } from './progress-bar.js';
import { checkView, tableHead, verdictView } from './verify-view.js';

interface VerifyCommandOptions extends ModelOptions {
  readonly device?: DeviceKind;
  readonly dtype?: WeightDtype;
  readonly json?: true;
}

const NOTE = `
Without --model the embedded model ranks lists for which PyTorch's scores are known. With jina-reranker-v3 the
published scores are expected; with another model, that all devices and dtypes agree.
Ends with code 0 if all that could be checked passed, else with 1.`;

export function addVerifyCommand(program: Command, signal: AbortSignal): void {
  const command = addModel(program.command('verify'))
    .description('check that every device and dtype computes the right scores here')
    .addOption(new Option('--device <kind>', 'the only device to check (default: all)').choices(DEVICE_KINDS))
    .addOption(new Option('--dtype <dtype>', 'the only dtype to check (default: all)').choices(WEIGHT_DTYPES))
    .option('--json', 'print what was found as JSON')
    .addHelpText('after', NOTE)
    .action(() => verifyMachine(command, signal));
}

async function verifyMachine(command: Command, signal: AbortSignal): Promise<void> {
  const { json, ...options } = command.opts<VerifyCommandOptions>();
  using progressBar = new ProgressBar(process.stderr);
  const { model, device, dtype } = options;
  const { show: onProgress, notify: onNotice } = progressBar;
  const settings = { model, device, dtype, hub: hubOptions(options), onProgress, onNotice, signal };
  const expected = await expectedOf(settings);
  progressBar.clear();
  if (!json) process.stdout.write(tableHead(expected));
  const checks: Check[] = [];
  for await (const check of verify(expected, settings)) {
    progressBar.clear();
    checks.push(check);
    if (!json) process.stdout.write(checkView(check));
  }
  const passed = allPassed(checks);
  const report = { model: model ?? 'embedded', source: expected.source, passed, checks };
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : verdictView(expected, checks));
  if (!passed) process.exitCode = 1;
}

/** What is not here is no failure, but where nothing was checked nothing is proved. */
function allPassed(checks: readonly Check[]): boolean {
  return (
    checks.some(({ result }) => result === 'passed') && checks.every(({ result }) => result !== 'failed')
  );
}
