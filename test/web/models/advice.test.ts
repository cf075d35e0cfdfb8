/** What the page proposes, and how it words sizes and paces. */
import { expect, test } from 'vitest';
import { modelBytes } from '../../../src/model/model-bytes.js';
import { KNOWN } from '../../../web/models/known.js';
import { advise, type Machine, tooLarge } from '../../../web/models/machine.js';
import { Rate } from '../../../web/models/rate.js';
import { bytesInWords, secondsInWords } from '../../../web/models/sizes.js';

const machine = (gigabytes: number | undefined, more: Partial<Machine> = {}): Machine => ({
  ...{ memory: gigabytes && gigabytes * 2 ** 30, mobile: false, gpu: true, ...more },
});

const bytesIn = (dtype: Parameters<typeof modelBytes>[1]) => modelBytes(KNOWN.jina!.config!, dtype);

test.each([
  ['a machine of 16 GB', machine(16), 'f16', []],
  ['a machine of 8 GB', machine(8), 'f16', []],
  ['a phone of 4 GB', machine(4, { mobile: true }), 'q8', ['f32']],
  ['a phone of 2 GB', machine(2, { mobile: true }), 'q4', ['f32', 'f16', 'bf16']],
  ['a phone that does not tell', machine(undefined, { mobile: true }), 'q8', ['f32']],
  ['a computer that does not tell', machine(undefined), 'f16', []],
] as const)('of jina-reranker-v3 %s is asked to hold no more than it can', (_name, asked, dtype, large) => {
  expect(advise(asked, bytesIn).dtype).toBe(dtype);
  expect(tooLarge(asked, bytesIn)).toEqual(large);
});

test('the reason says where it computes and how much memory is known of', () => {
  expect(advise(machine(4, { gpu: false }), bytesIn).reason).toBe(
    'The CPU computes in this browser; it tells of 4 GB of memory: q8 fills no more than an eighth.',
  );
});

test('the pace is that of the last seconds', () => {
  const rate = new Rate();
  expect(rate.note(0, 1000, 0)).toBeUndefined();
  expect(rate.note(10, 1000, 100)).toBeUndefined(); // too soon to tell
  expect(rate.note(100, 1000, 1000)).toEqual({ perSecond: 100, secondsLeft: 9 });
  for (let second = 2; second <= 30; second++) rate.note(100 + 10 * second, 1000, second * 1000);
  expect(rate.note(410, 1000, 31_000)?.perSecond).toBeCloseTo(10);
});

test('nothing that stands still has a pace', () => {
  const rate = new Rate();
  rate.note(50, 100, 0);
  expect(rate.note(50, 100, 5000)).toBeUndefined();
});

test.each([
  [999, '1 kB'],
  [5_514_619, '5.5 MB'],
  [880_000_000, '880 MB'],
  [1_205_000_000, '1.21 GB'],
])('%i bytes are %s', (bytes, words) => {
  expect(bytesInWords(bytes)).toBe(words);
});

test.each([
  [0.2, '1 s'],
  [59, '59 s'],
  [61, '2 min'],
  [7300, '2 h 2 min'],
])('%f seconds are %s', (seconds, words) => {
  expect(secondsInWords(seconds)).toBe(words);
});
