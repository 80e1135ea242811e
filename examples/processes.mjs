// SPDX-License-Identifier: MIT
// Two processes share memory until one of them writes; then memory runs short, and somebody has to go.
//   node examples/processes.mjs
import { Machine, statsDelta } from "pagewalk";

const machine = new Machine({ memory: "1MiB", contents: true, swap: [{ size: "1MiB" }] });
const parent = machine.createProcess();

const text = parent.mmap({ length: "64KiB" });
parent.write(text, new TextEncoder().encode("morning"));
const child = parent.fork();
const before = machine.stats();
child.write(text, new TextEncoder().encode("evening"));
const { copyOnWrite } = statsDelta(machine.stats(), before).kernel;
const read = (process) => new TextDecoder().decode(process.read(text, 7));
console.log(`parent: ${read(parent)}; child: ${read(child)}; ${copyOnWrite.copied} page copied`);

// A store that is refused is a signal, which a handler may answer by making the page writable.
child.mprotect(text, 4096, "read");
child.onSignal("SIGSEGV", ({ address, reason }) => {
  console.log(`child: ${reason} at +${address - text}`);
  child.mprotect(text, 4096, "read|write");
});
child.write(text + 3n, new TextEncoder().encode("t"));
console.log(`child: ${read(child)}`);

// What Linux would refuse is refused with its error number.
try {
  parent.munmap(text + 1n, 4096);
} catch (error) {
  console.log(`${error.syscall}: ${error.errno}`);
}

// More than memory and swap hold: the one that has most is killed.
const greedy = machine.createProcess();
const heap = greedy.mmap({ length: "4MiB", flags: "noreserve" });
try {
  for (let page = 0n; page < 1024n; ++page) greedy.access(heap + page * 4096n, "store");
} catch (error) {
  console.log(`${error.code}; it ended with ${greedy.endSignal}`);
}
const { swap, outOfMemory } = machine.stats().kernel;
console.log(`${swap.out} pages went to swap, ${outOfMemory.killed} process was killed`);

child.exit();
parent.exit();
const { healthy, counts } = machine.health();
console.log(`healthy: ${healthy}; ${counts.residentPages} pages, ${counts.usedSwapSlots} slots in use`);
