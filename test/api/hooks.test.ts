// SPDX-License-Identifier: MIT
// Hooks of processes: what each may decide, and that nothing is lost whatever they answer.
import { afterEach, describe, expect, it } from "vitest";
import { Machine, type MachineOptions, type Process } from "../../lib/index.js";
import { codeOf } from "../../lib/errors.js";

const page = 4096n;
const machines: Machine[] = [];
function boot(options: MachineOptions = {}): Machine {
  const machine = new Machine({
    memory: "256KiB",
    contents: true,
    policy: "fifo",
    overcommit: { mode: "always" },
    swap: [{ size: "2MiB", readLatency: 1000, writeLatency: 2000 }],
    ...options,
  });
  machines.push(machine);
  return machine;
}
afterEach(() => {
  for (const machine of machines.splice(0)) {
    const [problem] = machine.health().problems;
    machine.close();
    if (problem !== undefined) throw new Error(problem);
  }
});

const region = (process: Process, pages: number): bigint => process.mmap({ length: pages * 4096 });
function failure(act: () => unknown): { code: string | undefined; message: string; cause?: unknown } {
  try {
    act();
  } catch (error) {
    const { message, cause } = error as Error;
    return { code: codeOf(error), message, cause };
  }
  throw new Error("expected a failure");
}
function fill(process: Process, at: bigint, pages: number): void {
  for (let i = 0n; i < BigInt(pages); ++i) process.write(at + i * page, Uint8Array.of(Number(i) + 1));
}

