// SPDX-License-Identifier: MIT
// Runs: the result document, limits and warm-up, abort in the middle, progress, and who may use the machine meanwhile.
import { describe, expect, it } from "vitest";
import { Machine, PagewalkError, type RunProgress, Trace } from "../../lib/index.js";
import { tinyTrace } from "../support/cli.js";
import { rejectionOf, thrownBy } from "../support/errors.js";

const long = () => Trace.generate({ name: "uniform", accesses: 100_000_000, bytes: 2 ** 28 });

describe("the result document", () => {
  it("has every section and survives JSON", async () => {
    using machine = new Machine();
    const result = await machine.run(tinyTrace);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(Object.keys(result)).toEqual(
      expect.arrayContaining([
        "schema",
        "config",
        "trace",
        "tlb",
        "walks",
        "faults",
        "replacement",
        "memory",
        "cycles",
        "time",
      ]),
    );
    expect(result.schema).toBe("pagewalk.result/1");
    expect(result.partial).toBeUndefined();
    expect(result.trace).toMatchObject({ format: "lackey", compression: "zstd", path: tinyTrace });
    expect(result.trace.records).toBe(
      result.trace.fetches + result.trace.loads + result.trace.stores + result.trace.modifies,
    );
    expect(result.faults.total).toBe(result.memory.residentPages);
  });

  it("is the same whatever runs it: a thread, slices with a handler, or single calls", async () => {
    const addresses = BigUint64Array.from({ length: 4000 }, (_, i) => BigInt((i * 31) % 500) << 12n);
    using threaded = new Machine({ residentLimit: 200 });
    using sliced = new Machine({ residentLimit: 200 });
    sliced.onPageFault(() => "pass");
    const { time: _a, ...first } = await threaded.run(Trace.fromAddresses(addresses));
    const { time: _b, ...second } = await sliced.run(Trace.fromAddresses(addresses));
    expect(second).toEqual(first);
  });

  it("counts only what comes after the warm-up", async () => {
    const addresses = Float64Array.from({ length: 100 }, (_, i) => i * 4096);
    using machine = new Machine();
    const result = await machine.run(Trace.fromAddresses(addresses), { warmup: 60 });
    expect(result.faults.minor).toBe(40);
    expect(result.accesses.total).toBe(40);
    expect(result.config.warmup).toBe(60);
  });

  it("stops after the limit of lines", async () => {
    using machine = new Machine();
    const result = await machine.run(tinyTrace, { limit: 1000 });
    expect(result.trace.records).toBe(1000);
    expect(result.config.limit).toBe(1000);
  });

  it("counts a second run of one machine from where the first ended", async () => {
    using machine = new Machine();
    const trace = Trace.fromAddresses([0x1000, 0x2000]);
    expect((await machine.run(trace)).faults.total).toBe(2);
    expect((await machine.run(trace)).faults.total).toBe(0);
    machine.reset();
    expect((await machine.run(trace)).faults.total).toBe(2);
  });

  it("resolves a resident limit that is a share of the trace's pages, rounded down and at least one", async () => {
    const trace = Trace.fromAddresses(Float64Array.from({ length: 10 }, (_, i) => i * 4096));
    using quarter = new Machine({ residentLimit: "25%" });
    expect((await quarter.run(trace)).replacement.limit).toBe(2);
    expect(quarter.config.residentLimit).toBe(2);
    using least = new Machine({ residentLimit: "1%" });
    expect((await least.run(trace)).replacement.limit).toBe(1);
    quarter.reset();
    expect(quarter.config.residentLimit).toBeNull();
  });
});

