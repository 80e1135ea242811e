// SPDX-License-Identifier: MIT
// Ranges whose page faults JavaScript handles, at once or later.
import { afterEach, describe, expect, it } from "vitest";
import { codeOf } from "../../lib/errors.js";
import { Machine, type MachineOptions, type Process, type RangeFault, type RangeOptions } from "../../lib/index.js";

const page = 4096n;
const machines: Machine[] = [];
function start(options: MachineOptions = {}): { machine: Machine; process: Process } {
  const machine = new Machine({
    memory: "256KiB",
    contents: true,
    swap: [{ size: "2MiB", readLatency: 0, writeLatency: 0 }],
    onViolation: "record",
    ...options,
  });
  machines.push(machine);
  return { machine, process: machine.createProcess() };
}
afterEach(() => {
  for (const machine of machines.splice(0)) {
    const [problem] = machine.health().problems;
    machine.close();
    if (problem !== undefined) throw new Error(problem);
  }
});

const bytes = (value: number, pages = 1): Uint8Array => new Uint8Array(4096 * pages).fill(value);
const byteAt = (process: Process, address: bigint): number => process.read(address, 1)[0]!;
function codeFrom(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    return codeOf(error);
  }
  throw new Error("expected a failure");
}
const errnoFrom = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    const { errno, syscall } = error as { errno: string; syscall: string };
    return [errno, syscall];
  }
  throw new Error("expected a failure");
};
const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a handler at the fault", () => {
  it("fills missing pages and lets stores to protected ones go on", () => {
    const { process } = start();
    const at = process.mmap({ length: 8 * 4096 });
    const seen: RangeFault[] = [];
    const range = process.registerRange(at, 8 * 4096, {
      modes: ["missing", "write-protect"],
      handler: (fault, own) => {
        seen.push(fault);
        if (fault.kind === "missing") own.copy(fault.page, bytes(7), { protect: true });
        else own.writeProtect(fault.page, 4096, false);
      },
    });
    expect(byteAt(process, at + 5n)).toBe(7);
    process.write(at + 6n, Uint8Array.of(9));
    process.write(at + 7n, Uint8Array.of(9));
    expect(byteAt(process, at + 6n)).toBe(9);
    expect(seen).toEqual([
      { pid: 1, address: at + 5n, page: at, kind: "missing", write: false },
      { pid: 1, address: at + 6n, page: at, kind: "write-protect", write: true },
    ]);
    range.close();
    expect(byteAt(process, at + page)).toBe(0);
    expect(codeFrom(() => range.wake(at, 4096))).toBe("ERR_PAGEWALK_CLOSED");
  });

  it("continues with what shared memory has", () => {
    const { process } = start();
    const memory = process.memfdCreate("shared");
    process.ftruncate(memory, 4 * 4096);
    const map = (): bigint => process.mmap({ length: 4 * 4096, flags: "shared", file: memory });
    const one = map();
    const other = map();
    let asked = 0;
    process.registerRange(other, 4 * 4096, {
      modes: ["minor"],
      handler: ({ page: where }, range) => {
        ++asked;
        range.continue(where, 4096);
      },
    });
    process.write(one, Uint8Array.of(5));
    expect([byteAt(process, other), asked]).toEqual([5, 1]);
  });

  it("may end in SIGBUS instead", () => {
    const { machine, process } = start();
    const at = process.mmap({ length: 4096 });
    process.registerRange(at, 4096, { busErrors: true });
    expect(codeFrom(() => process.access(at))).toBe("ERR_PAGEWALK_BUS");
    expect(machine.violations()[0]).toMatchObject({ reason: "user-fault", signal: "SIGBUS" });
    expect(errnoFrom(() => process.mlock(at, 4096))).toEqual(["ENOMEM", "mlock"]);
  });

  it.each([
    [
      () => {
        throw new Error("lost");
      },
      "ERR_PAGEWALK_HANDLER_FAILED",
    ],
    [() => "done" as never, "ERR_PAGEWALK_HANDLER_ANSWER"],
  ])("fails the access alone when it does %s", (handler, code) => {
    const { machine, process } = start();
    const at = process.mmap({ length: 4096 });
    const range = process.registerRange(at, 4096, { handler });
    expect(codeFrom(() => process.access(at))).toBe(code);
    expect(machine.health().problems).toEqual([]);
    range.zeroPage(at, 4096);
    expect(process.access(at).fault).toBeNull();
  });

  it("may end its own process, unmap the page, or make accesses of others", () => {
    const { machine, process } = start();
    const at = process.mmap({ length: 2 * 4096 });
    const other = machine.createProcess();
    const elsewhere = other.mmap({ length: 4096 });
    let what = (): unknown => other.access(elsewhere, "store");
    const options: RangeOptions = {
      handler: (fault, range) => (what(), fault.page === at ? range.zeroPage(at, 4096) : undefined),
    };
    process.registerRange(at, 2 * 4096, options);
    expect(process.access(at).reason).toBe("user-fault");
    what = () => process.munmap(at + page, 4096);
    expect(codeFrom(() => process.access(at + page))).toBe("ERR_PAGEWALK_BUSY");
    expect(process.state).toBe("blocked");
    what = () => process.exit();
    process.exit();
    const third = machine.createProcess();
    const there = third.mmap({ length: 4096 });
    third.registerRange(there, 4096, { handler: () => third.exit() });
    expect(codeFrom(() => third.access(there))).toBe("ERR_PAGEWALK_NOT_RUNNING");
    expect(third.state).toBe("ended");
  });
});

