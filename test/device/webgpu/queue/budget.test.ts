/** What a submission may cost, learned from answers that come as browsers give them. No GPU is asked. */
import { expect, test } from 'vitest';
import { Budget } from '../../../../src/device/webgpu/queue/budget.js';

/** A GPU and the host that hears from it, in a time of their own. */
class Simulation {
  readonly budget = new Budget();
  /** Operations a millisecond. */
  speed: number;
  /** When the host hears of what ended at `ended`. */
  readonly #heard: (ended: number) => number;
  #now = 0;
  #idleFrom = 0;

  constructor(speed: number, heard: (ended: number) => number) {
    this.speed = speed;
    this.#heard = heard;
  }

  /** An empty submission, when all is done. */
  measureLatency(): void {
    const answered = this.#heard(this.#now);
    this.budget.learnLatency(answered - this.#now);
    this.#now = answered;
  }

  /** Full submissions, two under way at a time. Returns how long each took the GPU. */
  run(count: number): number[] {
    const underWay: { cost: number; submitted: number; answered: number }[] = [];
    const durations: number[] = [];
    for (let i = 0; i < count; i++) {
      if (underWay.length === 2) this.#hear(underWay);
      while (underWay[0] && underWay[0].answered <= this.#now) this.#hear(underWay);
      const cost = this.budget.operations;
      durations.push(cost / this.speed);
      this.#idleFrom = Math.max(this.#now, this.#idleFrom) + cost / this.speed;
      underWay.push({ cost, submitted: this.#now, answered: this.#heard(this.#idleFrom) });
    }
    while (underWay.length > 0) this.#hear(underWay);
    return durations;
  }

  #hear(underWay: { cost: number; submitted: number; answered: number }[]): void {
    const { cost, submitted, answered } = underWay.shift()!;
    this.#now = Math.max(this.#now, answered);
    this.budget.learn(cost, submitted, this.#now);
  }
}

const prompt = (ended: number) => ended + 0.2;
/** As in Firefox. */
const atPolls = (ended: number) => Math.floor(ended / 100 + 1) * 100;

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;

for (const speed of [2 ** 22, 2 ** 28, 2 ** 34]) {
  test(`submissions fill 40 ms on a GPU of ${speed} operations a millisecond`, () => {
    const simulation = new Simulation(speed, prompt);
    simulation.measureLatency();
    simulation.run(24);
    for (const duration of simulation.run(20)) expect(duration).toBeCloseTo(40, 0);
  });

  test(`and about as much where it is polled every 100 ms (${speed} operations a millisecond)`, () => {
    const simulation = new Simulation(speed, atPolls);
    simulation.measureLatency();
    simulation.measureLatency();
    simulation.run(40);
    const durations = simulation.run(100);
    expect(mean(durations)).toBeGreaterThan(30);
    expect(mean(durations)).toBeLessThan(80);
    expect(Math.max(...durations)).toBeLessThan(160);
  });
}

test('the budget is a latency short of its target where the latency is not known', () => {
  const simulation = new Simulation(2 ** 28, (ended) => ended + 20);
  simulation.run(40);
  expect(mean(simulation.run(20))).toBeGreaterThan(20);
});

test('of empty submissions the fastest counts: the host may have been busy', () => {
  const simulation = new Simulation(2 ** 28, prompt);
  simulation.budget.learnLatency(35);
  simulation.measureLatency();
  simulation.run(20);
  for (const duration of simulation.run(20)) expect(duration).toBeCloseTo(40, 0);
});

test('a host that was busy for 150 ms does not halve the budget', () => {
  let busyUntil = 0;
  const simulation = new Simulation(2 ** 28, (ended) => Math.max(prompt(ended), busyUntil));
  simulation.measureLatency();
  simulation.run(20);
  const before = simulation.budget.operations;
  busyUntil = 20 * 40 + 150 + 40;
  const after = simulation.run(8).map((duration) => duration * 2 ** 28);
  expect(Math.min(...after)).toBeGreaterThan(0.6 * before);
  simulation.run(40);
  expect(simulation.budget.operations / before).toBeCloseTo(1, 1);
});

test('nor does one that slept for a minute', () => {
  const budget = new Budget();
  let now = 0;
  const run = (duration: number) => {
    budget.learn(budget.operations, now, now + duration);
    now += duration;
  };
  for (let i = 0; i < 10; i++) run(40);
  const before = budget.operations;
  run(60_000);
  expect(budget.operations).toBeGreaterThan(before / 2);
});

test('where a second passes before an answer, submissions stay short, and are as before when it is over', () => {
  let poll = 1;
  const simulation = new Simulation(2 ** 28, (ended) => Math.floor(ended / poll + 1) * poll);
  simulation.measureLatency();
  simulation.run(20);
  poll = 1000;
  for (let i = 0; i < 20; i++) {
    simulation.measureLatency();
    for (const duration of simulation.run(3)) expect(duration).toBeLessThan(80);
  }
  poll = 1;
  for (let i = 0; i < 4; i++) simulation.measureLatency();
  simulation.run(60);
  expect(simulation.run(1)[0]).toBeCloseTo(40, -1);
});

test('on a GPU that became ten times slower submissions are short again', () => {
  const simulation = new Simulation(2 ** 28, prompt);
  simulation.run(20);
  simulation.speed /= 10;
  const durations = simulation.run(40);
  expect(durations.at(-1)).toBeCloseTo(40, -1);
});

test('a small submission neither shrinks the budget nor lets it grow beyond what has been seen to fit', () => {
  const simulation = new Simulation(2 ** 28, prompt);
  simulation.measureLatency();
  simulation.run(20);
  const before = simulation.budget.operations;
  for (let i = 0; i < 20; i++) simulation.budget.learn(before / 1000, 1e6 * i, 1e6 * i);
  expect(simulation.budget.operations).toBe(before);
});
