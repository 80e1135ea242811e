// SPDX-License-Identifier: MIT
// Locks, files, shared memory, limits, vfork and exec, memory of other processes, regions: as the manual pages say.
import { describe, expect, it } from "vitest";
import { bytes, errnoOf, page, refusalOf, started } from "../support/processes.js";

describe("locks", () => {
  it("bring pages in and keep them there", () => {
    const { machine, process } = started({ memory: "256KiB", swap: [{ size: "1MiB" }] });
    const locked = process.mmap({ length: "32KiB" });
    process.mlock(locked, "32KiB");
    expect(process.mincore(locked, "32KiB")).toEqual(new Uint8Array(8).fill(1));
    const other = process.mmap({ length: "512KiB" });
    for (let i = 0n; i < 128n; ++i) process.write(other + i * page, bytes(1));
    expect(machine.stats().kernel!.swap.out).toBeGreaterThan(0);
    expect(process.mincore(locked, "32KiB")).toEqual(new Uint8Array(8).fill(1));
    expect(process.stats().memory.locked).toBe(8);
    process.munlock(locked, "32KiB");
    expect(process.stats().memory.locked).toBe(0);
  });

  it("on fault wait for the first access", () => {
    const { process } = started();
    const at = process.mmap({ length: 8192 });
    process.mlock(at, 8192, "onfault");
    expect(process.mincore(at, 8192)).toEqual(bytes(0, 0));
    process.access(at);
    expect(process.mincore(at, 8192)).toEqual(bytes(1, 0));
  });

  it("of everything reach what is mapped later too", () => {
    const { process } = started();
    process.mlockall("current|future");
    const at = process.mmap({ length: 8192 });
    expect(process.mincore(at, 8192)).toEqual(bytes(1, 1));
    expect(process.vmas()[0]!.locked).toBe(true);
    process.munlockall();
    expect(process.vmas()[0]!.locked).toBe(false);
  });

  it("end at the limit", () => {
    const { process } = started();
    process.setLimits({ locked: "8KiB" });
    const at = process.mmap({ length: "16KiB" });
    expect(errnoOf(() => process.mlock(at, "16KiB"))).toBe("ENOMEM");
    process.setLimits({ locked: 0 });
    expect(errnoOf(() => process.mlock(at, 4096))).toBe("EPERM");
    process.setLimits({ mayLockAny: true });
    process.mlock(at, "16KiB");
  });
});

describe("mincore", () => {
  it("says EINVAL of an odd address and ENOMEM of a hole, whatever the length", () => {
    const { process } = started();
    const at = process.mmap({ length: 4096 });
    expect(errnoOf(() => process.mincore(at + 1n, 1))).toBe("EINVAL");
    expect(errnoOf(() => process.mincore(at, 2n ** 63n))).toBe("ENOMEM");
    expect(errnoOf(() => process.mincore(at, -1))).toBe("ENOMEM");
    expect(process.mincore(at, 0)).toEqual(bytes());
    expect(process.mincore(at, 1)).toEqual(bytes(0));
  });

  it("answers for a TiB at a time", () => {
    const { process } = started({ overcommit: "always", levels: 5, contents: false });
    const at = process.mmap({ length: "2TiB", flags: "noreserve" });
    expect(refusalOf(() => process.mincore(at, "2TiB")).code).toBe("ERR_PAGEWALK_OUT_OF_RANGE");
  });
});