describe("onFrameAllocation", () => {
  it("gives a page the frame that it names, until it is removed", () => {
    const machine = boot();
    const process = machine.createProcess();
    const at = region(process, 2);
    const asked: unknown[] = [];
    const remove = machine.onFrameAllocation((request) => {
      asked.push(request);
      return 40;
    });
    expect(process.access(at, "store").pa >> 12n).toBe(40n);
    expect(asked).toEqual([{ kind: "anonymous", pid: 1, address: at }]);
    remove();
    expect(process.access(at + page, "store").pa >> 12n).toBe(0n);
    expect(asked.length).toBe(1);
  });

  it("is asked in order until one answers, and outlives reset()", () => {
    const machine = boot();
    const asked: string[] = [];
    machine.onFrameAllocation(() => void asked.push("first"));
    machine.onFrameAllocation(() => (asked.push("second"), 30));
    machine.onFrameAllocation(() => (asked.push("third"), 31));
    for (let i = 0; i < 2; ++i) {
      const process = machine.createProcess();
      expect(process.access(region(process, 1), "store").pa >> 12n).toBe(30n);
      machine.reset();
    }
    expect(asked).toEqual(["first", "second", "first", "second"]);
  });

  it.each([
    [() => 99, "ERR_PAGEWALK_HANDLER_ANSWER", /frame allocation: expected a free frame, got 99/],
    [() => -1, "ERR_PAGEWALK_HANDLER_ANSWER", /a frame-allocation hook answered -1; expected a frame number/],
    [() => "low" as never, "ERR_PAGEWALK_HANDLER_ANSWER", /answered "?'?low/],
    [() => Promise.resolve(3) as never, "ERR_PAGEWALK_ASYNC_HANDLER", /at once/],
    [
      () => {
        throw new Error("no idea");
      },
      "ERR_PAGEWALK_HANDLER_FAILED",
      /a frame-allocation hook threw: no idea/,
    ],
  ])("fails the access alone when it answers %s", (hook, code, message) => {
    const machine = boot();
    const process = machine.createProcess();
    const at = region(process, 1);
    const remove = machine.onFrameAllocation(hook);
    const error = failure(() => process.access(at, "store"));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(machine.health().problems).toEqual([]);
    expect(failure(() => process.mmap({ length: 4096, flags: "populate" })).code).toBe(code);
    remove();
    expect(process.access(at, "store").fault).toBe("minor");
    expect(process.state).toBe("running");
  });

  it("may not call the machine that waits for its answer", () => {
    const machine = boot();
    const process = machine.createProcess();
    const at = region(process, 1);
    const remove = machine.onFrameAllocation(() => Number(process.access(at, "store").pa >> 12n));
    const error = failure(() => process.access(at, "store"));
    expect([error.code, codeOf(error.cause)]).toEqual(["ERR_PAGEWALK_HANDLER_FAILED", "ERR_PAGEWALK_REENTERED"]);
    remove();
    expect(process.access(at, "store").reason).toBe("demand-zero");
  });
});

describe("onMapping", () => {
  it("refuses a page to an access and to a call", () => {
    const machine = boot({ onViolation: "record" });
    const process = machine.createProcess();
    const at = region(process, 2);
    machine.onMapping(({ address, access }) => (address === at && access === "store" ? "refuse" : undefined));
    expect(process.access(at, "load").fault).toBe("minor");
    expect(failure(() => process.access(at, "store")).code).toBe("ERR_PAGEWALK_SEGV");
    expect(machine.violations()[0]).toMatchObject({ pid: 1, address: at, reason: "refused-by-hook" });
    expect(process.access(at + page, "store").fault).toBe("minor");
    expect(failure(() => process.mlock(at, 4096)).code).toBe("ERR_PAGEWALK_SYSTEM_CALL");
  });
});

describe("onEviction", () => {
  it("keeps pages in memory, or names others in their place", () => {
    const machine = boot();
    const process = machine.createProcess();
    const at = region(process, 100);
    const kept = at + 2n * page;
    const requests: unknown[] = [];
    machine.onEviction((request) => {
      requests.push(request);
      return request.address === kept ? "keep" : undefined;
    });
    fill(process, at, 100);
    expect(process.access(kept, "store").fault).toBeNull();
    expect(process.access(at, "load").reason).toBe("swap-in");
    expect(requests[0]).toMatchObject({ kind: "anonymous", pid: 1, address: at, dirty: true, references: 1 });
    expect(failure(() => machine.onEviction(undefined as never)).code).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
  });

  it("that keeps everything lets memory run out, and that names what may not leave fails the access", () => {
    const machine = boot();
    const process = machine.createProcess({ oomScoreAdjustment: -1000 });
    const at = region(process, 100);
    const remove = machine.onEviction(() => "keep");
    expect(failure(() => fill(process, at, 100)).code).toBe("ERR_PAGEWALK_OUT_OF_MEMORY");
    remove();
    const wrong = machine.onEviction(() => ({ instead: 63 })); // a page table's
    const error = failure(() => fill(process, at, 100));
    expect(error.message).toMatch(/eviction: expected a frame whose page may be evicted, got 63/);
    wrong();
    fill(process, at, 100);
    for (let i = 0n; i < 100n; ++i) expect(process.read(at + i * page, 1)[0]).toBe(Number(i) + 1);
  });
});

describe("onSwapOut and onSwapIn", () => {
  it("see each transfer and set its latency", () => {
    const machine = boot();
    const process = machine.createProcess();
    const at = region(process, 100);
    let outs = 0;
    let ins = 0;
    machine.onSwapOut(({ latency }) => {
      ++outs;
      expect(latency).toBe(2000);
      return 5;
    });
    machine.onSwapIn(({ latency, slot }) => {
      ++ins;
      expect(slot).toBeGreaterThan(0);
      return latency * 3;
    });
    fill(process, at, 100);
    const { time: before, major: majorsBefore } = process.stats().faults;
    fill(process, at, 100);
    const { swap } = machine.stats().kernel!;
    expect([swap.out, swap.in, swap.writeTime]).toEqual([outs, ins, 5 * outs]);
    const { time, major } = process.stats().faults;
    expect(time - before).toBeGreaterThan((major - majorsBefore) * 3000);
  });

  it("fail the access when the latency is no number of nanoseconds", () => {
    const machine = boot();
    machine.onSwapOut(() => 1.5);
    const process = machine.createProcess();
    const at = region(process, 100);
    expect(failure(() => fill(process, at, 100)).code).toBe("ERR_PAGEWALK_HANDLER_ANSWER");
  });
});

describe("onOutOfMemory", () => {
  it("names who is killed, what is given up, or that nobody is", () => {
    const machine = boot({ swap: [] });
    const victim = machine.createProcess();
    fill(victim, region(victim, 10), 10);
    const process = machine.createProcess();
    const cache = region(process, 20);
    fill(process, cache, 20);
    const pids: number[] = [];
    const answers = [
      { kill: victim.pid },
      { discard: { pid: process.pid, address: cache, length: 20 * 4096 } },
      "refuse",
    ];
    machine.onOutOfMemory(({ pid }) => {
      pids.push(pid);
      return answers[pids.length - 1] as "refuse";
    });
    const at = region(process, 100);
    const error = failure(() => fill(process, at, 100));
    expect(error.code).toBe("ERR_PAGEWALK_OUT_OF_MEMORY");
    expect(pids).toEqual([process.pid, process.pid, process.pid]);
    expect([victim.endSignal, process.state]).toEqual(["SIGKILL", "running"]);
    expect(machine.stats().kernel!.outOfMemory).toEqual({ hookHelped: 1, killed: 1, failed: 1 });
    expect(process.read(cache, 1)[0]).toBe(0);
  });

  it("fails the access when it names nobody or nonsense", () => {
    const machine = boot({ swap: [] });
    const process = machine.createProcess();
    const at = region(process, 100);
    for (const [answer, message] of [
      [{ kill: 77 }, /expected a living process to kill, got 77/],
      [{ kill: "all" }, /an out-of-memory hook answered/],
      [{ discard: { pid: 1, address: 0x1000, length: 4096 } }, /expected mapped, unlocked pages/],
      [{ kill: 1, discard: 2 }, /an out-of-memory hook answered/],
    ] as const) {
      const remove = machine.onOutOfMemory(() => answer as never);
      expect(failure(() => fill(process, at, 100)).message).toMatch(message);
      expect(machine.health().problems).toEqual([]);
      remove();
    }
    expect(process.state).toBe("running");
  });
});

it("every hook that fails at every n-th call loses no byte", () => {
  for (let every = 1; every <= 25; ++every) {
    const machine = boot();
    let calls = 0;
    let failures = 0;
    const hook = (): undefined => {
      if (++calls % every !== 0) return;
      ++failures;
      throw new Error("planned");
    };
    const removals = [
      machine.onFrameAllocation(hook),
      machine.onMapping(hook),
      machine.onEviction(hook),
      machine.onSwapOut(hook),
      machine.onSwapIn(hook),
    ];
    const process = machine.createProcess();
    const at = region(process, 90);
    const bytes = new Map<bigint, number>();
    const codes = new Set<unknown>();
    const problems: string[] = [];
    for (let i = 0; i < 400; ++i) {
      const address = at + BigInt((i * 37) % 90) * page;
      try {
        process.write(address, Uint8Array.of(i & 255));
        bytes.set(address, i & 255);
      } catch (error) {
        codes.add(codeOf(error));
        if (i % 20 === 0) problems.push(...machine.health().problems);
      }
    }
    expect([...codes]).toEqual(["ERR_PAGEWALK_HANDLER_FAILED"]);
    expect(problems).toEqual([]);
    for (const remove of removals) remove();
    expect(failures).toBeGreaterThan(0);
    for (const [address, byte] of bytes) expect(process.read(address, 1)[0]).toBe(byte);
    expect(machine.health().problems).toEqual([]);
  }
});
