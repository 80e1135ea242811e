// SPDX-License-Identifier: MIT
// Processes keep their promises: calls answer as Linux's do, memory is private until shared, exits give everything back.
import { describe, expect, it } from "vitest";
import { Machine, type MachineOptions, PagewalkError, type Process } from "../../lib/index.js";
import { thrownBy } from "../support/errors.js";

const page = 4096n;

function started(options: MachineOptions = {}): { machine: Machine; process: Process } {
  const machine = new Machine({ memory: "4MiB", contents: true, ...options });
  return { machine, process: machine.createProcess() };
}

const errnoOf = (call: () => unknown): string | undefined => (thrownBy(call) as unknown as PagewalkError).errno;

describe("a machine", () => {
  it("gives every process a pid of its own and lists them", () => {
    const { machine, process } = started();
    const second = machine.createProcess();
    expect([process.pid, second.pid]).toEqual([1, 2]);
    expect(machine.processes()).toEqual([process, second]);
    expect(machine.process(2)).toBe(second);
    expect(machine.process(3)).toBeUndefined();
  });

  it("is one demand-paged space or runs processes, never both", async () => {
    const { machine } = started();
    const refused = [() => machine.access(0), () => machine.accessMany([0]), () => machine.encodeState()];
    for (const call of refused)
      expect(thrownBy(call)).toMatchObject({
        code: "ERR_PAGEWALK_INVALID_CONFIG",
        message: expect.stringContaining("runs processes"),
      });
    await expect(machine.run("nowhere.trace")).rejects.toMatchObject({ code: "ERR_PAGEWALK_INVALID_CONFIG" });
    using used = new Machine();
    used.access(0x1000);
    expect(thrownBy(() => used.createProcess()).code).toBe("ERR_PAGEWALK_INVALID_CONFIG");
    used.reset();
    expect(used.createProcess().pid).toBe(1);
  });

  it("is one demand-paged space again after reset(), and processes from before are gone", () => {
    const { machine, process } = started();
    machine.reset();
    expect(machine.processes()).toEqual([]);
    expect(machine.access(0x1000).fault).toBe("minor");
    expect(thrownBy(() => process.mmap({ length: 4096 })).code).toBe("ERR_PAGEWALK_CLOSED");
  });

  it.each([
    [{ pageSize: "2MiB" }, "pageSize"],
    [{ tlbPolicy: "fifo" }, "tlbPolicy"],
    [{ residentLimit: "25%" }, "residentLimit"],
  ] as const)("says which option %j is not for processes", (options, name) => {
    using machine = new Machine(options);
    const error = thrownBy(() => machine.createProcess());
    expect(error).toMatchObject({ code: "ERR_PAGEWALK_INVALID_CONFIG", message: expect.stringContaining(name) });
  });

  it("has the counters of a replay, and a part for the kernel", () => {
    const { machine, process } = started({ onViolation: "record" });
    const at = process.mmap({ length: 8192, protection: "read|write|exec" });
    process.access(at, "store");
    process.access(at, "load");
    process.access(at, "fetch");
    thrownBy(() => process.access(0, "load"));
    const { accesses, faults, memory, kernel } = machine.stats();
    expect(accesses).toEqual({ total: 4, fetches: 1 });
    expect(faults).toEqual({ total: 2, minor: 1, major: 0, protection: 1 });
    expect(memory.residentPages).toBe(1);
    expect(kernel!.faults.byReason).toMatchObject({ "demand-zero": 1, "bad-address": 1 });
  });
});

