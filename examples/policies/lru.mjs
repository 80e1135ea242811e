// SPDX-License-Identifier: MIT
// LRU: evicts the page that was used longest ago. It is told of every reference.
import { SlotQueue } from "./slot-queue.mjs";

export class Lru {
  name = "my-lru";
  #queue;
  #pageIn;

  onReset({ capacity }) {
    this.#queue = new SlotQueue(capacity);
    this.#pageIn = new Float64Array(capacity);
  }

  onInsert(pages, slots) {
    for (let i = 0; i < slots.length; i++) {
      this.#pageIn[slots[i]] = pages[i];
      this.#queue.push(slots[i]);
    }
  }

  onAccess(_pages, slots) {
    for (let i = 0; i < slots.length; i++) this.#queue.moveToYoungest(slots[i]);
  }

  onRemove(_pages, slots) {
    for (let i = 0; i < slots.length; i++) this.#queue.remove(slots[i]);
  }

  chooseVictim() {
    return this.#pageIn[this.#queue.oldest];
  }
}
