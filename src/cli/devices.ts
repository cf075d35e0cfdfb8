/** `listwise devices`: what could compute here. */
import { styleText } from 'node:util';
import { type Command, Option } from 'commander';
import { DEVICE_KINDS, openDevice } from '../device/choose.js';
import type { DeviceKind } from '../device/device.js';
import { WEIGHT_DTYPES, type WeightDtype } from '../device/dtype.js';
import { oneLine } from './terminal-text.js';
import { showTuning } from './tuning-view.js';

interface DevicesOptions {
  readonly json?: true;
  readonly tune?: true;
  readonly dtype: WeightDtype;
}

type DeviceReport =
  | {
      kind: DeviceKind;
      available: true;
      description: string;
      dtypes: readonly WeightDtype[];
      notices: readonly string[];
    }
  | { kind: DeviceKind; available: false; reason: string };

export function addDevicesCommand(program: Command): void {
  const command = program
    .command('devices')
    .description('list the devices, best first, and what each can do here')
    .option('--json', 'print the list as JSON')
    .option('--tune', 'time the ways in which the GPU can compute jina-reranker-v3')
    .addOption(
      new Option('--dtype <dtype>', 'with --tune: how weights rest').choices(WEIGHT_DTYPES).default('f16'),
    )
    .action(() => {
      const { json, tune, dtype } = command.opts<DevicesOptions>();
      return tune ? showTuning(dtype, json) : devices(json);
    });
}

async function devices(json: true | undefined): Promise<void> {
  const reports: DeviceReport[] = [];
  for (const kind of DEVICE_KINDS) reports.push(await reportOn(kind));
  process.stdout.write(json ? `${JSON.stringify(reports)}\n` : reports.map(view).join(''));
}

/** A device that opens has proved itself in every dtype it has. */
async function reportOn(kind: DeviceKind): Promise<DeviceReport> {
  const notices: string[] = [];
  const onNotice = (notice: string) => notices.push(notice);
  try {
    const device = await openDevice(kind, { onNotice });
    await device.dispose();
    return { kind, available: true, description: device.description, dtypes: WEIGHT_DTYPES, notices };
  } catch (error) {
    return { kind, available: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function view(report: DeviceReport): string {
  const kind = styleText('bold', report.kind.padEnd(Math.max(...DEVICE_KINDS.map(({ length }) => length))));
  if (!report.available) return `${styleText('red', '✗')} ${kind}  ${oneLine(report.reason)}\n`;
  const dtypes = styleText('dim', `(${report.dtypes.join(', ')})`);
  const notices = report.notices.map((notice) => `  ${styleText('yellow', '!')} ${oneLine(notice)}\n`);
  return `${styleText('green', '✓')} ${kind}  ${report.description} ${dtypes}\n${notices.join('')}`;
}
