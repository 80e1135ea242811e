// SPDX-License-Identifier: MIT
// A queue of slots, linked through typed arrays: constant time, nothing allocated after its construction.

const none = -1;

export class SlotQueue {
  oldest = none;
  youngest = none;
  #older;
  #younger;

  constructor(capacity) {
    this.#older = new Int32Array(capacity);
    this.#younger = new Int32Array(capacity);
  }

  /** The next younger slot, or -1. */
  younger(slot) {
    return this.#younger[slot];
  }

  push(slot) {
    this.#older[slot] = this.youngest;
    this.#younger[slot] = none;
    if (this.youngest === none) this.oldest = slot;
    else this.#younger[this.youngest] = slot;
    this.youngest = slot;
  }

  remove(slot) {
    const older = this.#older[slot];
    const younger = this.#younger[slot];
    if (older === none) this.oldest = younger;
    else this.#younger[older] = younger;
    if (younger === none) this.youngest = older;
    else this.#older[younger] = older;
  }

  moveToYoungest(slot) {
    if (slot === this.youngest) return;
    this.remove(slot);
    this.push(slot);
  }
}
