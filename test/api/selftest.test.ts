// SPDX-License-Identifier: MIT
// The self-test: passes on sound machines of many configurations, and names what it finds on others.
import { afterEach, describe, expect, it, vi } from "vitest";
import { healthOf } from "../../lib/health.js";
import { Machine, type MachineOptions, selfTest } from "../../lib/index.js";
import { runSelfTest } from "../../lib/selftest/index.js";
import { pagewalk } from "../support/cli.js";

const configurations: [string, MachineOptions][] = [
  ["the defaults", {}],
  ["another processor", { cpu: "amd-zen4", levels: 5, seed: 9 }],
  ["split TLBs", { cpu: "intel-icelake-sp", policy: "clock", observe: "hardware" }],
  ["no caches", { tlb: "none", psc: "none", residentLimit: "25%" }],
  [
    "holes",
    {
      memoryMap: [
        { start: 0, size: "640KiB" },
        { start: "1MiB", size: "15MiB" },
      ],
      pageSize: "2MiB",
    },
  ],
];

afterEach(() => vi.restoreAllMocks());

describe("the self-test", () => {
  it.each(configurations)("passes with %s", (_name, options) => {
    const report = runSelfTest({ validateEvery: 500, ...options });
    expect(report.parts.filter(({ ok }) => !ok)).toEqual([]);
    expect(report.ok).toBe(true);
    expect(report.machines.map(({ use, boot }) => [use, boot.length])).toEqual([
      ["one space", 8],
      ["processes", 11],
    ]);
    for (const { health } of report.machines) expect(health).toMatchObject({ healthy: true, problems: [] });
  });

  it("checks every 50 faults unless told otherwise, and does the same twice", async () => {
    const [first, second] = await Promise.all([pagewalk(["selftest", "--json"]), pagewalk(["selftest", "--json"])]);
    expect(first.code).toBe(0);
    expect(first.stdout).toBe(second.stdout);
    expect(JSON.parse(first.stdout)).toMatchObject({ schema: "pagewalk.selftest/1", ok: true, validateEvery: 50 });
  });

  it("fails, and says why, where a machine is not healthy", () => {
    vi.spyOn(Machine.prototype, "health").mockReturnValue(
      healthOf([{ name: "frames", checked: 1, unit: "frames", problems: ["frame 7 is mapped twice"] }], {}),
    );
    const { ok, parts } = runSelfTest({ validateEvery: 0 });
    expect(ok).toBe(false);
    expect(parts.filter((part) => part.ok)).toEqual([]);
    for (const { did } of parts) expect(did).toBe("frame 7 is mapped twice");
  });

  it("fails where a machine does not do what it has to", () => {
    vi.spyOn(Machine.prototype, "stats").mockImplementation(function (this: Machine) {
      return { ...this.config, replacement: { evictions: 0, writebacks: 0 } } as never;
    });
    const replacement = runSelfTest().parts.find(({ name }) => name === "replacement")!;
    expect(replacement).toMatchObject({ ok: false, did: expect.stringContaining("evictions") as string });
  });

  it("is a call of the library", async () => {
    expect(await selfTest({ validateEvery: 1000 })).toMatchObject({ ok: true, validateEvery: 1000 });
    await expect(selfTest({ policy: "lur" })).rejects.toThrow(/did you mean "lru"/);
  });

  it("refuses a configuration that is wrong", async () => {
    const { code, stderr } = await pagewalk(["selftest", "--policy", "lur"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--policy");
  });

  it("shows boot and health on demand", async () => {
    const { stdout } = await pagewalk(["selftest", "--verbose", "--memory", "64MiB"]);
    expect(stdout).toContain("root table");
    expect(stdout).toContain("page of zeros");
    expect(stdout).toContain("reverse map");
    expect(stdout).toContain("frames: 16384");
  });
});
