/**
 * The benchmark of the pack: checks the GPU's numbers, then measures products, attention, the whole model, and
 * PyTorch beside it. `node gpu.mjs [folder for the results] [--size full|small]`
 */
import { parseArgs } from 'node:util';
import { requestAdapter } from '../../src/device/webgpu/adapter.js';
import { CardMemory } from './card-memory.js';
import { describeMachine } from './machine.js';
import { Run } from './run.js';
import { modelSettings, supportedArithmetics } from './settings.js';
import { SIZES } from './sizes.js';
import { checkNumbers, measureModel, measureOperations, measurePeer } from './steps.js';
import { tables } from './tables.js';

const { values, positionals } = parseArgs({
  options: { size: { type: 'string', default: 'full' } },
  allowPositionals: true,
});
const size = SIZES.get(values.size);
if (!size) throw new Error(`--size is ${[...SIZES.keys()].join(' or ')}, not ${values.size}.`);

const adapter = await requestAdapter();
const machine = await describeMachine(adapter);
const card = new CardMemory();
const run = new Run(machine, size, card, positionals[0] ?? 'results');
await run.tell(`${machine.adapter}: ${machine.arithmetics.join(', ')}`);

const arithmetics = supportedArithmetics(adapter);
for (const arithmetic of arithmetics) await checkNumbers(run, arithmetic);
for (const arithmetic of arithmetics) await measureOperations(run, arithmetic);
const [best, ...others] = modelSettings(adapter);
await measureModel(run, best!);
await measurePeer(run);
for (const setting of others) await measureModel(run, setting);

card.stop();
console.log(tables(run.results));
process.exitCode = run.isRight ? 0 : 1;
