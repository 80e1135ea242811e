// SPDX-License-Identifier: MIT
// Boot and health: what the steps made, memory maps, and what the checks looked at, in both ways of using a machine.
import { describe, expect, it } from "vitest";
import { Machine, type MachineOptions } from "../../lib/index.js";

const page = 4096;
const holes: MachineOptions = {
  memoryMap: [
    { start: 0, size: "640KiB" },
    { start: "0xa0000", size: 384 * 1024, type: "hole" },
    { start: 1n << 20n, size: "1MiB", type: "reserved" },
    { start: "4MiB", size: 2n << 20n },
  ],
};

function errorOf(options: MachineOptions): { code?: string; message?: string } {
  try {
    new Machine(options).close();
    return {};
  } catch (error) {
    return error as Error & { code: string };
  }
}

describe("the boot log", () => {
  it("names the steps of a machine and what they made, the same each time", () => {
    using machine = new Machine(holes);
    const log = machine.bootLog();
    expect(log.map(({ name }) => name)).toEqual([
      "memory map",
      "physical memory",
      "frame table",
      "frame allocator",
      "root table",
      "processor",
      "demand paging",
      "replacement policy",
    ]);
    expect(log[0]!.made).toBe("4 ranges, 672 of 1536 frames usable");
    for (const { hostMilliseconds } of log) expect(hostMilliseconds).toBeGreaterThanOrEqual(0);
    const made = log.map((step) => step.made);
    machine.access(0x1000);
    machine.reset();
    expect(machine.bootLog().map((step) => step.made)).toEqual(made);
  });

  it("is the system's once a machine has processes", () => {
    using machine = new Machine({ ...holes, swap: [{ size: "1MiB" }] });
    machine.createProcess();
    const log = machine.bootLog();
    expect(log.map(({ name }) => name)).toContain("page of zeros");
    expect(log.find(({ name }) => name === "swap areas")!.made).toBe("1 areas, 256 slots");
  });
});