describe("files", () => {
  it("are mapped shared and private, and written back", () => {
    const { machine, process } = started();
    machine.createFile(
      "data",
      Uint8Array.from({ length: 6000 }, (_, i) => i),
    );
    const file = process.open("data");
    const shared = process.mmap({ length: 8192, file, flags: "shared" });
    const own = process.mmap({ length: 8192, file, protection: "rw" });
    expect(process.read(shared + 4998n, 4)).toEqual(bytes(134, 135, 136, 137));
    process.write(shared, bytes(99));
    process.write(own + 1n, bytes(98));
    expect(process.read(own, 2)).toEqual(bytes(99, 98));
    expect(machine.readFile("data", 0, 2)).toEqual(bytes(99, 1));
    process.msync(shared, 8192, "sync");
    expect(machine.stats().kernel!.writebacks).toBe(1);
    process.close(file);
    expect(errnoOf(() => process.close(file))).toBe("EBADF");
    expect(process.read(shared, 1)).toEqual(bytes(99));
  });

  it("end in a bus error", () => {
    const { machine, process } = started({ onViolation: "record" });
    machine.createFile("short", 100);
    const at = process.mmap({ length: 8192, file: process.open("short"), flags: "shared" });
    expect(process.read(at + 4095n, 1)).toEqual(bytes(0));
    const error = refusalOf(() => process.access(at + page));
    expect(error).toMatchObject({ code: "ERR_PAGEWALK_BUS", violation: { signal: "SIGBUS", reason: "beyond-object" } });
  });

  it("answer as open(2) does", () => {
    const { machine, process } = started();
    expect(errnoOf(() => process.open("nowhere"))).toBe("ENOENT");
    const file = process.open("new", "read|write|create");
    expect(errnoOf(() => process.open("new", "create|exclusive"))).toBe("EEXIST");
    expect(errnoOf(() => machine.createFile("new", 0))).toBe("EEXIST");
    process.ftruncate(file, "8KiB");
    expect(machine.readFile("new")).toEqual(new Uint8Array(8192));
    expect(errnoOf(() => process.ftruncate(process.open("new", "read"), 0))).toBe("EINVAL");
    const readOnly = process.open("new", "read");
    expect(errnoOf(() => process.mmap({ length: 4096, file: readOnly, flags: "shared" }))).toBe("EACCES");
  });

  it("are read and written by others meanwhile", () => {
    const { machine, process } = started({ memory: "256KiB" });
    machine.createFile("large", "1MiB");
    const at = process.mmap({ length: "1MiB", file: process.open("large"), flags: "shared" });
    for (let i = 0n; i < 256n; ++i) process.write(at + i * page, bytes(Number(i)));
    expect(machine.stats().kernel!.writebacks).toBeGreaterThan(0);
    const all = machine.readFile("large");
    for (let i = 0; i < 256; ++i) expect(all[i * 4096]).toBe(i);
  });
});

describe("shared memory", () => {
  it("by POSIX name outlives its descriptors", () => {
    const { machine, process } = started();
    const other = machine.createProcess();
    const mine = process.shmOpen("/pool");
    process.ftruncate(mine, 8192);
    const at = process.mmap({ length: 8192, file: mine, flags: "shared" });
    process.write(at, bytes(5));
    process.close(mine);
    const theirs = other.shmOpen("/pool", "read");
    expect(other.read(other.mmap({ length: 8192, file: theirs, flags: "shared", protection: "r" }), 1)).toEqual(
      bytes(5),
    );
    process.shmUnlink("/pool");
    expect(errnoOf(() => other.shmOpen("/pool", "read"))).toBe("ENOENT");
    expect(errnoOf(() => other.shmUnlink("/pool"))).toBe("ENOENT");
  });

  it("by memfd goes to children by descriptor", () => {
    const { process } = started();
    const file = process.memfdCreate("buffer");
    process.ftruncate(file, 4096);
    const child = process.fork();
    const here = process.mmap({ length: 4096, file, flags: "shared" });
    const there = child.mmap({ length: 4096, file, flags: "shared" });
    child.write(there, bytes(1, 2));
    expect(process.read(here, 2)).toEqual(bytes(1, 2));
    expect(process.vmas()[0]!.name).toBe("/memfd:buffer");
  });

  it("in System V segments goes with the last attachment", () => {
    const { machine, process } = started();
    const other = machine.createProcess();
    const id = process.shmget(77, 8192);
    expect(other.shmget(77, 4096, 0)).toBe(id);
    expect(errnoOf(() => other.shmget(77, 4096, "create|exclusive"))).toBe("EEXIST");
    const here = process.shmat(id);
    const there = other.shmat(id, { flags: "readonly" });
    process.write(here + page, bytes(3));
    expect(other.read(there + page, 1)).toEqual(bytes(3));
    process.shmRemove(id);
    expect(errnoOf(() => process.shmget(77, 4096, 0))).toBe("ENOENT");
    process.shmdt(here);
    expect(machine.health().counts.objects).toBe(1);
    other.shmdt(there);
    expect(machine.health().counts.objects).toBe(0);
    expect(errnoOf(() => process.shmdt(here))).toBe("EINVAL");
  });
});

describe("vfork and exec", () => {
  it("suspend the parent until the child has an address space of its own", () => {
    const { process } = started();
    const at = process.mmap({ length: 4096 });
    const child = process.vfork();
    expect(process.state).toBe("suspended");
    expect(refusalOf(() => process.access(at)).code).toBe("ERR_PAGEWALK_NOT_RUNNING");
    child.write(at, bytes(8));
    child.exec();
    expect(child.vmas()).toEqual([]);
    expect(process.state).toBe("running");
    expect(process.read(at, 1)).toEqual(bytes(8));
  });

  it("let the child exit as well", () => {
    const { machine, process } = started();
    process.vfork().exit(4);
    expect(process.state).toBe("running");
    expect(machine.process(2)!.exitStatus).toBe(4);
    expect(machine.health().problems).toEqual([]);
  });
});

