// SPDX-License-Identifier: MIT
// Signal handlers and exception handlers in JavaScript decide, and whatever they do leaves memory in order.
import { describe, expect, it } from "vitest";
import type { Violation } from "../../lib/index.js";
import { bytes, page, refusalOf, started } from "../support/processes.js";

describe("a signal handler", () => {
  it("mends the cause with calls of its process, and the access completes", () => {
    const { machine, process } = started();
    const at = process.mmap({ length: 8192, protection: "none" });
    const seen: Violation[] = [];
    process.onSignal("SIGSEGV", (violation) => {
      seen.push(violation);
      process.mprotect(violation.address & ~(page - 1n), 4096, "read|write");
    });
    process.write(at + 4090n, new Uint8Array(12).fill(7));
    expect(process.read(at + 4090n, 12)).toEqual(new Uint8Array(12).fill(7));
    expect(seen.map(({ address, reason, siCode }) => [address - at, reason, siCode])).toEqual([
      [4090n, "guard-page", 2],
      [4096n, "guard-page", 2],
    ]);
    expect(machine.violations()).toEqual(seen);
  });

  it("may itself access memory, fork and map", () => {
    const { machine, process } = started();
    const at = process.mmap({ length: 4096 });
    process.onSignal("SIGSEGV", ({ address }) => {
      process.write(at, bytes(1));
      process.fork().exit();
      process.mmap({ address, length: 4096, flags: "fixed" });
    });
    expect(process.access(0x10_0000, "store")).toMatchObject({ fault: "minor", reason: "demand-zero" });
    expect(process.read(at, 1)).toEqual(bytes(1));
    expect(machine.health().problems).toEqual([]);
  });

  it("ends the process where it says so", () => {
    const { process } = started();
    process.onSignal("SIGSEGV", () => "exit");
    expect(refusalOf(() => process.access(0)).code).toBe("ERR_PAGEWALK_SEGV");
    expect(process.endSignal).toBe("SIGSEGV");
  });

  it("is not asked about the fault that it causes itself: its signal is blocked", () => {
    const { process } = started();
    let asked = 0;
    process.onSignal("SIGSEGV", () => {
      ++asked;
      process.access(0x5000);
    });
    expect(refusalOf(() => process.access(0)).code).toBe("ERR_PAGEWALK_HANDLER_FAILED");
    expect(asked).toBe(1);
    expect(process.endSignal).toBe("SIGSEGV");
  });

  it("goes to children, and not past exec", () => {
    const { process } = started();
    const pids: number[] = [];
    process.onSignal("SIGSEGV", ({ pid }) => {
      pids.push(pid);
      return "exit";
    });
    const child = process.fork();
    refusalOf(() => child.access(0));
    const other = process.fork();
    other.exec();
    refusalOf(() => other.access(0));
    expect(pids).toEqual([child.pid]);
    expect([child.endSignal, other.endSignal]).toEqual(["SIGSEGV", "SIGSEGV"]);
  });

  it("is taken away by its own function only", () => {
    const { process } = started({ onViolation: "record" });
    const first = process.onSignal("SIGSEGV", () => "exit");
    const second = process.onSignal("SIGSEGV", () => "exit");
    first();
    second();
    refusalOf(() => process.access(0));
    expect(process.state).toBe("running");
    second();
  });

  it.each<[string, string, () => unknown]>([
    [
      "throws",
      "HANDLER_FAILED",
      () => {
        throw new Error("of its own");
      },
    ],
    ["answers nonsense", "HANDLER_ANSWER", () => "continue"],
    ["answers with a promise", "ASYNC_HANDLER", () => Promise.resolve("return")],
    ["mends nothing", "HANDLER_ANSWER", () => "return"],
  ])("that %s fails the call with ERR_PAGEWALK_%s, and the process goes on", (_, code, handler) => {
    const { machine, process } = started();
    const at = process.mmap({ length: 4096 });
    process.write(at, bytes(4));
    const remove = process.onSignal("SIGSEGV", handler as () => "return");
    for (const call of [() => process.access(0), () => process.write(0, bytes(1)), () => process.accessMany([0])])
      expect(refusalOf(call).code).toBe(`ERR_PAGEWALK_${code}`);
    remove();
    expect(process.state).toBe("running");
    expect(process.read(at, 1)).toEqual(bytes(4));
    expect(machine.health().problems).toEqual([]);
  });

  it.each([
    ["close", (machine: { close(): void }) => machine.close()],
    ["reset", (machine: { reset(): void }) => machine.reset()],
  ] as const)("cannot %s the machine under its access", (_, call) => {
    const { machine, process } = started();
    let code: string | undefined;
    process.onSignal("SIGSEGV", () => {
      code = refusalOf(() => call(machine)).code;
      return "exit";
    });
    refusalOf(() => process.access(0));
    expect(code).toBe("ERR_PAGEWALK_REENTERED");
    expect(machine.health().problems).toEqual([]);
  });

  it("may end its own process, and cannot reap it", () => {
    const { machine, process } = started();
    process.onSignal("SIGSEGV", () => {
      process.exit(9);
      expect(refusalOf(() => process.reap()).code).toBe("ERR_PAGEWALK_REENTERED");
    });
    expect(refusalOf(() => process.access(0)).code).toBe("ERR_PAGEWALK_NOT_RUNNING");
    expect(process.exitStatus).toBe(9);
    expect(process.reap()).toBe(true);
    expect(machine.health().problems).toEqual([]);
  });

  it("cannot take away the bytes that are being written", () => {
    const { process } = started();
    const at = process.mmap({ length: 8192, protection: "none" });
    const data = new Uint8Array(5000).fill(3);
    process.onSignal("SIGSEGV", () => {
      if (data.length > 0) structuredClone(data.buffer, { transfer: [data.buffer] });
      process.mprotect(at, 8192, "rw");
    });
    process.write(at, data);
    expect(process.read(at, 5000)).toEqual(new Uint8Array(5000).fill(3));
  });
});

