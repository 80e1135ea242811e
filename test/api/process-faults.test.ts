// SPDX-License-Identifier: MIT
// Page-fault handlers in JavaScript decide before the chain does, at once or later, with the process blocked meanwhile.
import { describe, expect, it } from "vitest";
import type { FaultAnswer, PageFault, Process } from "../../lib/index.js";
import { rejectionOf } from "../support/errors.js";
import { bytes, page, refusalOf, started } from "../support/processes.js";
import { Random } from "../support/random.js";

const later = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(resolve, 1, value));

describe("a page-fault handler of processes", () => {
  it("is told who, where and why, and leaves the fault to the chain if it says nothing", () => {
    const { machine, process } = started();
    const faults: PageFault[] = [];
    machine.onPageFault((fault) => void faults.push({ ...fault }));
    const at = process.mmap({ length: 4096 });
    process.access(at + 7n, "store");
    expect(faults).toEqual([
      {
        pid: process.pid,
        address: at + 7n,
        errorCode: 6,
        instructionPointer: 0n,
        kind: "store",
        type: "minor",
        reason: "demand-zero",
        major: false,
      },
    ]);
  });

  it("is asked of processes made before and after, until it is removed", () => {
    const { machine, process } = started();
    const pids: unknown[] = [];
    const touch = (one: Process): unknown => one.access(one.mmap({ length: 4096 }));
    const remove = machine.onPageFault(({ pid }) => void pids.push(pid));
    touch(process);
    touch(machine.createProcess());
    remove();
    touch(process);
    expect(pids).toEqual([1, 2]);
  });

  it("says how a fault counts that the chain resolves", () => {
    const { machine, process } = started();
    machine.onPageFault((fault) => {
      fault.major = true;
      return "resolved";
    });
    expect(process.access(process.mmap({ length: 4096 })).fault).toBe("major");
    expect(process.stats().faults).toMatchObject({ minor: 0, major: 1 });
  });

  it.each<[FaultAnswer, string, string]>([
    ["segmentation-fault", "ERR_PAGEWALK_SEGV", "refused"],
    ["bus-error", "ERR_PAGEWALK_BUS", "refused"],
    ["out-of-memory", "ERR_PAGEWALK_OUT_OF_MEMORY", "refused"],
  ])("refuses with %s", (answer, code) => {
    const { machine, process } = started({ onViolation: "record" });
    machine.onPageFault(() => answer);
    const at = process.mmap({ length: 4096 });
    expect(refusalOf(() => process.access(at)).code).toBe(code);
    expect(process.stats().faults).toMatchObject({ total: 1, refused: 1 });
    expect(process.stats().memory.rss).toBe(0);
    expect(machine.health().problems).toEqual([]);
  });

  it.each<[string, string, () => unknown]>([
    [
      "throws",
      "HANDLER_FAILED",
      () => {
        throw new Error("of its own");
      },
    ],
    ["answers nonsense", "HANDLER_ANSWER", () => "done"],
    ["answers with a promise in a synchronous call", "ASYNC_HANDLER", () => Promise.reject(new Error("later"))],
    ["retries without end", "HANDLER_ANSWER", () => "retry"],
  ])("that %s fails the call with ERR_PAGEWALK_%s", (_, code, handler) => {
    const { machine, process } = started();
    const at = process.mmap({ length: 4096 });
    const remove = machine.onPageFault(handler as () => "pass");
    expect(refusalOf(() => process.access(at)).code).toBe(`ERR_PAGEWALK_${code}`);
    expect(refusalOf(() => process.write(at, bytes(1))).code).toBe(`ERR_PAGEWALK_${code}`);
    remove();
    process.write(at, bytes(1));
    expect(machine.health().problems).toEqual([]);
  });

  it("may not call the machine that waits for it", () => {
    const { machine, process } = started();
    const at = process.mmap({ length: 4096 });
    let code: string | undefined;
    machine.onPageFault(() => {
      code = refusalOf(() => process.mprotect(at, 4096, "none")).code;
    });
    process.access(at);
    expect(code).toBe("ERR_PAGEWALK_REENTERED");
  });
});

