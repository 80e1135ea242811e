// SPDX-License-Identifier: MIT
// SIEVE: a FIFO queue and a hand that moves from the oldest page to the youngest, passes over pages visited since it last
// came by, and evicts where it stands (Zhang et al., NSDI 2024). With hardware observation visits show as Accessed bits.
import { SlotQueue } from "./slot-queue.mjs";

const none = -1;

export class Sieve {
  name = "my-sieve";
  #queue;
  #pageIn;
  #visited;
  #hand;
  #isHardware;

  onReset({ capacity, observe }) {
    this.#queue = new SlotQueue(capacity);
    this.#pageIn = new Float64Array(capacity);
    this.#visited = new Uint8Array(capacity);
    this.#hand = none;
    this.#isHardware = observe === "hardware";
  }

  onInsert(pages, slots) {
    for (let i = 0; i < slots.length; i++) {
      this.#pageIn[slots[i]] = pages[i];
      this.#visited[slots[i]] = 0;
      this.#queue.push(slots[i]);
    }
  }

  onAccess(_pages, slots) {
    for (let i = 0; i < slots.length; i++) this.#visited[slots[i]] = 1;
  }

  onRemove(_pages, slots) {
    for (const slot of slots) {
      if (slot === this.#hand) this.#hand = this.#queue.younger(slot);
      this.#queue.remove(slot);
    }
  }

  chooseVictim(_page, bits) {
    if (this.#hand === none) this.#hand = this.#queue.oldest;
    while (this.#testAndClear(this.#hand, bits)) {
      this.#hand = this.#queue.younger(this.#hand);
      if (this.#hand === none) this.#hand = this.#queue.oldest;
    }
    return this.#pageIn[this.#hand];
  }

  #testAndClear(slot, bits) {
    if (this.#isHardware) return bits.testAndClearAccessed(this.#pageIn[slot]);
    const visited = this.#visited[slot];
    this.#visited[slot] = 0;
    return visited !== 0;
  }
}
