// SPDX-License-Identifier: MIT
// Parts of the self-test for a machine that runs processes.
import { codeOf } from "../errors.js";
import type { Machine } from "../machine.js";
import type { Process } from "../process.js";
import { type Bench, smallMemory } from "./bench.js";

const page = 4096;

// Whether the call was done; a system call or an access that is refused is fine.
function attempt(call: () => void): boolean {
  try {
    call();
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === "ERR_PAGEWALK_SYSTEM_CALL" || code === "ERR_PAGEWALK_SEGV") return false;
    throw error;
  }
}

// Ends whatever runs: every frame, table and slot has to come back.
function endAll(bench: Bench, machine: Machine): void {
  for (const process of machine.processes()) if (process.state !== "ended") process.exit();
  bench.expectHealthy(machine);
  const { counts } = machine.health();
  const zeroPage = 1;
  bench.expect(counts.freeFrames! + zeroPage === counts.frames, "every frame back when all processes have ended");
  bench.expect(counts.usedSwapSlots === 0, "every swap slot back");
  bench.expect(counts.tableFrames === 0 && counts.addressSpaces === 0, "every table back");
}

/** A process and its child, each with pages of its own and some that they share. */
export function drive(machine: Machine): void {
  const parent = machine.createProcess();
  const pages = Math.min(100, Math.ceil(machine.config.memory / page / 8));
  const area = parent.mmap({ length: pages * page });
  for (let i = 0; i < pages; i++) parent.access(area + BigInt(i * page), "store");
  const child = parent.fork();
  for (let i = 0; i < pages; i += 2) child.access(area + BigInt(i * page), "store");
}

type Call = (process: Process, at: bigint, length: number) => void;

const calls: Record<string, Call> = {
  mmap: (process, address, length) => void process.mmap({ address, length, flags: "fixed" }),
  munmap: (process, at, length) => process.munmap(at, length),
  mprotect: (process, at, length) => process.mprotect(at, length, length % (3 * page) ? "read" : "read|write"),
  mremap: (process, at, length) => void process.mremap(at, length, length + page),
  madvise: (process, at, length) => process.madvise(at, length, "dontneed"),
  brk: (process, _at, length) => void process.brk(process.brk() + BigInt(length - 4 * page)),
  store: (process, at) => void process.access(at, "store"),
  load: (process, at) => void process.access(at, "load"),
};

/** Random memory calls, with accesses among them. */
export function memoryCalls(bench: Bench): string {
  const machine = bench.system({ onViolation: "record" });
  const process = machine.createProcess();
  const area = process.mmap({ length: 64 * page });
  const names = Object.keys(calls);
  let done = 0;
  for (let i = 0; i < 2_000; i++) {
    const call = calls[names[bench.random.below(names.length)]!]!;
    const at = area + BigInt(bench.random.below(64) * page);
    if (attempt(() => call(process, at, (1 + bench.random.below(8)) * page))) done++;
  }
  bench.expect(done > 500, "most calls to be done");
  endAll(bench, machine);
  return `${done} of 2000 calls done, the others refused`;
}

const bytesOf = (value: number): Uint8Array => Uint8Array.of(value & 255, value >> 8);
const valueOf = (bytes: Uint8Array): number => bytes[0]! | (bytes[1]! << 8);

/** A chain of processes, each of which keeps its own bytes. */
export function copyOnWrite(bench: Bench): string {
  const machine = bench.smallSystem();
  const pages = 24;
  const chain = [machine.createProcess()];
  const area = chain[0]!.mmap({ length: pages * page });
  const expected = [new Uint16Array(pages)];
  for (let depth = 0; depth < 12; depth++) {
    for (let i = 0; i < 40; i++) {
      const who = bench.random.below(chain.length);
      const at = bench.random.below(pages);
      const value = bench.random.below(65_536);
      expected[who]![at] = value;
      chain[who]!.write(area + BigInt(at * page), bytesOf(value));
    }
    chain.push(chain.at(-1)!.fork());
    expected.push(expected.at(-1)!.slice());
  }
  for (const [who, process] of chain.entries())
    for (let at = 0; at < pages; at++)
      bench.expect(
        valueOf(process.read(area + BigInt(at * page), 2)) === expected[who]![at],
        `process ${process.pid} to read what it wrote`,
      );
  const { copyOnWrite: counts } = machine.stats().kernel!;
  bench.expect(counts.copied > 0, "copies");
  endAll(bench, machine);
  return `${chain.length} processes, ${counts.copied} pages copied`;
}

/** Twice as many pages as memory, which come back with their bytes. */
export function swapping(bench: Bench): string {
  const machine = bench.smallSystem({ swap: [{ size: 2 * smallMemory }, { size: smallMemory }] });
  const process = machine.createProcess();
  const pages = (2 * smallMemory) / page;
  const area = process.mmap({ length: pages * page });
  for (let i = 0; i < pages; i++) process.write(area + BigInt(i * page), bytesOf(i));
  for (let i = 0; i < pages; i += 3)
    bench.expect(valueOf(process.read(area + BigInt(i * page), 2)) === i, "what was swapped out to come back");
  const { swap } = machine.stats().kernel!;
  bench.expect(swap.out > 0 && swap.in > 0, "pages to go out and in");
  endAll(bench, machine);
  return `${swap.out} pages out, ${swap.in} in`;
}

/** Memory and swap run out: somebody is killed, the others go on. */
export function outOfMemory(bench: Bench): string {
  const machine = bench.smallSystem({ swap: [{ size: smallMemory / 4 }], overcommit: "always" });
  const processes = [1, 2, 3].map(() => machine.createProcess());
  const pages = smallMemory / page;
  const areas = processes.map((process) => process.mmap({ length: pages * page }));
  let failed = 0;
  for (let i = 0; i < pages; i++)
    for (const [who, process] of processes.entries()) {
      if (process.state !== "running") continue;
      try {
        process.write(areas[who]! + BigInt(i * page), bytesOf(i));
      } catch (error) {
        if (codeOf(error) !== "ERR_PAGEWALK_OUT_OF_MEMORY") throw error;
        failed++;
      }
    }
  const { outOfMemory: counts } = machine.stats().kernel!;
  bench.expect(counts.killed > 0, "somebody to be killed for memory");
  bench.expect(
    processes.some(({ state }) => state === "running"),
    "somebody to go on",
  );
  endAll(bench, machine);
  return `${counts.killed} killed, ${failed} accesses refused`;
}
