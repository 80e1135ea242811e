// SPDX-License-Identifier: MIT
// Machines in worker threads: several at once count what one alone counts, and a worker may end in the middle.
import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { checkout } from "../support/shared.js";

const script = join(checkout, "test", "stress", "machine-worker.mjs");

function start(workerData: { accesses: number; seed: number; hooked: boolean; policy?: boolean }): Worker {
  return new Worker(script, { workerData });
}

async function resultOf(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.on("message", (message) => message !== "running" && resolve(message));
    worker.on("error", reject);
    worker.on("exit", (code) => reject(new Error(`the worker ended with ${code} before its result`)));
  });
}

describe("worker threads", () => {
  it("count the same alone and four at once, on threads and with handlers", async () => {
    const work = [1, 2, 1, 2].map((seed, index) => ({ accesses: 300_000, seed, hooked: index > 1 }));
    const together = await Promise.all(work.map((data) => resultOf(start(data))));
    expect(together[2]).toEqual(together[0]);
    expect(together[3]).toEqual(together[1]);
    expect(together[1]).not.toEqual(together[0]);
    expect(await resultOf(start(work[0]!))).toEqual(together[0]);
  });

  it("count the same with a policy of JavaScript's, two at once", async () => {
    const work = { accesses: 300_000, seed: 3, hooked: false };
    const [native, ...hosted] = await Promise.all(
      [work, { ...work, policy: true }, { ...work, policy: true }].map((data) => resultOf(start(data))),
    );
    expect(hosted).toEqual([native, native]);
  });

  it.each([
    ["nothing", {}],
    ["a handler", { hooked: true }],
    ["a policy", { policy: true }],
  ])("may be terminated in the middle of a run with %s", async (_, hooks) => {
    for (let round = 0; round < 5; ++round) {
      const worker = start({ accesses: 2_000_000_000, seed: round, hooked: false, ...hooks });
      await once(worker, "message");
      await new Promise((resolve) => setTimeout(resolve, 10 * round));
      const begin = performance.now();
      await worker.terminate();
      expect(performance.now() - begin).toBeLessThan(2000);
    }
  });

  it("may end by themselves while a run goes on", async () => {
    const source = `
      const { Machine, Trace } = require("pagewalk");
      new Machine().run(Trace.generate({ name: "uniform", accesses: 2e9 }));
      setTimeout(() => process.exit(7), 20);`;
    const worker = new Worker(source, { eval: true });
    const [code] = await once(worker, "exit");
    expect(code).toBe(7);
  });
});