describe("protection keys", () => {
  it("refuse what PKRU says, with SEGV_PKUERR", () => {
    const { process } = started({ protectionKeys: true, onViolation: "record" });
    const at = process.mmap({ length: 4096 });
    process.write(at, bytes(5));
    process.pkeyMprotect(at, 4096, "rw", 2);
    expect(process.vmas()[0]!.protectionKey).toBe(2);
    process.pkru = 0b10 << 4;
    expect(process.read(at, 1)).toEqual(bytes(5));
    expect(refusalOf(() => process.access(at, "store")).violation).toMatchObject({
      reason: "protection-key",
      siCode: 4,
    });
    process.pkru = 0b11 << 4;
    refusalOf(() => process.access(at, "load"));
    const child = process.fork();
    expect(child.pkru).toBe(0b11 << 4);
    child.pkru = 0;
    expect(child.read(at, 1)).toEqual(bytes(5));
    refusalOf(() => process.access(at, "load"));
  });
});

describe("an exception handler", () => {
  it("sees vector, error code, CR2 and process, and passes on to the machine's own", () => {
    const { machine, process } = started();
    const at = process.mmap({ length: 4096 });
    const frames: unknown[] = [];
    machine.setExceptionHandler(14, (frame) => {
      frames.push({ ...frame });
    });
    expect(process.access(at, "store").fault).toBe("minor");
    expect(frames).toEqual([{ vector: 14, errorCode: 6, address: at, instructionPointer: 0n, pid: process.pid }]);
    machine.setExceptionHandler(14, undefined);
    process.access(process.mmap({ length: 4096 }));
    expect(frames).toHaveLength(1);
  });

  it("sees general protection of addresses that are not canonical", () => {
    const { machine, process } = started();
    let vector = 0;
    machine.setExceptionHandler(13, (frame) => {
      ({ vector } = frame);
      return "refuse";
    });
    expect(refusalOf(() => process.access(1n << 60n)).code).toBe("ERR_PAGEWALK_EXCEPTION");
    expect(vector).toBe(13);
    expect(process.state).toBe("running");
  });

  it("that raises one makes a double fault, which can be handled", () => {
    const { machine, process } = started();
    const vectors: number[] = [];
    machine.setExceptionHandler(14, () => ({ raise: { vector: 13 } }));
    machine.setExceptionHandler(8, ({ vector }) => {
      vectors.push(vector);
      return "refuse";
    });
    const at = process.mmap({ length: 4096 });
    expect(refusalOf(() => process.access(at)).code).toBe("ERR_PAGEWALK_EXCEPTION");
    expect(vectors).toEqual([8]);
    expect(machine.tripleFault).toBeNull();
  });

  it("that is missing leads to a triple fault, and the machine stops with the whole report", () => {
    const { machine, process } = started();
    const at = process.mmap({ length: 4096 });
    machine.setExceptionHandler(14, null);
    const error = refusalOf(() => process.access(at));
    expect(error.code).toBe("ERR_PAGEWALK_HALTED");
    expect(error.message).toContain(`cr2 0x${at.toString(16)}`);
    expect(machine.tripleFault!.exceptions.map(({ vector }) => vector)).toEqual([14, 11, 8, 11]);
    for (const call of [() => process.access(at), () => process.mmap({ length: 4096 }), () => process.fork()])
      expect(refusalOf(call).code).toBe("ERR_PAGEWALK_HALTED");
    expect(machine.health().problems).toEqual([]);
    machine.reset();
    expect(machine.createProcess().state).toBe("running");
  });

  it.each<[string, string, () => unknown]>([
    [
      "throws",
      "HANDLER_FAILED",
      () => {
        throw new TypeError("of its own");
      },
    ],
    ["answers nonsense", "HANDLER_ANSWER", () => "iret"],
    ["raises what is no exception", "HANDLER_ANSWER", () => ({ raise: { vector: 256 } })],
    ["resumes without end", "HANDLER_ANSWER", () => "resume"],
  ])("that %s fails the call with ERR_PAGEWALK_%s", (_, code, handler) => {
    const { machine, process } = started();
    const at = process.mmap({ length: 4096 });
    machine.setExceptionHandler(14, handler as () => "pass");
    expect(refusalOf(() => process.access(at)).code).toBe(`ERR_PAGEWALK_${code}`);
    machine.setExceptionHandler(14, undefined);
    expect(process.access(at).fault).toBe("minor");
    expect(machine.health().problems).toEqual([]);
  });

  it("may not call the machine that waits for it", () => {
    const { machine, process } = started();
    const at = process.mmap({ length: 4096 });
    const codes: unknown[] = [];
    machine.setExceptionHandler(14, () => {
      const calls = [
        () => process.munmap(at, 4096),
        () => machine.health(),
        () => machine.close(),
        () => process.fork(),
      ];
      for (const call of calls) codes.push(refusalOf(call).code);
    });
    process.access(at);
    expect(codes).toEqual(codes.map(() => "ERR_PAGEWALK_REENTERED"));
    expect(codes).toHaveLength(4);
  });

  it.each([[256], [-1], [1.5], ["14"]])("has a vector from 0 to 255, not %j", (vector) => {
    const { machine } = started();
    expect(refusalOf(() => machine.setExceptionHandler(vector as number, null)).code).toBe("ERR_PAGEWALK_OUT_OF_RANGE");
  });
});
