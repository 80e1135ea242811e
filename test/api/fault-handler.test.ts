// SPDX-License-Identifier: MIT
// Page-fault handlers: what they see, what their answers do, and that no handler breaks the machine.
import { describe, expect, it } from "vitest";
import { type FaultAnswer, Machine, type PageFault, PagewalkError, Trace } from "../../lib/index.js";
import { rejectionOf, thrownBy } from "../support/errors.js";

const twoPages = () => Trace.fromAddresses([0x1000, 0x2000]);

describe("what a handler sees", () => {
  it("is the fault's address, error code, kind and type", () => {
    using machine = new Machine();
    const seen: PageFault[] = [];
    machine.onPageFault((fault) => void seen.push({ ...fault }));
    machine.access(0x1234, "load");
    machine.access(-8, "store");
    machine.access(0x5000, "fetch");
    expect(seen).toEqual([
      { address: 0x1234n, errorCode: 0b100, kind: "load", type: "minor", major: false },
      { address: 0xfffffffffffffff8n, errorCode: 0b110, kind: "store", type: "minor", major: false },
      { address: 0x5000n, errorCode: 0b10100, kind: "fetch", type: "minor", major: false, instructionPointer: 0x5000n },
    ]);
  });

  it("is a major fault where the page was evicted", () => {
    using machine = new Machine({ residentLimit: 1 });
    const types: string[] = [];
    machine.onPageFault(({ type, major }) => void types.push(`${type} ${major}`));
    for (const address of [0x1000, 0x2000, 0x1000]) machine.access(address);
    expect(types).toEqual(["minor false", "minor false", "major true"]);
  });

  it("comes once a fault in a run, in the order of the trace", async () => {
    using machine = new Machine();
    const seen: bigint[] = [];
    machine.onPageFault((fault) => void seen.push(fault.address));
    await machine.run(Trace.fromAddresses([0x3000, 0x1000, 0x3008, 0x2000]));
    expect(seen).toEqual([0x3000n, 0x1000n, 0x2000n]);
  });
});

describe("an answer", () => {
  it.each<[FaultAnswer | undefined, boolean, string]>([
    ["resolved", false, "minor"],
    ["resolved", true, "major"],
    ["pass", false, "minor"],
    [undefined, false, "minor"],
  ])("%s with major %s counts as %s", (answer, major, counted) => {
    using machine = new Machine();
    machine.onPageFault((fault) => {
      fault.major = major;
      return answer;
    });
    expect(machine.access(0x1000).fault).toBe(counted);
    expect(machine.stats().faults).toMatchObject({ total: 1, [counted]: 1 });
  });

  it.each([
    ["segmentation-fault", "ERR_PAGEWALK_SEGV"],
    ["bus-error", "ERR_PAGEWALK_BUS"],
    ["out-of-memory", "ERR_PAGEWALK_OUT_OF_MEMORY"],
  ] as const)("%s refuses the access with %s, in calls and in runs", async (answer, code) => {
    using machine = new Machine();
    const remove = machine.onPageFault((fault) => (fault.address === 0x2000n ? answer : "pass"));
    expect(machine.access(0x1000).fault).toBe("minor");
    const error = thrownBy(() => machine.access(0x2000));
    expect(error).toBeInstanceOf(PagewalkError);
    expect(error.code).toBe(code);
    expect(thrownBy(() => machine.accessMany(BigUint64Array.of(0x1000n, 0x2000n))).code).toBe(code);
    const rejection = await rejectionOf(machine.run(twoPages()));
    expect(rejection.code).toBe(code);
    expect(rejection.partial?.partial).toBe(true);
    remove();
    expect(machine.access(0x2000).fault).toBe("minor");
    expect(machine.validate()).toEqual([]);
  });

  it("of the first handler that does not pass decides", () => {
    using machine = new Machine();
    const asked: string[] = [];
    machine.onPageFault(() => void asked.push("first"));
    machine.onPageFault(() => {
      asked.push("second");
      return "resolved";
    });
    machine.onPageFault(() => void asked.push("third"));
    machine.access(0x1000);
    expect(asked).toEqual(["first", "second"]);
  });
});