describe("memory calls", () => {
  it("map, protect, move and unmap as /proc/self/maps shows it", () => {
    const { process } = started();
    const at = process.mmap({ length: "16KiB" });
    process.mprotect(at + page, 4096, "read");
    expect(process.vmas().map(({ start, end, rights }) => [start - at, end - at, rights])).toEqual([
      [0n, page, "rw-p"],
      [page, 2n * page, "r--p"],
      [2n * page, 4n * page, "rw-p"],
    ]);
    process.munmap(at, "8KiB");
    process.write(at + 2n * page, Uint8Array.of(7));
    const moved = process.mremap(at + 2n * page, 8192, "1MiB");
    expect(process.read(moved, 1)).toEqual(Uint8Array.of(7));
    expect(process.vmas()).toHaveLength(1);
    process.madvise(moved, 4096, "dontneed");
    expect(process.read(moved, 1)).toEqual(Uint8Array.of(0));
  });

  it("take flags as names, lists and Linux's numbers", () => {
    const { process } = started();
    const address = 0x10_0000n;
    const one = { address, length: 4096 };
    expect(process.mmap({ ...one, flags: "fixed", protection: "r" })).toBe(address);
    expect(process.mmap({ ...one, flags: ["fixed", "shared", "anonymous"], protection: ["read"] })).toBe(address);
    expect(process.mmap({ ...one, flags: 0x32, protection: 3 })).toBe(address);
    expect(process.mmap({ ...one, flags: 0x32n, protection: "rwx" })).toBe(address);
    expect(process.vmas().map(({ rights }) => rights)).toEqual(["rwxp"]);
  });

  it("move the end of the heap", () => {
    const { process } = started();
    const heap = process.brk();
    expect(process.brk(heap + 3n * page)).toBe(heap + 3n * page);
    expect(process.brk(0)).toBe(heap + 3n * page);
    expect(process.brk(1)).toBe(heap + 3n * page);
    process.access(heap, "store");
    expect(process.stats().memory).toMatchObject({ rss: 1, virtual: 3 });
  });

  it.each<[string, string, (process: Process) => unknown]>([
    ["mmap", "EINVAL", (process) => process.mmap({ length: 0 })],
    ["mmap", "ENOMEM", (process) => process.mmap({ length: -4096 })],
    ["mmap", "EINVAL", (process) => process.mmap({ length: 4096, flags: 0x20 })],
    ["mmap", "EBADF", (process) => process.mmap({ length: 4096, file: 9 })],
    ["mmap", "EINVAL", (process) => process.mmap({ address: 1, length: 4096, flags: "fixed" })],
    ["munmap", "EINVAL", (process) => process.munmap(1, 4096)],
    ["munmap", "EINVAL", (process) => process.munmap(0, 2n ** 64n - 1n)],
    ["mprotect", "ENOMEM", (process) => process.mprotect(0x5000, 4096, "read")],
    ["mremap", "EFAULT", (process) => process.mremap(0x5000, 4096, 8192)],
    ["madvise", "EINVAL", (process) => process.madvise(0x5000, 4096, 77)],
  ])("%s answers %s as Linux does", (syscall, errno, call) => {
    const { machine, process } = started();
    const error = thrownBy(() => call(process));
    expect(error).toBeInstanceOf(PagewalkError);
    expect(error).toMatchObject({ code: "ERR_PAGEWALK_SYSTEM_CALL", errno, syscall });
    expect(machine.health().problems).toEqual([]);
  });

  it("answer EEXIST where something is mapped already", () => {
    const { process } = started();
    const address = process.mmap({ length: 4096 });
    expect(errnoOf(() => process.mmap({ address, length: 4096, flags: "fixed-noreplace" }))).toBe("EEXIST");
  });

  it("say what a misspelled flag was meant to be", () => {
    const { process } = started();
    expect(thrownBy(() => process.mmap({ length: 4096, flags: "anonymus" }))).toMatchObject({
      code: "ERR_PAGEWALK_UNKNOWN_NAME",
      message: expect.stringContaining('did you mean "anonymous"'),
    });
  });
});

