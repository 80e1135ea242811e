// SPDX-License-Identifier: MIT
// Miss-ratio curves from the API and the command line: equal to simulations at every size.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CurveOptions } from "../../lib/curve.js";
import { Trace } from "../../lib/trace.js";
import { pagewalk, tinyTrace } from "../support/cli.js";

let trace: Trace;
beforeAll(async () => {
  trace = await Trace.open(tinyTrace);
});
afterAll(() => trace.close());

describe("the miss-ratio curve", () => {
  it.each([
    ["lru", "all"],
    ["lru", "data"],
    ["lru", "fetch"],
    ["opt", "data"],
    ["belady", "fetch"],
  ] as const)("of %s on %s references is its simulation at every size", async (asked, refs) => {
    const { policy, requests, pages, misses } = await trace.missRatioCurve({ policy: asked, refs });
    const frames = Array.from({ length: pages }, (_, index) => index + 1);
    const { results } = await trace.compare({ policy: asked, frames, refs });
    expect(policy).toBe(asked);
    expect([...misses]).toEqual([requests, ...results.map((row) => row.misses)]);
  });

  it("has the sizes asked for, ascending and each once", async () => {
    const { pages } = await trace.missRatioCurve();
    const { frames } = await trace.missRatioCurve({ frames: ["10%", 7, 3, 7, "100%"] });
    expect([...frames]).toEqual([3, 7, Math.floor(pages / 10), pages]);
    const points = await trace.missRatioCurve({ points: 30 });
    expect(points.frames[0]).toBe(1);
    expect(points.frames.at(-1)).toBe(pages);
    const every = await trace.missRatioCurve({ frames: "all" });
    expect([...points.misses]).toEqual([...points.frames].map((size) => every.misses[size]));
  });

  it("of other policies is their simulation at each size", async () => {
    const policy = ["arc", "clock:bits=2", "lru"];
    const { curves, pages, requests } = await trace.missRatioCurves({ policy, points: 12, refs: "data" });
    expect(curves.map((curve) => [curve.policy, curve.canonical])).toEqual([
      ["arc", "arc"],
      ["clock:bits=2", "clock"],
      ["lru", "lru"],
    ]);
    const frames = [...curves[0]!.frames];
    const { results } = await trace.compare({ policy, frames, refs: "data" });
    for (const { policy: name, misses, missRatios, errorBars, method } of curves) {
      expect([...misses]).toEqual(results.filter((row) => row.policy === name).map((row) => row.misses));
      expect([...missRatios]).toEqual([...misses].map((count) => count / requests));
      expect({ method, errorBars }).toEqual({ method: "exact", errorBars: null });
    }
    expect(frames.at(-1)).toBe(pages);
  });

  it.each([
    ["shards", { rate: 0.1 }, ["lru"]],
    ["shards", { samples: 3000 }, ["lru"]],
    ["shards", {}, ["lru"]],
    ["miniature", { rate: 0.1 }, ["arc", "opt"]],
    ["miniature", { samples: 3000 }, ["sieve"]],
  ] as const)("by %s with %j estimates within its bars", async (method, sampling, policy) => {
    using zipf = Trace.generate({ name: "zipf", accesses: 500_000, bytes: 2 ** 27, exponent: 0.8, seed: 4 });
    const { curves } = await zipf.missRatioCurves({
      method,
      policy,
      frames: "2%,5%,10%,20%,40%,60%,80%,100%",
      ...sampling,
    });
    const truth = await zipf.missRatioCurves({ policy, frames: [...curves[0]!.frames] });
    curves.forEach(({ missRatios, errorBars, requests, misses, rate, sampledPages, pages, ...curve }, index) => {
      expect(curve).toMatchObject({ method, policy: policy[index] });
      expect(requests).toBe(500_000);
      expect(sampledPages / rate / pages).toBeCloseTo(1, 3);
      expect([...missRatios]).toEqual([...misses].map((count) => count / requests));
      const off = [...missRatios].map((ratio, i) => Math.abs(ratio - truth.curves[index]!.missRatios[i]!));
      expect(off.filter((by, i) => by > errorBars![i]!).length).toBeLessThanOrEqual(1);
      expect(off.reduce((sum, by) => sum + by) / off.length).toBeLessThan(0.03);
    });
  });

  it("is the same for the same seed, and another for another", async () => {
    using zipf = Trace.generate({ name: "zipf", accesses: 200_000, bytes: 2 ** 27 });
    const misses = async (seed: number): Promise<number[]> => [
      ...(await zipf.missRatioCurve({ method: "shards", rate: 0.1, seed, points: 20 })).misses,
    ];
    expect(await misses(1)).toEqual(await misses(1));
    expect(await misses(1)).not.toEqual(await misses(2));
  });

  it("of too small a sample is an error that names a rate that suffices", async () => {
    const message = expect.stringMatching(/expected at least 256 pages, got \d+ of about \d+; take a rate of 0\.\d+/);
    using zipf = Trace.generate({ name: "zipf", accesses: 200_000, bytes: 2 ** 27 });
    for (const method of ["shards", "miniature"] as const)
      await expect(zipf.missRatioCurve({ method, rate: 0.002 })).rejects.toMatchObject({
        code: "ERR_PAGEWALK_SAMPLE_TOO_SMALL",
        message,
      });
  });

  it("of a sample ends at an abort", async () => {
    using long = Trace.generate({ name: "uniform", accesses: 200_000_000, bytes: 2 ** 32 });
    for (const method of ["shards", "miniature"] as const) {
      const curve = long.missRatioCurve({ method, rate: 0.01, signal: AbortSignal.timeout(100) });
      await expect(curve).rejects.toMatchObject({ code: "ERR_PAGEWALK_ABORTED" });
    }
  });

  it("of a stream of nothing is an error", async () => {
    using none = Trace.fromAddresses([4096], { kinds: Uint8Array.of(0) });
    await expect(none.missRatioCurve({ refs: "data" })).rejects.toMatchObject({ code: "ERR_PAGEWALK_TRACE_EMPTY" });
  });

  it("goes no further than the limit", async () => {
    expect(await trace.missRatioCurve({ limit: 100 })).toMatchObject({ requests: 100 });
  });

  it("ends at an abort", async () => {
    using long = Trace.generate({ name: "uniform", accesses: 50_000_000, bytes: 2 ** 32 });
    const curve = long.missRatioCurve({ signal: AbortSignal.timeout(200) });
    await expect(curve).rejects.toMatchObject({ code: "ERR_PAGEWALK_ABORTED" });
  });

  it.each<[CurveOptions, string]>([
    [{ refs: "dta" as "data" }, "UNKNOWN_NAME"],
    [{ limit: 0 }, "OUT_OF_RANGE"],
    [{ polcy: "lru" } as CurveOptions, "UNKNOWN_NAME"],
    [{ policy: "lur" }, "UNKNOWN_NAME"],
    [{ policy: "lru,arc" }, "OUT_OF_RANGE"],
    [{ policy: "working-set" }, "INVALID_ARGUMENT"],
    [{ points: 1 }, "OUT_OF_RANGE"],
    [{ method: "shard" as "shards" }, "UNKNOWN_NAME"],
    ...[0, -1, 1.01, Number.NaN, "0.1" as never].map((rate): [CurveOptions, string] => [
      { method: "shards", rate },
      "OUT_OF_RANGE",
    ]),
    [{ method: "miniature", rate: 0 }, "OUT_OF_RANGE"],
    [{ method: "shards", samples: 255 }, "OUT_OF_RANGE"],
    [{ method: "shards", samples: 300.5 }, "OUT_OF_RANGE"],
    [{ method: "shards", rate: 0.5, samples: 300 }, "INVALID_CONFIG"],
    [{ method: "shards", policy: "arc" }, "INVALID_ARGUMENT"],
    [{ method: "shards", frames: "all" }, "INVALID_CONFIG"],
    [{ rate: 0.5 }, "INVALID_CONFIG"],
    [{ samples: 300 }, "INVALID_CONFIG"],
    [{ points: Number.NaN }, "OUT_OF_RANGE"],
    [{ points: 5, frames: "10%" }, "INVALID_CONFIG"],
    [{ frames: "0%" }, "OUT_OF_RANGE"],
    [{ threads: -1 }, "OUT_OF_RANGE"],
    [{ seed: -1 }, "OUT_OF_RANGE"],
    [{ onProgress: 1 as never }, "INVALID_ARGUMENT"],
  ])("refuses %j with %s", async (options, code) => {
    await expect(trace.missRatioCurve(options)).rejects.toMatchObject({ code: `ERR_PAGEWALK_${code}` });
  });
});

