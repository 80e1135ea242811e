// SPDX-License-Identifier: MIT
// Storms of forks and writes, proved on contents; leaks, proved by counts; memory that runs short, in its order.
import { describe, expect, it } from "vitest";
import { type Machine, type Process, statsDelta } from "../../lib/index.js";
import { bytes, page, refusalOf, started } from "../support/processes.js";
import { Random } from "../support/random.js";

const pages = 24;

// Every process with what its pages have to hold.
interface Kept {
  process: Process;
  content: number[];
}

function check({ process, content }: Kept, at: bigint): void {
  const found = content.map((_, i) => process.read(at + BigInt(i) * page + 9n, 1)[0]);
  expect(found).toEqual(content);
}

describe("copy on write", () => {
  it.each([
    ["in memory that holds everything", { memory: "16MiB" }, 1],
    ["in memory that holds a part, with swap", { memory: "1536KiB", swap: [{ size: "16MiB" }] }, 2],
    ["without the page of zeros, with five levels", { memory: "16MiB", zeroPage: false, levels: 5 }, 3],
    ["with another policy", { memory: "1536KiB", swap: [{ size: "8MiB" }, { size: "8MiB" }], policy: "arc" }, 4],
  ] as const)("keeps every byte down a chain of 50 forks %s", (_, options, seed) => {
    const { machine, process } = started(options);
    const random = new Random(seed);
    const before = machine.health().counts;
    const at = process.mmap({ length: pages * 4096 });
    const chain: Kept[] = [{ process, content: Array.from({ length: pages }, () => 0) }];
    for (let depth = 0; depth < 50; ++depth) {
      const last = chain.at(-1)!;
      chain.push({ process: last.process.fork(), content: [...last.content] });
      for (let i = 0; i < 60; ++i) {
        const { process: writer, content } = random.one(chain);
        const index = random.below(pages);
        const byte = random.below(256);
        content[index] = byte;
        writer.write(at + BigInt(index) * page + 9n, bytes(byte));
      }
    }
    for (const kept of chain) check(kept, at);
    expect(machine.stats().kernel!.copyOnWrite.copied).toBeGreaterThan(300);
    expect(machine.health().problems).toEqual([]);
    for (const { process: one } of chain) one.exit();
    expect(machine.health().counts).toMatchObject({
      freeFrames: before.freeFrames! + before.tableFrames!,
      tableFrames: 0,
      residentPages: 0,
      usedSwapSlots: 0,
      committedPages: 0,
      addressSpaces: 0,
    });
  });

  it("keeps the bytes of a tree of processes that come and go", () => {
    const { machine, process } = started({ memory: "1MiB", swap: [{ size: "16MiB" }] });
    const random = new Random(7);
    const at = process.mmap({ length: pages * 4096 });
    let living: Kept[] = [{ process, content: Array.from({ length: pages }, () => 0) }];
    for (let i = 0; i < 3000; ++i) {
      const kept = random.one(living);
      const what = random.below(20);
      if (what === 0 && living.length < 40) {
        living.push({ process: kept.process.fork(), content: [...kept.content] });
      } else if (what === 1 && living.length > 1) {
        kept.process.exit();
        kept.process.reap();
        living = living.filter((other) => other !== kept);
      } else {
        const index = random.below(pages);
        const byte = random.below(256);
        kept.content[index] = byte;
        kept.process.write(at + BigInt(index) * page + 9n, bytes(byte));
      }
    }
    for (const kept of living) check(kept, at);
    expect(machine.health().problems).toEqual([]);
  });

  it("gives a frame of one process to another only as zeros", () => {
    const { machine, process } = started({ memory: "256KiB" });
    const secret = process.mmap({ length: "128KiB" });
    process.write(secret, new Uint8Array(131072).fill(0xaa));
    process.exit();
    const other = machine.createProcess();
    const at = other.mmap({ length: "128KiB" });
    for (let i = 0n; i < 32n; ++i) other.write(at + i * page, bytes(0));
    expect(other.read(at, 131072)).toEqual(new Uint8Array(131072));
  });
});

