// SPDX-License-Identifier: MIT
// The miss-ratio curve of LRU from the API: equal to simulations at every size.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CurveOptions } from "../../lib/curve.js";
import { Trace } from "../../lib/trace.js";
import { tinyTrace } from "../support/cli.js";

let trace: Trace;
beforeAll(async () => {
  trace = await Trace.open(tinyTrace);
});
afterAll(() => trace.close());

describe("the miss-ratio curve", () => {
  it.each(["all", "data", "fetch"] as const)("of %s references is LRU at every size", async (refs) => {
    const { policy, requests, pages, misses } = await trace.missRatioCurve({ refs });
    const frames = Array.from({ length: pages }, (_, index) => index + 1);
    const { results } = await trace.compare({ policy: "lru", frames, refs });
    expect(policy).toBe("lru");
    expect([...misses]).toEqual([requests, ...results.map((row) => row.misses)]);
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
    [{ policy: "lru" } as CurveOptions, "UNKNOWN_NAME"],
    [{ onProgress: 1 as never }, "INVALID_ARGUMENT"],
  ])("refuses %j with %s", async (options, code) => {
    await expect(trace.missRatioCurve(options)).rejects.toMatchObject({ code: `ERR_PAGEWALK_${code}` });
  });
});
