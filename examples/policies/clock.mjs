// SPDX-License-Identifier: MIT
// CLOCK: pages in a circle; the hand gives those referenced since it last came by a second chance. With hardware
// observation the references show as Accessed bits, which is what an operating system has.
import { SlotQueue } from "./slot-queue.mjs";

export class Clock {
  name = "my-clock";
  #circle;
  #pageIn;
  #referenced;
  #isHardware;

  onReset({ capacity, observe }) {
    this.#circle = new SlotQueue(capacity);
    this.#pageIn = new Float64Array(capacity);
    this.#referenced = new Uint8Array(capacity);
    this.#isHardware = observe === "hardware";
  }

  onInsert(pages, slots) {
    for (let i = 0; i < slots.length; i++) {
      this.#pageIn[slots[i]] = pages[i];
      this.#referenced[slots[i]] = 0;
      this.#circle.push(slots[i]);
    }
  }

  onAccess(_pages, slots) {
    for (let i = 0; i < slots.length; i++) this.#referenced[slots[i]] = 1;
  }

  onRemove(_pages, slots) {
    for (let i = 0; i < slots.length; i++) this.#circle.remove(slots[i]);
  }

  chooseVictim(_page, bits) {
    while (this.#testAndClear(this.#circle.oldest, bits)) this.#circle.moveToYoungest(this.#circle.oldest);
    return this.#pageIn[this.#circle.oldest];
  }

  #testAndClear(slot, bits) {
    if (this.#isHardware) return bits.testAndClearAccessed(this.#pageIn[slot]);
    const referenced = this.#referenced[slot];
    this.#referenced[slot] = 0;
    return referenced !== 0;
  }
}