describe("accesses", () => {
  it("say where they went, and why they faulted", () => {
    const { process } = started();
    const at = process.mmap({ length: 8192 });
    expect(process.access(at + 5n, "load")).toEqual({
      pa: expect.any(BigInt),
      pageSize: "4KiB",
      fault: "minor",
      reason: "demand-zero",
    });
    expect(process.access(at, "store")).toMatchObject({ fault: "minor", reason: "copy-on-write" });
    expect(process.access(at, "store")).toMatchObject({ fault: null, reason: null });
  });

  it("in bulk count what one by one would", () => {
    const { process } = started();
    const at = Number(process.mmap({ length: "64KiB" }));
    const addresses = Float64Array.from({ length: 32 }, (_, i) => at + (i % 16) * 4096);
    expect(process.accessMany(addresses, new Uint8Array(32).fill(2))).toMatchObject({ accesses: 32, faults: 16 });
    expect(process.accessMany([at, BigInt(at)])).toMatchObject({ accesses: 2, faults: 0 });
  });

  it("that are refused throw the violation, end the process and are logged", () => {
    const { machine, process } = started();
    const error = thrownBy(() => process.access(0x1234, "store")) as unknown as PagewalkError;
    expect(error.code).toBe("ERR_PAGEWALK_SEGV");
    expect(error.violation).toMatchObject({
      pid: process.pid,
      address: 0x1234n,
      kind: "store",
      reason: "bad-address",
      signal: "SIGSEGV",
      siCode: 1,
      errorCode: 6,
    });
    expect(Object.isFrozen(error.violation)).toBe(true);
    expect(process).toMatchObject({ state: "ended", endSignal: "SIGSEGV", exitStatus: null });
    expect(machine.violations()).toEqual([error.violation]);
    expect(machine.violations({ pid: process.pid, reason: "bad-address" })).toHaveLength(1);
    expect(machine.violations({ pid: 2 })).toEqual([]);
    expect(thrownBy(() => process.access(0x1234)).code).toBe("ERR_PAGEWALK_NOT_RUNNING");
  });

  it("that are refused may leave the process running", () => {
    const { process } = started({ onViolation: "record" });
    const at = process.mmap({ length: 4096, protection: "read" });
    expect(thrownBy(() => process.access(at, "store")).message).toContain("read-only");
    expect(process.state).toBe("running");
    expect(thrownBy(() => process.accessMany([at, 0n, at])).message).toContain("access 1 of the batch");
  });
});

describe("bytes", () => {
  it("are what was written, over page boundaries, and zero where nothing was", () => {
    const { process } = started();
    const at = process.mmap({ length: "12KiB" });
    const bytes = Uint8Array.from({ length: 6000 }, (_, i) => i);
    process.write(at + 3000n, bytes);
    expect(process.read(at + 3000n, 6000)).toEqual(bytes);
    expect(process.read(at, 3000)).toEqual(new Uint8Array(3000));
  });

  it("need contents", () => {
    const { process } = started({ contents: false });
    expect(thrownBy(() => process.read(0, 1))).toMatchObject({
      code: "ERR_PAGEWALK_INVALID_CONFIG",
      message: expect.stringContaining("contents: true"),
    });
  });

  it("of a child are its own after a fork", () => {
    const { machine, process } = started();
    const at = process.mmap({ length: 4096 });
    process.write(at, Uint8Array.of(1, 2, 3));
    const child = process.fork();
    expect(child.parent).toBe(process.pid);
    child.write(at, Uint8Array.of(9));
    expect(process.read(at, 3)).toEqual(Uint8Array.of(1, 2, 3));
    expect(child.read(at, 3)).toEqual(Uint8Array.of(9, 2, 3));
    expect(machine.stats().kernel!.copyOnWrite.copied).toBe(1);
  });
});

describe("an exit", () => {
  it("gives every frame, table and slot back", () => {
    const { machine, process } = started({ memory: "256KiB", swap: [{ size: "1MiB" }], policy: "fifo" });
    const before = machine.health().counts;
    const child = process.fork();
    const at = child.mmap({ length: "512KiB" });
    for (let i = 0n; i < 128n; ++i) child.write(at + i * page, Uint8Array.of(1));
    expect(machine.stats().kernel!.swap.used).toBeGreaterThan(0);
    child.exit(3);
    expect(child).toMatchObject({ state: "ended", exitStatus: 3, endSignal: null });
    expect(child.vmas()).toEqual([]);
    expect(machine.health().problems).toEqual([]);
    expect(machine.health().counts).toEqual({ ...before, processes: 2 });
    expect(child.reap()).toBe(true);
    expect(process.reap()).toBe(false);
    expect(machine.health().counts).toEqual(before);
    expect(thrownBy(() => child.state).code).toBe("ERR_PAGEWALK_NOT_RUNNING");
  });
});
