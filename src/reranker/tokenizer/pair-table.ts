/** A hash table from pairs of whole numbers to one: a `Map` of hundreds of thousands of pairs is several times larger. */
export class PairTable {
  #keys = new Int32Array(2 * 1024); // first and second of each slot
  #values = new Int32Array(1024).fill(-1);
  #size = 0;

  /** −1 where there is none. */
  get(first: number, second: number): number {
    return this.#values[this.#slot(first, second)]!;
  }

  /** Values are 0 or above. */
  set(first: number, second: number, value: number): void {
    if (2 * this.#size >= this.#values.length) this.#grow();
    const slot = this.#slot(first, second);
    if (this.#values[slot]! < 0) this.#size++;
    this.#keys[2 * slot] = first;
    this.#keys[2 * slot + 1] = second;
    this.#values[slot] = value;
  }

  /** Where the pair is, or would be. */
  #slot(first: number, second: number): number {
    const mask = this.#values.length - 1;
    const mixed = Math.imul(Math.imul(first, 0x9e3779b1) ^ second, 0x85ebca6b);
    let slot = (mixed ^ (mixed >>> 15)) & mask;
    while (this.#values[slot]! >= 0) {
      if (this.#keys[2 * slot] === first && this.#keys[2 * slot + 1] === second) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Int32Array(2 * keys.length);
    this.#values = new Int32Array(2 * values.length).fill(-1);
    this.#size = 0;
    for (let slot = 0; slot < values.length; slot++) {
      if (values[slot]! >= 0) this.set(keys[2 * slot]!, keys[2 * slot + 1]!, values[slot]!);
    }
  }
}
