/** How long the GPU takes for something: in a row as often as fills a tenth of a second, and that several times. */
import type { Device, Pass, Tensor } from '../../src/device/device.js';

const LEAST = 100; // milliseconds
const RUNS = 3;
const GROWTH = 8;

export class Stopwatch {
  readonly #device: Device;
  /** To be read when the GPU is done. */
  readonly #end: Tensor;

  constructor(device: Device) {
    this.#device = device;
    this.#end = device.tensor(1, 4);
  }

  /** Milliseconds that what is recorded takes once. */
  async time(record: (pass: Pass) => void): Promise<number> {
    await this.#run(record, 1); // compiles the kernels
    let repeats = 1;
    let duration = await this.#run(record, repeats);
    while (duration < LEAST) {
      repeats = Math.ceil(repeats * Math.min((1.2 * LEAST) / duration, GROWTH));
      duration = await this.#run(record, repeats);
    }
    const durations = [duration];
    while (durations.length < RUNS) durations.push(await this.#run(record, repeats));
    return median(durations) / repeats;
  }

  async #run(record: (pass: Pass) => void, repeats: number): Promise<number> {
    const start = performance.now();
    const pass = this.#device.pass();
    for (let i = 0; i < repeats; i++) record(pass);
    await pass.submit();
    await this.#device.read(this.#end);
    return performance.now() - start;
  }
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
