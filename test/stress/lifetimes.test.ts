// SPDX-License-Identifier: MIT
// Handles that are collected, processes that end: nothing crashes, nothing piles up.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { checkout } from "../support/shared.js";

const node = (source: string, ...flags: string[]) =>
  promisify(execFile)(process.execPath, [...flags, "-e", source], { cwd: checkout, timeout: 50_000 });

describe("lifetimes", () => {
  it("a machine and a trace that nobody holds are not collected while their run goes on", async () => {
    const { stdout } = await node(
      `const { Machine, Trace } = require("pagewalk");
       const timer = setInterval(gc, 1);
       new Machine().run(Trace.generate({ name: "uniform", accesses: 2e6 })).then((result) => {
         clearInterval(timer);
         console.log(result.trace.records);
       });`,
      "--expose-gc",
    );
    expect(stdout.trim()).toBe("2000000");
  });

  it("machines that are dropped without close give their memory back", async () => {
    const { stdout } = await node(
      `const { Machine } = require("pagewalk");
       const pages = Float64Array.from({ length: 4096 }, (_, i) => i * 4096);
       const round = async (count) => {
         for (let i = 0; i < count; ++i) {
           new Machine().accessMany(pages);
           if (i % 10 === 9) { gc(); await new Promise(setImmediate); }
         }
         return process.memoryUsage().rss / 2 ** 20;
       };
       round(50).then(async (before) => console.log((await round(300)) - before));`,
      "--expose-gc",
    );
    expect(Number(stdout)).toBeLessThan(60);
  });

  it("machines of processes whose handlers know them are collected, closed or not", async () => {
    const { stdout } = await node(
      `const { Machine } = require("pagewalk");
       let collected = 0;
       const registry = new FinalizationRegistry(() => ++collected);
       const use = (i) => {
         const machine = new Machine({ memory: "1MiB", contents: true });
         const process = machine.createProcess();
         const at = process.mmap({ length: 4096, protection: "none" });
         process.onSignal("SIGSEGV", () => process.mprotect(at, 4096, "rw"));
         machine.setExceptionHandler(14, () => (machine ? "pass" : "refuse"));
         machine.onPageFault(() => (process ? "pass" : "retry"));
         process.write(at, new Uint8Array(10));
         registry.register(machine);
         if (i % 2) machine.close();
       };
       (async () => {
         for (let i = 0; i < 60; ++i) use(i);
         for (let i = 0; i < 40 && collected < 55; ++i) { gc(); await new Promise((done) => setTimeout(done, 5)); }
         console.log(collected);
       })();`,
      "--expose-gc",
    );
    expect(Number(stdout)).toBeGreaterThanOrEqual(55);
  });

  it("policies of JavaScript's that know their machine are collected with it, closed or not", async () => {
    const { stdout } = await node(
      `const { Machine } = require("pagewalk");
       let collected = 0;
       const registry = new FinalizationRegistry(() => ++collected);
       const pages = Float64Array.from({ length: 200 }, (_, i) => i * 4096);
       const use = (i) => {
         const machine = new Machine({ residentLimit: 100 });
         const queue = [];
         const policy = {
           name: "mine",
           onInsert: (loaded) => queue.push(...loaded),
           onAccess() {},
           onRemove: () => queue.shift(),
           chooseVictim: () => (machine.config.policy === "mine" ? queue[0] : -1),
         };
         registry.register(policy);
         machine.registerPolicy(policy);
         machine.accessMany(pages);
         gc();
         machine.accessMany(pages);
         if (i % 2) machine.close();
       };
       (async () => {
         for (let i = 0; i < 40; ++i) use(i);
         for (let i = 0; i < 40 && collected < 40; ++i) { gc(); await new Promise((done) => setTimeout(done, 5)); }
         console.log(collected >= 38);
       })();`,
      "--expose-gc",
    );
    expect(stdout.trim()).toBe("true");
  });

  it("a process may end in the middle of a run", async () => {
    const { stdout } = await node(
      `const { Machine, Trace } = require("pagewalk");
       new Machine().run(Trace.generate({ name: "uniform", accesses: 2e9 }));
       setTimeout(() => { console.log("leaving"); process.exit(0); }, 20);`,
    );
    expect(stdout.trim()).toBe("leaving");
  });
});
