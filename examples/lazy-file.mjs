// SPDX-License-Identifier: MIT
// A file that is loaded page by page when it is touched: the handler of a range reads the host's disk while the process
// waits, and reads ahead where pages are missed in order.
//   node examples/lazy-file.mjs
import { open, readFile } from "node:fs/promises";
import { Machine } from "pagewalk";

const pageBytes = 4096n;
const ahead = 8n; // pages

const path = new URL("traces/python.lackey.zst", import.meta.url);
const file = await open(path);
const size = BigInt((await file.stat()).size);
const pages = (size + pageBytes - 1n) / pageBytes;
console.log(`${pages} pages in the file`);

const machine = new Machine({ memory: "16MiB", contents: true });
const process = machine.createProcess();
const start = process.mmap({ length: pages * pageBytes, protection: "read" });

const counts = { faults: 0, loaded: 0n };
const loaded = new Set();
let expected = -1n; // the page that a reader who goes on in order misses next

process.registerRange(start, pages * pageBytes, {
  modes: ["missing"],
  async handler({ page: address }, range) {
    const first = (address - start) / pageBytes;
    let count = first === expected ? ahead : 1n;
    if (first + count > pages) count = pages - first;
    for (let i = 1n; i < count; ++i) if (loaded.has(first + i)) count = i; // never what is there already
    const bytes = new Uint8Array(Number(count * pageBytes)); // behind the end of the file it stays zero
    await file.read(bytes, 0, bytes.length, Number(first * pageBytes));
    for (let i = 0n; i < count; ++i) loaded.add(first + i);
    expected = first + count;
    ++counts.faults;
    counts.loaded += count;
    range.copy(address, bytes); // and the process goes on
  },
});

const truth = await readFile(path);
let equal = true;
async function compare(offset, length) {
  const bytes = await process.readAsync(start + BigInt(offset), length);
  equal &&= Buffer.compare(bytes, truth.subarray(offset, offset + length)) === 0;
}

// A reader who jumps: one page in seven, from the end to the beginning.
for (let page = Number(pages) - 1; page >= 0; page -= 7)
  await compare(page * 4096, Math.min(100, Number(size) - page * 4096));
console.log(`jumping: ${counts.faults} faults loaded ${counts.loaded} pages`);

// One who reads it all, and finds some of it there.
const before = { ...counts };
await compare(0, Number(size));
console.log(`in order: ${counts.faults - before.faults} faults loaded ${counts.loaded - before.loaded} more`);

console.log(`every byte equal: ${equal}; loaded once each: ${counts.loaded === pages}`);
console.log(`user-fault: ${process.stats().faults.byReason["user-fault"]}; healthy: ${machine.health().healthy}`);
await file.close();
machine.close();