describe("a handler that answers later", () => {
  it("blocks its process, and others go on", async () => {
    const { machine, process } = started();
    const other = machine.createProcess();
    const at = process.mmap({ length: 4096 });
    machine.onPageFault(({ pid }) => (pid === process.pid ? later("pass") : "pass"));
    const access = process.accessAsync(at, "store");
    expect(process.state).toBe("blocked");
    for (const call of [() => process.access(at), () => process.munmap(at, 4096), () => process.fork()])
      expect(refusalOf(call).code).toBe("ERR_PAGEWALK_BUSY");
    expect(other.access(other.mmap({ length: 4096 })).fault).toBe("minor");
    expect(await access).toMatchObject({ fault: "minor", reason: "demand-zero" });
    expect(process.state).toBe("running");
    expect(machine.health().problems).toEqual([]);
  });

  it("serves every page of a read and a write", async () => {
    const { machine, process } = started();
    const at = process.mmap({ length: "16KiB" });
    let asked = 0;
    machine.onPageFault(async () => {
      ++asked;
      return later("pass");
    });
    const data = Uint8Array.from({ length: 9000 }, (_, i) => i % 251);
    const write = process.writeAsync(at + 100n, data);
    const expected = data.slice();
    data.fill(0);
    await write;
    expect(asked).toBe(3);
    expect(await process.readAsync(at + 100n, 9000)).toEqual(expected);
    expect(await process.readAsync(at + 3n * page, 4096)).toEqual(new Uint8Array(4096));
    expect(asked).toBe(4);
  });

  it("of several processes at once answers each its own", async () => {
    const { machine } = started();
    const processes = Array.from({ length: 8 }, () => machine.createProcess());
    machine.onPageFault(async ({ pid }) => {
      await later(0);
      if (pid! % 2 === 0) throw new Error(`of ${pid}`);
    });
    const ends = await Promise.allSettled(processes.map(async (one) => one.accessAsync(one.mmap({ length: 4096 }))));
    const failed = ends.map((end) => (end.status === "rejected" ? (end.reason as Error).message : null));
    expect(failed).toEqual(
      processes.map(({ pid }) => (pid % 2 === 0 ? `a page-fault handler threw: of ${pid}` : null)),
    );
    expect(processes.every(({ state }) => state === "running")).toBe(true);
    expect(machine.health().problems).toEqual([]);
  });

  it.each<[string, string, (parts: ReturnType<typeof started>) => void]>([
    ["exits", "NOT_RUNNING", ({ process }) => process.exit()],
    ["is reset away", "CLOSED", ({ machine }) => machine.reset()],
    ["loses its machine", "CLOSED", ({ machine }) => machine.close()],
  ])("finds that its process %s meanwhile", async (_, code, end) => {
    const parts = started();
    const { machine, process } = parts;
    machine.onPageFault(() => later("pass"));
    const access = process.accessAsync(process.mmap({ length: 4096 }));
    end(parts);
    expect((await rejectionOf(access)).code).toBe(`ERR_PAGEWALK_${code}`);
  });

  it("is not asked again where the page came meanwhile", async () => {
    const { machine, process } = started();
    const at = process.mmap({ length: 8192, flags: "shared" });
    const child = process.fork();
    let release = (): void => {};
    const asked: unknown[] = [];
    machine.onPageFault(({ pid }) => {
      asked.push(pid);
      return pid === process.pid ? new Promise<"pass">((resolve) => (release = () => resolve("pass"))) : "pass";
    });
    const access = process.accessAsync(at);
    child.access(at, "store");
    release();
    expect((await access).reason).toBe("file-read");
    expect(asked).toEqual([process.pid, child.pid]);
  });

  it("may be any of several handlers", async () => {
    const { machine, process } = started({ onViolation: "record" });
    machine.onPageFault(() => later(undefined));
    machine.onPageFault(() => later("segmentation-fault"));
    const at = process.mmap({ length: 4096 });
    expect((await rejectionOf(process.accessAsync(at))).code).toBe("ERR_PAGEWALK_SEGV");
  });
});

describe("what a handler is told the fault will be", () => {
  it.each([1, 2, 3, 4, 5, 6])("is what the chain makes of it (seed %i)", (seed) => {
    const random = new Random(seed);
    const { machine, process } = started({ memory: "192KiB", swap: [{ size: "1MiB" }], onViolation: "record" });
    machine.createFile("file", 20_000);
    let told: PageFault | undefined;
    machine.onPageFault((fault) => {
      told = { ...fault };
    });
    const file = process.open("file");
    const areas = [
      process.mmap({ length: "64KiB" }),
      process.mmap({ length: "32KiB", file }),
      process.mmap({ length: "32KiB", file, flags: "shared" }),
      process.mmap({ length: "32KiB", flags: "shared" }),
      process.mmap({ length: "16KiB", protection: "r" }),
      process.mmap({ length: "16KiB", protection: "none" }),
      process.mmap({ address: 0x40_0000_0000n, length: "16KiB", flags: "fixed|growsdown" }) - 8n * page,
    ];
    const seen = new Map<string, number>();
    for (let i = 0; i < 1500; ++i) {
      const address = random.one(areas) + BigInt(random.below(16)) * page;
      const kind = random.one(["load", "store", "fetch"] as const);
      told = undefined;
      let reason: string | undefined;
      try {
        reason = process.access(address, kind).reason ?? undefined;
      } catch (error) {
        reason = (error as { violation?: { reason: string } }).violation?.reason;
      }
      expect(told?.reason).toBe(reason);
      if (reason) seen.set(reason, (seen.get(reason) ?? 0) + 1);
      if (random.below(50) === 0)
        process.madvise(random.one(areas.slice(0, 6)), 4096, random.one(["dontneed", "pageout"]));
    }
    const wanted = ["demand-zero", "file-read", "copy-on-write", "swap-in", "guard-page", "bad-address"];
    expect(wanted.filter((reason) => !seen.has(reason))).toEqual([]);
  });
});
