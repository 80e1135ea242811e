// SPDX-License-Identifier: MIT
// Checkpoints of a process that goes on: its memory is protected from stores, pages are copied one after the other, and a
// page that is about to be stored to is copied before the store. The next checkpoint copies what was stored to since.
//   node examples/checkpoint.mjs
import { Machine } from "pagewalk";

const pageBytes = 4096;
const pages = 1024;

const machine = new Machine({
  memory: "3MiB", // less than the process uses
  contents: true,
  swap: [{ size: "16MiB", readLatency: 80_000, writeLatency: 80_000 }],
});
const process = machine.createProcess();
const memory = process.mmap({ length: pages * pageBytes });
const addressOf = (page) => memory + BigInt(page * pageBytes);

let seed = 7;
const random = (below) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};
// Nine stores of ten go to a tenth of the pages.
function work(stores) {
  for (let i = 0; i < stores; ++i) {
    const page = random(10) === 0 ? random(pages) : random(pages / 10);
    process.write(addressOf(page) + BigInt(random(pageBytes)), Uint8Array.of(random(256)));
  }
}

class Checkpointer {
  counts = { before: 0, inTurn: 0 };
  #image = new Map(); // of the checkpoint under way
  #left = new Set(); // pages that it has not copied yet
  #dirty = new Set(Array.from({ length: pages }, (_, page) => page)); // stored to since it began
  #range;

  constructor() {
    this.#range = process.registerRange(memory, pages * pageBytes, {
      modes: ["write-protect"],
      handler: ({ page: address }, range) => {
        const page = Number((address - memory) / BigInt(pageBytes));
        if (this.#copy(page)) ++this.counts.before;
        this.#dirty.add(page);
        range.writeProtect(address, pageBytes, false);
      },
    });
  }

  // Copies what was stored to since the last checkpoint, as it is now.
  begin() {
    this.#image = new Map();
    this.#left = this.#dirty;
    this.#dirty = new Set();
    this.counts = { before: 0, inTurn: 0 };
    this.#range.writeProtect(memory, pages * pageBytes, true);
  }
  // One page more; false: the checkpoint is complete.
  step() {
    const [page] = this.#left;
    if (page === undefined) return false;
    this.#copy(page);
    ++this.counts.inTurn;
    return true;
  }
  get image() {
    return this.#image;
  }
  #copy(page) {
    if (!this.#left.delete(page)) return false;
    this.#image.set(page, bytesOf(page));
    return true;
  }
}
// Protection from stores is not in the way of loads.
const bytesOf = (page) => process.read(addressOf(page), pageBytes);

const snapshot = () => Array.from({ length: pages }, (_, page) => bytesOf(page));
const equal = (images, truth) =>
  truth.every((bytes, page) => {
    const image = images.findLast((one) => one.has(page));
    return image !== undefined && Buffer.compare(image.get(page), bytes) === 0;
  });

for (let page = 0; page < pages; ++page) process.write(addressOf(page), Uint8Array.of(page & 255));
const checkpointer = new Checkpointer();
const images = [];
let truth;
for (let number = 1; number <= 3; ++number) {
  work(3000);
  truth = snapshot();
  checkpointer.begin();
  do work(2);
  while (checkpointer.step());
  images.push(checkpointer.image);
  const { before, inTurn } = checkpointer.counts;
  console.log(
    `checkpoint ${number}: ${checkpointer.image.size} pages, ${inTurn} in turn and ${before} before a store; ` +
      `equal to the moment it began: ${equal(images, truth)}`,
  );
}

// Restored on demand in a new process, from the newest copy of each page.
const restored = machine.createProcess();
const target = restored.mmap({ length: pages * pageBytes });
restored.registerRange(target, pages * pageBytes, {
  handler({ page: address }, range) {
    const page = Number((address - target) / BigInt(pageBytes));
    range.copy(address, images.findLast((one) => one.has(page)).get(page));
  },
});
const same = truth.every(
  (bytes, page) => Buffer.compare(restored.read(target + BigInt(page * pageBytes), pageBytes), bytes) === 0,
);
console.log(`restored image equal: ${same}; pages of swap used: ${machine.stats().kernel.swap.used > 0}`);
console.log(`healthy: ${machine.health().healthy}`);
machine.close();