describe("a memory map", () => {
  it("is the memory of both ways of using a machine", () => {
    using machine = new Machine({ ...holes, validateEvery: 50 });
    expect(machine.config).toMatchObject({
      memory: 672 * page,
      memoryMap: [{ start: 0, size: 640 << 10, type: "usable" }, {}, {}, {}],
    });
    machine.accessMany(Float64Array.from({ length: 2_000 }, (_, i) => 0x7f0000000000 + i * page));
    expect(machine.stats().memory.frames).toBe(672);
    expect(machine.health().counts.residentPages).toBeLessThan(672);
    machine.reset();
    const process = machine.createProcess();
    const area = process.mmap({ length: 600 * page });
    for (let i = 0; i < 600; i++) {
      const { pa } = process.access(area + BigInt(i * page), "store");
      expect(pa < 640n << 10n || (pa >= 4n << 20n && pa < 6n << 20n)).toBe(true);
    }
    expect(machine.health()).toMatchObject({ healthy: true, counts: { frames: 672 } });
  });

  it("without an aligned run for a page stops the boot at the step that needs one, and undoes the others", () => {
    const error = errorOf({
      memoryMap: [
        { start: 0, size: "1MiB" },
        { start: "3MiB", size: "2MiB" },
      ],
      pageSize: "2MiB",
    });
    expect(error.code).toBe("ERR_PAGEWALK_BOOT_FAILED");
    expect(error.message).toMatch(
      /^boot: demand paging: expected a usable run of 512 frames .* \(undone: processor, root table, /,
    );
  });

  it.each<[string, unknown, string, RegExp]>([
    ["empty", [], "INVALID_ARGUMENT", /memoryMap: expected at least one range/],
    [
      "overlapping",
      [
        { start: 0, size: 8192 },
        { start: 4096, size: 4096 },
      ],
      "INVALID_ARGUMENT",
      /memoryMap\[1\]: expected a start at or after 0x2000/,
    ],
    [
      "misaligned",
      [{ start: 1, size: 4096 }],
      "INVALID_ARGUMENT",
      /memoryMap\[0\]: expected a start on a frame boundary/,
    ],
    [
      "without usable memory",
      [{ start: 0, size: "1GiB", type: "reserved" }],
      "INVALID_ARGUMENT",
      /memoryMap: expected a usable range/,
    ],
    ["too large", [{ start: "8TiB", size: "1GiB" }], "OUT_OF_RANGE", /memoryMap: expected at most 8 TiB/],
    ["of a negative size", [{ start: 0, size: -4096 }], "INVALID_ARGUMENT", /memoryMap\[0\]\.size: expected a size/],
    ["of NaN", [{ start: Number.NaN, size: 4096 }], "INVALID_ARGUMENT", /memoryMap\[0\]\.start/],
    ["beyond 64 bits", [{ start: 1n << 70n, size: 4096 }], "INVALID_ARGUMENT", /memoryMap\[0\]\.start/],
    [
      "with an unknown name",
      [{ start: 0, size: 4096, kind: "hole" }],
      "UNKNOWN_NAME",
      /memoryMap\[0\]\.kind: no option has this name/,
    ],
    ["that is no list", { start: 0 }, "INVALID_ARGUMENT", /memoryMap: expected ranges such as/],
  ])("%s is refused", (_what, memoryMap, code, message) => {
    const error = errorOf({ memoryMap } as MachineOptions);
    expect(error.message).toMatch(message);
    expect(error.code).toBe(`ERR_PAGEWALK_${code}`);
  });

  it("beside memory is refused", () => {
    expect(errorOf({ ...holes, memory: "1GiB" })).toMatchObject({ code: "ERR_PAGEWALK_INVALID_CONFIG" });
  });
});

describe("health", () => {
  const named = (machine: Machine) =>
    Object.fromEntries(machine.health().checks.map(({ name, checked }) => [name, checked]));

  it("of one demand-paged space says what each check looked at", () => {
    using machine = new Machine({ memory: "4MiB" });
    machine.accessMany(Float64Array.from({ length: 100 }, (_, i) => 0x7f0000000000 + i * page));
    expect(named(machine)).toMatchObject({ frames: 1024, "page tables": 4, mappings: 100 });
    expect(named(machine).TLBs).toBeGreaterThan(100);
    expect(machine.health()).toMatchObject({ healthy: true, problems: [] });
  });

  it("of processes says what each check looked at", () => {
    using machine = new Machine({ memory: "1MiB", swap: [{ size: "4MiB" }] });
    const process = machine.createProcess();
    const area = process.mmap({ length: 400 * page });
    for (let i = 0; i < 400; i++) process.access(area + BigInt(i * page), "store");
    process.fork();
    expect(named(machine)).toMatchObject({ frames: 256, processes: 2, "address spaces": 2 });
    for (const name of ["references", "reverse map", "swap slots", "replacement", "promises", "page tables"])
      expect([name, named(machine)[name]! > 0]).toEqual([name, true]);
  });

  it("is checked every so many faults where validateEvery says so", () => {
    using often = new Machine({ memory: "4MiB", validateEvery: 1 });
    often.accessMany(Float64Array.from({ length: 2_000 }, (_, i) => 0x7f0000000000 + i * page));
    often.reset();
    const process = often.createProcess();
    const area = process.mmap({ length: 100 * page });
    for (let i = 0; i < 100; i++) process.access(area + BigInt(i * page), "store");
    expect(often.stats().faults.total).toBe(100);
  });

  it.each([-1, 0.5, "often", 2 ** 40])("refuses a validateEvery of %s", (validateEvery) => {
    expect(errorOf({ validateEvery } as MachineOptions).code).toMatch(/OUT_OF_RANGE|INVALID_ARGUMENT/);
  });
});

describe("simulated time of faults", () => {
  it("is what the cost table says", () => {
    using machine = new Machine({
      memory: "4MiB",
      contents: true,
      faultCost: { minor: 7, zero: 100, copy: 2000, major: 1 },
    });
    const process = machine.createProcess();
    const area = process.mmap({ length: 10 * page });
    for (let i = 0; i < 10; i++) process.write(area + BigInt(i * page), Uint8Array.of(1));
    expect(machine.stats().kernel!.time).toBe(10 * (7 + 100));
    process.fork().write(area, Uint8Array.of(2));
    expect(machine.stats().kernel!.time).toBe(10 * (7 + 100) + 7 + 2000);
  });
});