describe("what a process costs", () => {
  it("is counted in pages: RSS its own, PSS its share, tables, and what a child takes when it writes", () => {
    const { process } = started();
    const at = process.mmap({ length: "64KiB" });
    for (let i = 0n; i < 16n; ++i) process.write(at + i * page, bytes(1));
    expect(process.stats().memory).toMatchObject({ rss: 16, anonymous: 16, tables: 4 });
    expect(process.proportionalSetSize()).toBe(16);
    const child = process.fork();
    expect([process.proportionalSetSize(), child.proportionalSetSize()]).toEqual([8, 8]);
    child.write(at, bytes(2));
    expect([process.proportionalSetSize(), child.proportionalSetSize()]).toEqual([8.5, 8.5]);
    expect(child.stats().memory.rss).toBe(16);
    child.exit();
    expect([process.proportionalSetSize(), child.proportionalSetSize()]).toEqual([16, 0]);
  });

  it("is known between two snapshots", () => {
    const { machine, process } = started({ faultCost: { minor: 700, major: 2000, zero: 90 }, fileReadLatency: 5000 });
    machine.createFile("file", 8192);
    const file = process.mmap({ length: 8192, file: process.open("file"), protection: "r" });
    process.access(file);
    const before = { machine: machine.stats(), process: process.stats() };
    process.access(file + page);
    process.access(process.mmap({ length: 4096 }), "store");
    const ofProcess = statsDelta(process.stats(), before.process);
    expect(ofProcess.faults).toMatchObject({ total: 2, minor: 1, major: 1, time: 700 + 90 + 2000 + 5000 });
    expect(ofProcess.memory).toMatchObject({ rss: 2, vmas: 1 });
    const ofMachine = statsDelta(machine.stats(), before.machine);
    expect(ofMachine.accesses.total).toBe(2);
    expect(ofMachine.kernel).toMatchObject({ time: 7790, fileReads: 1, zeroedPages: 1 });
    expect(ofProcess.state).toBe("running");
    expect(refusalOf(() => statsDelta(null as never, {})).code).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
  });
});

describe("memory that runs out", () => {
  const fill = (process: Process, count: number): void => {
    const at = process.mmap({ length: count * 4096 });
    for (let i = 0; i < count; ++i) process.access(at + BigInt(i) * page, "store");
  };
  const outOfMemory = (machine: Machine): unknown => machine.stats().kernel!.outOfMemory;

  it("goes to swap first", () => {
    const { machine, process } = started({ memory: "128KiB", swap: [{ size: "256KiB" }] });
    fill(process, 60);
    expect(machine.stats().kernel!.swap.out).toBeGreaterThan(30);
    expect(outOfMemory(machine)).toEqual({ hookHelped: 0, killed: 0, failed: 0 });
  });

  it("kills the process that has most, which is not the one that asks", () => {
    const { machine, process } = started({ memory: "128KiB", overcommit: "always" });
    fill(process, 15);
    const other = machine.createProcess();
    fill(other, 12);
    expect(process).toMatchObject({ state: "ended", endSignal: "SIGKILL", exitStatus: null });
    expect(other.state).toBe("running");
    expect(outOfMemory(machine)).toEqual({ hookHelped: 0, killed: 1, failed: 0 });
    expect(machine.health().problems).toEqual([]);
  });

  it("kills the one that asks if it has most itself, also in the middle of a call", () => {
    const { machine, process } = started({ memory: "128KiB", overcommit: "always" });
    expect(refusalOf(() => fill(process, 40))).toMatchObject({
      code: "ERR_PAGEWALK_OUT_OF_MEMORY",
      message: expect.stringContaining("killed"),
    });
    const other = machine.createProcess();
    const error = refusalOf(() => other.mmap({ length: "1MiB", flags: "populate" }));
    expect(error).toMatchObject({ errno: "ENOMEM", message: expect.stringContaining("killed for memory") });
    expect([process.endSignal, other.endSignal]).toEqual(["SIGKILL", "SIGKILL"]);
    expect(outOfMemory(machine)).toEqual({ hookHelped: 0, killed: 2, failed: 0 });
    expect(machine.health().counts).toMatchObject({ residentPages: 0, tableFrames: 0 });
  });

  it("fails the fault where nobody may be killed", () => {
    const { machine, process } = started({ memory: "128KiB", overcommit: "always" });
    process.oomScoreAdjustment = -1000;
    expect(refusalOf(() => fill(process, 40)).code).toBe("ERR_PAGEWALK_OUT_OF_MEMORY");
    expect(process.state).toBe("running");
    expect(outOfMemory(machine)).toEqual({ hookHelped: 0, killed: 0, failed: 1 });
    expect(machine.health().problems).toEqual([]);
  });

  it("leaves no process where there is no frame for its tables", () => {
    const { machine, process } = started({ memory: "128KiB", overcommit: "always" });
    process.oomScoreAdjustment = -1000;
    refusalOf(() => fill(process, 40));
    expect(refusalOf(() => machine.createProcess()).code).toBe("ERR_PAGEWALK_OUT_OF_MEMORY");
    expect(refusalOf(() => process.fork()).errno).toBe("ENOMEM");
    expect(machine.processes()).toEqual([process]);
    expect(machine.health().problems).toEqual([]);
  });
});