describe("a fault that is resolved later", () => {
  it("blocks the process meanwhile", async () => {
    const { machine, process } = start();
    const at = process.mmap({ length: 4 * 4096 });
    const range = process.registerRange(at, 4 * 4096);
    const access = process.accessAsync(at + 9n, "store");
    await later();
    expect(process.state).toBe("blocked");
    expect(codeFrom(() => process.access(at))).toBe("ERR_PAGEWALK_BUSY");
    expect(codeFrom(() => process.mmap({ length: 4096 }))).toBe("ERR_PAGEWALK_BUSY");
    expect(machine.health().problems).toEqual([]);
    range.copy(at, bytes(3), { wake: false });
    await later();
    expect(process.state).toBe("blocked");
    range.wake(at, 4096);
    expect(await access).toMatchObject({ fault: null });
    expect([process.state, byteAt(process, at)]).toEqual(["running", 3]);
    expect(process.stats().faults.byReason["user-fault"]).toBe(1);
  });

  it("may be resolved by a handler's promise, for reads and writes over many pages", async () => {
    const { process } = start();
    const at = process.mmap({ length: 16 * 4096 });
    let running = 0;
    process.registerRange(at, 16 * 4096, {
      handler: async ({ page: where }, range) => {
        ++running;
        await later();
        range.copy(where, bytes(Number((where - at) / page) + 1));
      },
    });
    const read = await process.readAsync(at, 8 * 4096);
    expect(Array.from({ length: 8 }, (_, i) => read[i * 4096])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    await process.writeAsync(at + 8n * page - 1n, Uint8Array.of(50, 51));
    expect([running, byteAt(process, at + 8n * page), byteAt(process, at + 8n * page + 1n)]).toEqual([9, 51, 9]);
  });

  it("fails with what the promise fails with, and the process runs again", async () => {
    const { process } = start();
    const at = process.mmap({ length: 4096 });
    const range = process.registerRange(at, 4096, {
      handler: async () => {
        await later();
        throw new Error("the disk is gone");
      },
    });
    await expect(process.accessAsync(at)).rejects.toMatchObject({
      code: "ERR_PAGEWALK_HANDLER_FAILED",
      message: "a range's handler threw: the disk is gone",
    });
    expect(process.state).toBe("running");
    range.zeroPage(at, 4096);
    expect(byteAt(process, at)).toBe(0);
  });

  it("goes on when the range is closed, and fails when the process exits or the machine is closed", async () => {
    for (const way of ["close", "unregister", "exit", "machine"] as const) {
      const { machine, process } = start();
      const at = process.mmap({ length: 4096 });
      const range = process.registerRange(at, 4096);
      const access = process.accessAsync(at);
      const end = access.then(
        ({ fault }) => fault,
        (error: unknown) => codeOf(error),
      );
      await later();
      if (way === "close") range.close();
      else if (way === "unregister") range.unregister(at, 4096);
      else if (way === "exit") process.exit();
      else machine.reset();
      const expected = {
        close: "minor",
        unregister: "minor",
        exit: "ERR_PAGEWALK_NOT_RUNNING",
        machine: "ERR_PAGEWALK_CLOSED",
      };
      expect(await end).toBe(expected[way]);
    }
  });
});

describe("the calls", () => {
  it("answer with Linux's errors", () => {
    const { machine, process } = start();
    const at = process.mmap({ length: 4 * 4096 });
    const range = process.registerRange(at, 4 * 4096, { modes: ["missing"] });
    expect(errnoFrom(() => range.copy(at + 1n, bytes(1)))).toEqual(["EINVAL", "UFFDIO_COPY"]);
    expect(errnoFrom(() => range.copy(at, new Uint8Array(100)))).toEqual(["EINVAL", "UFFDIO_COPY"]);
    expect(errnoFrom(() => range.copy(at, bytes(1), { protect: true }))).toEqual(["EINVAL", "UFFDIO_COPY"]);
    range.copy(at + page, bytes(1));
    expect(errnoFrom(() => range.copy(at + page, bytes(1)))).toEqual(["EEXIST", "UFFDIO_COPY"]);
    expect(errnoFrom(() => range.zeroPage(at, 4 * 4096))).toEqual(["EAGAIN", "UFFDIO_ZEROPAGE"]);
    expect(errnoFrom(() => range.zeroPage(at - 4n * page, 4096))).toEqual(["ENOENT", "UFFDIO_ZEROPAGE"]);
    expect(errnoFrom(() => range.continue(at, 4096))).toEqual(["EINVAL", "UFFDIO_CONTINUE"]);
    expect(errnoFrom(() => range.writeProtect(at, 4096, true))).toEqual(["ENOENT", "UFFDIO_WRITEPROTECT"]);
    expect(errnoFrom(() => process.registerRange(at, 4096))).toEqual(["EBUSY", "UFFDIO_REGISTER"]);
    expect(errnoFrom(() => range.register(at, 4096, ["minor"]))).toEqual(["EINVAL", "UFFDIO_REGISTER"]);
    expect(codeFrom(() => range.register(at, 4096, ["all" as "minor"]))).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
    expect(codeFrom(() => process.registerRange(at, 4096, { handler: 5 as never }))).toBe(
      "ERR_PAGEWALK_INVALID_ARGUMENT",
    );
    process.exit();
    expect(errnoFrom(() => range.copy(at, bytes(1)))).toEqual(["ESRCH", "UFFDIO_COPY"]);
    expect(machine.health().problems).toEqual([]);
  });

  it("keep protection through swap, and not in a child", () => {
    const { process } = start();
    const at = process.mmap({ length: 90 * 4096 });
    for (let i = 0n; i < 90n; ++i) process.write(at + i * page, Uint8Array.of(Number(i)));
    let faults = 0;
    const range = process.registerRange(at, 90 * 4096, {
      modes: ["write-protect"],
      handler: (fault, own) => {
        ++faults;
        own.writeProtect(fault.page, 4096, false);
      },
    });
    range.writeProtect(at, 90 * 4096, true);
    const child = process.fork();
    for (let i = 0n; i < 90n; ++i) child.write(at + i * page, Uint8Array.of(200));
    expect(faults).toBe(0);
    for (let i = 0n; i < 90n; ++i) process.write(at + i * page + 1n, Uint8Array.of(100));
    expect(faults).toBe(90);
    for (let i = 0n; i < 90n; ++i) expect(byteAt(process, at + i * page)).toBe(Number(i));
  });

  it("bear garbage", () => {
    const { machine, process } = start();
    const at = process.mmap({ length: 4 * 4096 });
    const range = process.registerRange(at, 4 * 4096, { modes: ["missing", "write-protect"] });
    const garbage: unknown[] = [
      undefined,
      null,
      -1,
      1.5,
      NaN,
      "x",
      {},
      [],
      2n ** 70n,
      -5n,
      Symbol("s"),
      () => 1,
      0,
      at,
      "4KiB",
    ];
    const foreign: unknown[] = [];
    const methods = ["register", "unregister", "copy", "zeroPage", "continue", "writeProtect", "wake"] as const;
    for (const method of methods)
      for (const a of garbage)
        for (const b of garbage)
          for (const c of [undefined, null, 3, {}, ["missing"], true]) {
            try {
              (range[method] as (...args: unknown[]) => unknown)(a, b, c);
            } catch (error) {
              if (!codeOf(error)?.startsWith("ERR_PAGEWALK_")) foreign.push(error);
            }
          }
    expect(foreign).toEqual([]);
    expect(machine.health().problems).toEqual([]);
  });
});
