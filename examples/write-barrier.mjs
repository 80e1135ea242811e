// SPDX-License-Identifier: MIT
// A write barrier without a cost where nothing is written: a generational garbage collector protects its old generation from
// stores. The first store to a page faults, puts the page in the remembered set and lets it be; a minor collection looks for
// references to young objects on remembered pages alone.
//   node examples/write-barrier.mjs
import { Machine } from "pagewalk";

const pageBytes = 4096;
const objectBytes = 32; // two references, a value, and where a survivor went
const oldPages = 512;
const youngObjects = 4096;

const machine = new Machine({ memory: "32MiB", contents: true });
const process = machine.createProcess();
const old = process.mmap({ length: oldPages * pageBytes });
const young = process.mmap({ length: youngObjects * objectBytes });
const youngEnd = young + BigInt(youngObjects * objectBytes);
const isYoung = (reference) => reference >= young && reference < youngEnd;

// The same numbers in every run.
let seed = 1;
const random = (below) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};

const load = (address) => new DataView(process.read(address, 8).buffer).getBigUint64(0, true);
function store(address, word) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, word, true);
  process.write(address, bytes);
}

const remembered = new Set();
const barrier = process.registerRange(old, oldPages * pageBytes, {
  modes: ["write-protect"],
  handler({ page }, range) {
    remembered.add(page);
    range.writeProtect(page, pageBytes, false);
  },
});

// The old generation is half full of objects that refer to each other.
let oldTop = old;
const allocateOld = () => {
  const address = oldTop;
  oldTop += BigInt(objectBytes);
  return address;
};
const oldObjects = [];
for (let i = 0; i < (oldPages / 2) * (pageBytes / objectBytes); ++i) {
  const address = allocateOld();
  oldObjects.push(address);
  store(address, oldObjects[random(oldObjects.length)]);
  store(address + 16n, BigInt(i));
}
const protectOld = () => barrier.writeProtect(old, oldPages * pageBytes, true);

// Slots with references to young objects, on these pages.
function* youngSlots(pages) {
  for (const page of pages) {
    const words = new BigUint64Array(process.read(page, pageBytes).buffer);
    for (let i = 0; i < words.length; ++i) if (i % 4 < 2 && isYoung(words[i])) yield page + BigInt(i * 8);
  }
}

// Copies what is reachable from the slots to the old generation, and lets every reference follow.
function evacuate(slots) {
  const moved = new Map();
  const work = [...slots];
  while (work.length > 0) {
    const slot = work.pop();
    const from = load(slot);
    if (!isYoung(from)) continue;
    let to = moved.get(from);
    if (to === undefined) {
      to = allocateOld();
      moved.set(from, to);
      process.write(to, process.read(from, objectBytes));
      work.push(to, to + 8n);
    }
    store(slot, to);
  }
  return moved.size;
}

let same = true;
for (let cycle = 1; cycle <= 4; ++cycle) {
  protectOld();
  remembered.clear();
  // The program: young objects in chains, and stores to a few old objects, many of them to the same.
  let stores = 0;
  for (let i = 0; i < youngObjects; ++i) {
    const address = young + BigInt(i * objectBytes);
    store(address, i % 16 === 0 ? 0n : address - BigInt(objectBytes));
    store(address + 8n, 0n);
    store(address + 16n, BigInt(cycle * youngObjects + i));
    if (random(10) !== 0) continue;
    const holder = oldObjects[random(20) + random(8) * 1000 + cycle * 50];
    store(holder + 8n, address);
    ++stores;
  }
  // A full scan finds what the remembered set has to find.
  const used = [];
  for (let page = old; page < oldTop; page += BigInt(pageBytes)) used.push(page);
  const truth = [...youngSlots(used)].map(String).sort();
  const found = [...youngSlots(remembered)].map(String).sort();
  same &&= truth.length > 0 && truth.join() === found.join();
  const scanned = remembered.size;
  const survivors = evacuate(found.map(BigInt));
  console.log(
    `cycle ${cycle}: ${stores} stores of references, ${scanned} of ${used.length} pages scanned, ` +
      `${survivors} of ${youngObjects} objects survive`,
  );
}
// Nothing in the old generation refers to young objects any more, and values are where they were.
const left = [...youngSlots(Array.from({ length: oldPages }, (_, i) => old + BigInt(i * pageBytes)))].length;
const values = oldObjects.every((address, i) => load(address + 16n) === BigInt(i));
console.log(`remembered sets equal full scans: ${same}; dangling references: ${left}; values kept: ${values}`);
console.log(`healthy: ${machine.health().healthy}`);
machine.close();