describe("memory of another process", () => {
  it("is read and written past its rights of the moment, as process_vm_readv(2) does", () => {
    const { machine, process } = started();
    const other = machine.createProcess();
    const at = process.mmap({ length: 8192 });
    expect(other.processVmWritev(process, at + 4000n, new Uint8Array(200).fill(6))).toBe(200);
    expect(process.read(at + 4199n, 2)).toEqual(bytes(6, 0));
    expect(other.processVmReadv(process.pid, { address: at + 4199n, length: 2 })).toEqual(bytes(6, 0));
    const ranges = [
      { address: at + 4000n, length: 1 },
      { address: at + 5000n, length: 2 },
      { address: 0, length: 9 },
    ];
    expect(other.processVmReadv(process, ranges)).toEqual(bytes(6, 0, 0));
  });

  it("ends where nothing is mapped", () => {
    const { machine, process } = started();
    const other = machine.createProcess();
    const at = process.mmap({ length: 4096 });
    expect(other.processVmWritev(process, at + 4000n, new Uint8Array(200))).toBe(96);
    expect(errnoOf(() => other.processVmReadv(process, { address: 0, length: 1 }))).toBe("EFAULT");
    process.exit();
    expect(errnoOf(() => other.processVmReadv(process, { address: at, length: 1 }))).toBe("ESRCH");
    expect(errnoOf(() => other.processVmReadv(99, { address: at, length: 1 }))).toBe("ESRCH");
    expect(machine.violations()).toEqual([]);
  });
});

describe("limits", () => {
  it("are those of Linux, are changed one by one, and go to children", () => {
    const { process } = started();
    expect(process.limits).toEqual({
      addressSpace: null,
      data: null,
      stack: 8n << 20n,
      locked: 8n << 20n,
      mayLockAny: false,
    });
    process.setLimits({ addressSpace: "64KiB", stack: null });
    const child = process.fork();
    expect(child.limits).toMatchObject({ addressSpace: 65536n, stack: null, locked: 8n << 20n });
    expect(errnoOf(() => child.mmap({ length: "128KiB" }))).toBe("ENOMEM");
    expect(refusalOf(() => process.setLimits({ adressSpace: 1 } as never)).message).toContain("addressSpace");
  });

  it("are given to a new process, or there is none", () => {
    const { machine } = started();
    const process = machine.createProcess({ limits: { data: 4096 }, oomScoreAdjustment: -5 });
    expect(process).toMatchObject({ oomScoreAdjustment: -5, limits: { data: 4096n } });
    expect(errnoOf(() => process.mmap({ length: 8192 }))).toBe("ENOMEM");
    const count = machine.processes().length;
    expect(refusalOf(() => machine.createProcess({ oomScoreAdjustment: 1001 })).code).toBe("ERR_PAGEWALK_OUT_OF_RANGE");
    expect(refusalOf(() => machine.createProcess({ oomScore: 1 } as never)).code).toBe("ERR_PAGEWALK_UNKNOWN_NAME");
    expect(machine.processes()).toHaveLength(count);
  });

  it.each([
    ["heuristic", "4MiB", "ENOMEM", "2MiB"],
    ["never", "2MiB", "ENOMEM", "1MiB"],
  ] as const)("of commitment: %s", (mode, tooMuch, errno, enough) => {
    const overcommit = { mode, adminReserve: 0 };
    const { process } = started({ memory: "3MiB", overcommit });
    expect(errnoOf(() => process.mmap({ length: tooMuch }))).toBe(errno);
    process.mmap({ length: enough });
    const { process: other } = started({ memory: "3MiB", overcommit: "always" });
    other.mmap({ length: "1TiB" });
  });
});

describe("regions", () => {
  it("are given and taken whole", () => {
    const { process } = started();
    const region = process.allocateRegion("16KiB");
    process.write(region.address + 16383n, bytes(1));
    process.munmap(region.address + page, 4096);
    expect(errnoOf(() => process.freeRegion(region))).toBe("EINVAL");
    expect(process.vmas()).toHaveLength(2);
    const second = process.allocateRegion("16KiB", "read");
    process.freeRegion(second);
    expect(errnoOf(() => process.freeRegion(second))).toBe("EINVAL");
    expect(errnoOf(() => process.allocateRegion(0))).toBe("EINVAL");
  });
});