describe("pagewalk mrc", () => {
  const mrc = (...args: string[]) => pagewalk(["mrc", tinyTrace, "--quiet", ...args]);

  it("prints the API's document with --json, its lists each on one line", async () => {
    const { code, stdout, stderr } = await mrc("--json", "--policy", "lru,arc", "--points", "9");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const result = await trace.missRatioCurves({ policy: "lru,arc", points: 9 });
    const lists = result.curves.map(({ frames, misses, missRatios, ...others }) => ({
      ...others,
      frames: [...frames],
      misses: [...misses],
      missRatios: [...missRatios],
    }));
    expect(JSON.parse(stdout)).toEqual({ ...result, curves: lists });
    expect(stdout.split("\n").length).toBeLessThan(60);
  });

  it("prints a row for each size", async () => {
    const { stdout } = await mrc("--policy", "lru,fifo", "--frames", "3,10%");
    const [head, ...rows] = stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t"));
    expect(head).toEqual(["frames", "lru", "fifo"]);
    const { results } = await trace.compare({ policy: "lru,fifo", frames: "3,10%" });
    const ratio = (frames: number, policy: string): number => {
      const { misses, requests } = results.find((row) => row.frames === frames && row.policy === policy)!;
      return misses / requests;
    };
    expect(rows).toHaveLength(2);
    for (const [frames, lru, fifo] of rows.map((row) => row.map(Number))) {
      expect(lru).toBeCloseTo(ratio(frames!, "lru"), 7);
      expect(fifo).toBeCloseTo(ratio(frames!, "fifo"), 7);
    }
  });

  it("prints a CSV row for each size of each policy", async () => {
    const { stdout } = await mrc("--csv", "--policy", "lru,fifo", "--frames", "3,4");
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toBe("policy,method,frames,misses,miss_ratio,error_bar");
    expect(lines.slice(1).map((line) => line.split(",").slice(0, 3).join())).toEqual([
      "lru,exact,3",
      "lru,exact,4",
      "fifo,exact,3",
      "fifo,exact,4",
    ]);
  });

  it.each([
    [["--frames", "0"], /--frames: expected numbers of frames from 1 up/],
    [["--policy", "lur"], /did you mean "lru"/],
    [["--method", "shards", "--rate", "0"], /--rate: expected a share/],
    [["--method", "shards", "--rate", "x"], /--rate/],
    [["--rate", "0.5"], /--rate: expected only with a method that samples/],
    [["--points", "1"], /--points/],
    [["--points", "5", "--frames", "5"], /--points/],
    [["--csv", "--json"], /--csv/],
  ])("ends %j with exit code 2", async (args, message) => {
    const { code, stdout, stderr } = await mrc(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });
});