describe("an abort", () => {
  it("in the middle rejects with the reason and the flagged partial result; the machine stays usable", async () => {
    using machine = new Machine();
    const reason = new Error("seen enough");
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 50);
    const error = await rejectionOf(machine.run(long(), { signal: controller.signal }));
    expect(error).toBeInstanceOf(PagewalkError);
    expect(error.code).toBe("ERR_PAGEWALK_ABORTED");
    expect(error.cause).toBe(reason);
    expect(error.partial?.partial).toBe(true);
    expect(error.partial?.accesses.total).toBeLessThan(100_000_000);
    expect(machine.validate()).toEqual([]);
    expect((await machine.run(Trace.fromAddresses([2 ** 40]))).accesses.total).toBe(1);
  });

  it("with hooks works too", async () => {
    using machine = new Machine();
    machine.onPageFault(() => "pass");
    const error = await rejectionOf(machine.run(long(), { signal: AbortSignal.timeout(50) }));
    expect(error.code).toBe("ERR_PAGEWALK_ABORTED");
    expect(error.partial?.partial).toBe(true);
    expect(machine.validate()).toEqual([]);
  });

  it("before the run gives an empty partial result", async () => {
    using machine = new Machine();
    const error = await rejectionOf(machine.run(tinyTrace, { signal: AbortSignal.abort() }));
    expect(error.code).toBe("ERR_PAGEWALK_ABORTED");
    expect(error.partial?.accesses.total).toBe(0);
  });
});

describe("progress", () => {
  it.each([false, true])("grows to the end (with a handler: %s)", async (hooked) => {
    using machine = new Machine();
    if (hooked) machine.onPageFault(() => undefined);
    const seen: RunProgress[] = [];
    await machine.run(Trace.generate({ name: "sequential", accesses: 20_000_000, bytes: 2 ** 20 }), {
      onProgress: (progress) => seen.push(progress),
    });
    expect(seen.at(-1)).toMatchObject({ fraction: 1, accesses: 20_000_000, faults: 256 });
    expect(seen.map(({ accesses }) => accesses)).toEqual(seen.map(({ accesses }) => accesses).sort((a, b) => a - b));
  });

  it("ends the run with what the callback throws", async () => {
    using machine = new Machine();
    const failure = new Error("no more");
    const error = await rejectionOf(
      machine.run(long(), {
        onProgress() {
          throw failure;
        },
      }),
    );
    expect(error).toBe(failure);
    expect(machine.access(2 ** 40).fault).toBe("minor");
  });
});

describe("while a run goes on", () => {
  it("every other call says that the machine is busy", async () => {
    using machine = new Machine();
    const controller = new AbortController();
    const run = rejectionOf(machine.run(long(), { signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (const call of [() => machine.access(0), () => machine.stats(), () => machine.reset(), () => machine.close()]) {
      expect(thrownBy(call).code).toBe("ERR_PAGEWALK_BUSY");
    }
    expect((await rejectionOf(machine.run(tinyTrace))).code).toBe("ERR_PAGEWALK_BUSY");
    controller.abort();
    expect((await run).code).toBe("ERR_PAGEWALK_ABORTED");
    expect(machine.access(2 ** 40).fault).toBe("minor");
  });

  it("other machines may run the same trace", async () => {
    const trace = await Trace.open(tinyTrace);
    const results = await Promise.all(
      Array.from({ length: 4 }, async () => {
        using machine = new Machine();
        const { time: _time, ...rest } = await machine.run(trace);
        return rest;
      }),
    );
    for (const result of results) expect(result).toEqual(results[0]);
  });
});

describe("wrong options of a run", () => {
  it.each([
    [{ limit: 0 }, RangeError],
    [{ limit: 1.5 }, RangeError],
    [{ limit: Number.NaN }, RangeError],
    [{ warmup: -1 }, RangeError],
    [{ warmup: 2 ** 53 }, RangeError],
    [{ signal: {} }, TypeError],
    [{ onProgress: 1 }, TypeError],
  ])("%j are refused", async (options, type) => {
    using machine = new Machine();
    const error = await rejectionOf(machine.run(tinyTrace, options as object));
    expect(error).toBeInstanceOf(type);
    expect(error.code).toMatch(/^ERR_PAGEWALK_(OUT_OF_RANGE|INVALID_ARGUMENT)$/);
  });

  it("a trace that is none is refused", async () => {
    using machine = new Machine();
    expect((await rejectionOf(machine.run(7 as never))).code).toBe("ERR_PAGEWALK_INVALID_ARGUMENT");
  });
});