describe("a handler can be removed", () => {
  it("once, and only itself even when it was added twice", () => {
    using machine = new Machine();
    let calls = 0;
    const handler = () => void ++calls;
    const removeFirst = machine.onPageFault(handler);
    machine.onPageFault(handler);
    removeFirst();
    removeFirst();
    machine.access(0x1000);
    expect(calls).toBe(1);
  });

  it("from inside itself", () => {
    using machine = new Machine();
    let calls = 0;
    const remove = machine.onPageFault(() => {
      ++calls;
      remove();
    });
    machine.access(0x1000);
    machine.access(0x2000);
    expect(calls).toBe(1);
  });
});

describe("a promise", () => {
  it("suspends the run until it settles", async () => {
    using machine = new Machine();
    const order: string[] = [];
    machine.onPageFault(async (fault) => {
      order.push(`asked ${fault.address}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push(`answered ${fault.address}`);
      fault.major = fault.address === 0x2000n;
      return "resolved";
    });
    const result = await machine.run(twoPages());
    expect(order).toEqual(["asked 4096", "answered 4096", "asked 8192", "answered 8192"]);
    expect(result.faults).toMatchObject({ minor: 1, major: 1 });
  });

  it("that passes asks the next handler, which may wait too", async () => {
    using machine = new Machine();
    machine.onPageFault(async () => "pass");
    machine.onPageFault(async (fault) => (fault.address === 0x2000n ? "bus-error" : undefined));
    expect((await rejectionOf(machine.run(twoPages()))).code).toBe("ERR_PAGEWALK_BUS");
  });

  it("that rejects rejects the run with its reason as the cause", async () => {
    using machine = new Machine();
    const reason = new RangeError("disk on fire");
    const remove = machine.onPageFault(() => Promise.reject(reason));
    const error = await rejectionOf(machine.run(twoPages()));
    expect(error.code).toBe("ERR_PAGEWALK_HANDLER_FAILED");
    expect(error.cause).toBe(reason);
    remove();
    expect((await machine.run(twoPages())).faults.minor).toBe(2);
    expect(machine.validate()).toEqual([]);
  });

  it("is refused in synchronous calls with one code", () => {
    using machine = new Machine();
    const remove = machine.onPageFault(async () => "resolved");
    expect(thrownBy(() => machine.access(0x1000)).code).toBe("ERR_PAGEWALK_ASYNC_HANDLER");
    expect(thrownBy(() => machine.accessMany([0x1000])).code).toBe("ERR_PAGEWALK_ASYNC_HANDLER");
    remove();
    expect(machine.access(0x1000).fault).toBe("minor");
  });

  it("that never settles can be aborted, and its late answer meets no later fault", async () => {
    using machine = new Machine();
    let answer = (_answer: FaultAnswer): void => {};
    const remove = machine.onPageFault(() => new Promise<FaultAnswer>((resolve) => (answer = resolve)));
    const error = await rejectionOf(machine.run(twoPages(), { signal: AbortSignal.timeout(20) }));
    expect(error.code).toBe("ERR_PAGEWALK_ABORTED");
    remove();
    answer("segmentation-fault");
    await new Promise((resolve) => setTimeout(resolve, 5));
    machine.onPageFault(() => "pass");
    expect(machine.access(0x1000).fault).toBe("minor");
    expect((await machine.run(twoPages())).faults.minor).toBe(1);
    expect(machine.validate()).toEqual([]);
  });
});

describe("a bad handler", () => {
  it("that throws ends the call with its exception as the cause; the machine stays usable", async () => {
    using machine = new Machine();
    const cause = new Error("my mistake");
    const remove = machine.onPageFault(() => {
      throw cause;
    });
    for (const error of [
      thrownBy(() => machine.access(0x1000)),
      thrownBy(() => machine.accessMany([0x1000])),
      await rejectionOf(machine.run(twoPages())),
    ]) {
      expect(error).toBeInstanceOf(PagewalkError);
      expect(error.code).toBe("ERR_PAGEWALK_HANDLER_FAILED");
      expect(error.cause).toBe(cause);
    }
    remove();
    expect((await machine.run(twoPages())).faults.minor).toBe(2);
    expect(machine.validate()).toEqual([]);
  });

  it.each(["yes", 0, null, true, {}, "Resolved"])("that answers %j gets one code", async (answer) => {
    using machine = new Machine();
    const remove = machine.onPageFault(() => answer as FaultAnswer);
    expect(thrownBy(() => machine.access(0x1000)).code).toBe("ERR_PAGEWALK_HANDLER_ANSWER");
    expect((await rejectionOf(machine.run(twoPages()))).code).toBe("ERR_PAGEWALK_HANDLER_ANSWER");
    remove();
    expect(machine.access(0x1000).fault).toBe("minor");
  });

  it("that calls the machine is told so, and may go on", () => {
    using machine = new Machine();
    const codes: string[] = [];
    machine.onPageFault(() => {
      const calls = [
        () => machine.access(0x9000),
        () => machine.accessMany([1]),
        () => machine.stats(),
        () => machine.reset(),
        () => machine.close(),
      ];
      for (const call of calls) codes.push(thrownBy(call).code);
    });
    expect(machine.access(0x1000).fault).toBe("minor");
    expect(codes).toEqual(Array(5).fill("ERR_PAGEWALK_REENTERED"));
    expect(machine.stats().accesses.total).toBe(1);
  });

  it("that calls the machine while its promise is awaited is told so", async () => {
    using machine = new Machine();
    let code = "";
    machine.onPageFault(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      code ||= thrownBy(() => machine.access(0x9000)).code;
      return "pass";
    });
    await machine.run(twoPages());
    expect(code).toBe("ERR_PAGEWALK_REENTERED");
  });

  it("that starts a run inside a run is told that the machine is busy", async () => {
    using machine = new Machine();
    const codes: Promise<string>[] = [];
    machine.onPageFault(() => void codes.push(rejectionOf(machine.run(twoPages())).then(({ code }) => code)));
    await machine.run(twoPages());
    expect(new Set(await Promise.all(codes))).toEqual(new Set(["ERR_PAGEWALK_BUSY"]));
  });

  it("that is no function is refused", () => {
    using machine = new Machine();
    expect(thrownBy(() => machine.onPageFault("pass" as never))).toBeInstanceOf(TypeError);
  });

  it("that takes the batch's memory away ends the call with an error", () => {
    using machine = new Machine();
    const batch = BigUint64Array.from({ length: 5000 }, (_, i) => BigInt(i) << 12n);
    machine.onPageFault(() => {
      if (batch.length) structuredClone(batch.buffer, { transfer: [batch.buffer] });
    });
    const error = thrownBy(() => machine.accessMany(batch));
    expect(error.code).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
    expect(machine.validate()).toEqual([]);
  });
});

describe("slices", () => {
  it("end after ten milliseconds even when the handler is slow", async () => {
    using machine = new Machine();
    const faults = 200;
    machine.onPageFault(() => {
      const end = performance.now() + 2;
      while (performance.now() < end);
    });
    let turns = 0;
    const count = (): void => {
      ++turns;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    const trace = Trace.fromAddresses(Float64Array.from({ length: faults }, (_, i) => i * 4096));
    const result = await machine.run(trace);
    clearImmediate(timer);
    expect(result.faults.minor).toBe(faults);
    expect(turns).toBeGreaterThan((faults * 2) / 10 / 2);
  });

  it("put off no fault for good, and ask about each one once", async () => {
    using machine = new Machine();
    const seen: bigint[] = [];
    machine.onPageFault((fault) => {
      seen.push(fault.address);
      const end = performance.now() + 1;
      while (performance.now() < end);
      return fault.address === 0x5000n ? Promise.resolve("resolved") : "resolved";
    });
    const addresses = Float64Array.from({ length: 50 }, (_, i) => i * 4096);
    await machine.run(Trace.fromAddresses(addresses));
    expect(seen).toEqual(Array.from(addresses, BigInt));
  });
});
