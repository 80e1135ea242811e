// SPDX-License-Identifier: MIT
// Configuration files: what they resolve to, and for every bad one the place of each violation.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020.js";
import { afterAll, describe, expect, it } from "vitest";
import { configSchema } from "../../lib/config/json-schema.js";
import { loadConfig } from "../../lib/config/load.js";
import { referenceText } from "../../lib/config/reference.js";
import { shownObject, shownOptions, shownText } from "../../lib/config/show.js";
import { configTemplate } from "../../lib/config/template.js";
import { optionTables } from "../../lib/generated/options.js";
import { Machine } from "../../lib/index.js";
import { addon } from "../../lib/native.js";
import type { OptionsError } from "../../lib/options/problems.js";
import { defaults, resolveOptions } from "../../lib/options/resolve.js";
import { optionNames, optionTable } from "../../lib/options/table.js";
import type { MachineOptions } from "../../lib/options/types.js";
import { pagewalk } from "../support/cli.js";
import { checkout } from "../support/shared.js";
import { readFileSync } from "node:fs";

const folder = mkdtempSync(join(tmpdir(), "pagewalk-config-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
function fileOf(text: string, name = `machine${count++}.yaml`): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function failure(text: string, over: MachineOptions = {}): OptionsError {
  const path = fileOf(text);
  try {
    Machine.fromConfig(path, over).close();
  } catch (error) {
    const found = error as OptionsError;
    return Object.assign(found, { message: found.message.replaceAll(path, "m.yaml") });
  }
  throw new Error(`expected a refusal of ${text}`);
}

const resolved = (text: string, over: MachineOptions = {}) => resolveOptions(loadConfig(fileOf(text), over).options);

describe("a configuration file", () => {
  it("may be YAML or JSON, and empty", () => {
    const yaml = resolved("cpu: amd-zen4\nmemory: 1GiB # enough\ncost: { minorFault: 2000 }\n");
    const json = resolved('{\n\t"cpu": "amd-zen4",\n\t"memory": "1GiB",\n\t"cost": { "minorFault": 2000 }\n}\n');
    expect(yaml).toEqual(json);
    expect(yaml.native.cost.minorFault).toBe(2000);
    expect(resolved("")).toEqual(resolveOptions());
    expect(resolved("# nothing\n")).toEqual(resolveOptions());
  });

  it("boots a machine, and options given beside it stand before it", () => {
    const path = fileOf("policy: clock\nresidentLimit: 10\nseed: 18446744073709551615\n");
    const machine = Machine.fromConfig(path, { policy: "fifo" });
    expect(machine.config).toMatchObject({ policy: "fifo", residentLimit: 10, seed: "18446744073709551615" });
    machine.close();
  });

  it("lies over a preset or another file, name by name", () => {
    expect(resolved("extends: preset:amd-zen4\n").native).toEqual(resolveOptions({ cpu: "amd-zen4" }).native);
    fileOf("memory: 2GiB\ncost: { l2Hit: 9, minorFault: 7 }\npolicy: clock\n", "base.yaml");
    const { native } = resolved("extends: base.yaml\ncost: { l2Hit: 8 }\nmemory: 1GiB\n");
    expect(native).toMatchObject({ memoryBytes: 1n << 30n, policy: "clock" });
    expect(native.cost).toMatchObject({ l2Hit: 8, minorFault: 7 });
  });

  it("lets the later of memory and memoryMap stand", () => {
    fileOf("memoryMap: [{ start: 0, size: 4MiB }]\n", "map.yaml");
    expect(resolved("extends: map.yaml\n").native.memoryMap).toHaveLength(1);
    expect(resolved("extends: map.yaml\nmemory: 8MiB\n").native).toMatchObject({
      memoryMap: [],
      memoryBytes: 8n << 20n,
    });
    expect(resolved("extends: map.yaml\n", { memory: "8MiB" }).native.memoryMap).toEqual([]);
  });
});

describe("violations of a file", () => {
  it("are all named at once, each with line, column, path, what was expected, what came, and the nearest name", () => {
    const text = [
      "cpu: amd-zen44",
      "polcy: lru",
      "memory: 3pb",
      "levels: 6",
      "cost:",
      "  minorFalt: 3",
      "  majorFault: -1",
      "swap:",
      "  - size: 1GiB",
      "  - size: 5000",
      "    readLatency: soon",
      "tlb: { l1d: 65x4 }",
      "overcommit: { mode: nevr }",
      "contents: maybe",
    ].join("\n");
    const { message, problems, code } = failure(text);
    expect(code).toBe("ERR_PAGEWALK_INVALID_CONFIG");
    const lines = message.split("\n  ").slice(1);
    expect(problems).toHaveLength(lines.length);
    const has = (start: string, ...parts: string[]): void => {
      const line = lines.find((one) => one.startsWith(start));
      expect(line, `${start} in ${message}`).toBeDefined();
      for (const part of parts) expect(line).toContain(part);
    };
    has("m.yaml:1:6: cpu: ", 'got "amd-zen44"', 'did you mean "amd-zen4"');
    has("m.yaml:2:1: polcy: ", 'did you mean "policy"');
    has("m.yaml:3:9: memory: ", 'got "3pb"');
    has("m.yaml:6:3: cost.minorFalt: ", 'did you mean "minorFault"');
    has("m.yaml:11:18: swap[1].readLatency: ", 'got "soon"');
    has("m.yaml:12:13: tlb l1d: ", "65 entries in 4 ways");
    has("m.yaml:14:11: contents: ", 'true or false; got "maybe"');
    has("m.yaml:4:9: levels: ", "got 6");
    has("m.yaml:13:21: overcommit.mode: ", 'did you mean "never"');
  });

  it("name the file of the base that they stand in", () => {
    const base = fileOf("memory: 2GiB\npolicy: lur\n", "wrong-base.yaml");
    const { message } = failure("extends: wrong-base.yaml\nmemory: 1GiB\n");
    expect(message).toContain(`${base}:2:9: policy: `);
  });

  it("of a memory map name the range", () => {
    const { message } = failure(
      "memoryMap:\n  - { start: 0, size: 8MiB }\n  - { start: 4MiB, size: 4MiB }\n  - { start: 0x1000001, size: 4MiB, type: used }\n",
    );
    expect(message).toContain("m.yaml:4:43: memoryMap[2].type: expected one of usable, reserved, hole");
    const overlap = failure("memoryMap:\n  - { start: 0, size: 8MiB }\n  - { start: 4MiB, size: 4MiB }\n").message;
    expect(overlap).toBe(
      "m.yaml:3:5: memoryMap[1]: expected a start at or after 0x800000, the end of the range before it, got 0x400000",
    );
  });

  it("that flags brought name no place in the file", () => {
    const { message } = failure("memory: 1GiB\n", { policy: "lur" });
    expect(message).toMatch(/^policy: expected one of/);
  });

  it.each([
    ["a list", "- 1\n- 2\n", "CONFIG_SYNTAX", /:1:1: .*expected names and values/],
    ["what is no YAML", "a: [1,\nb: }\n", "CONFIG_SYNTAX", /m\.yaml:\d+:\d+: text: /],
    [
      "a name that stands twice",
      "memory: 1GiB\nmemory: 2GiB\n",
      "CONFIG_SYNTAX",
      /m\.yaml:2:1: text: map keys must be unique/,
    ],
    [
      "an unknown preset",
      "extends: preset:amd-zen5\n",
      "UNKNOWN_NAME",
      /m\.yaml:1:10: extends: .*did you mean "amd-zen/,
    ],
    ["a base that is no text", "extends: [a]\n", "INVALID_ARGUMENT", /m\.yaml:1:10: extends: expected "preset:NAME"/],
    [
      "memory beside its map",
      "memory: 1GiB\nmemoryMap: [{ start: 0, size: 4MiB }]\n",
      "INVALID_CONFIG",
      /m\.yaml:1:9: memory: /,
    ],
    [
      "aliases without end",
      `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghi"
        .split("")
        .map((n, i) => `${n}: &${n} [${Array(9).fill(`*${"abcdefgh"[i]}`).join(",")}]`)
        .join("\n")}\n`,
      "CONFIG_SYNTAX",
      /too many aliases|alias/i,
    ],
  ])("refuse %s", (_what, text, code, message) => {
    const error = failure(text);
    expect(error.code).toBe(`ERR_PAGEWALK_${code}`);
    expect(error.message).toMatch(message);
  });

  it("refuse a file that extends itself, and one that is not there", () => {
    const path = join(folder, "circle.yaml");
    fileOf("extends: circle.yaml\n", "circle.yaml");
    expect(() => loadConfig(path)).toThrow(/circle\.yaml:1:10: extends: .*extends this file itself/);
    expect(() => loadConfig(join(folder, "none.yaml"))).toThrow(
      expect.objectContaining({ code: "ERR_PAGEWALK_CONFIG_UNREADABLE" }) as Error,
    );
    expect(() => loadConfig(7 as never)).toThrow(
      expect.objectContaining({ code: "ERR_PAGEWALK_INVALID_ARGUMENT" }) as Error,
    );
  });
});

describe("config init", () => {
  it("writes a file that makes the machine of no options", () => {
    expect(resolved(configTemplate())).toEqual(resolveOptions());
  });

  it("names every option", () => {
    for (const name of optionNames) expect(configTemplate()).toMatch(new RegExp(`^#?${name}:`, "m"));
  });

  it("shows examples that are right, all together", () => {
    const text = configTemplate()
      .replace(/^#(tlb|psc|cost|residentLimit):/gm, "$1:")
      .replace(/^memory:.*$/m, "")
      .replace(/^#memoryMap:/m, "memoryMap:");
    expect(resolved(text).native.memoryMap).toHaveLength(3);
  });
});

describe("config show", () => {
  const examples = [
    "",
    "extends: preset:arm-neoverse-n1\nresidentLimit: 25%\n",
    "tlb: l1d=16x4\npsc: none\nseed: 18446744073709551615\nswap: [{ size: 1GiB, readLatency: 5 }]\novercommit: never\n",
    "memoryMap: [{ start: 0, size: 640KiB }, { start: 1MiB, size: 1GiB, type: reserved }, { start: 4GiB, size: 2GiB }]\n",
    "pageSize: 2m\nmemory: 8589934592\nfaultCost: { copy: 7 }\nvalidateEvery: 9\n",
  ];

  it.each(examples)("prints a configuration that resolves to the same: %j", (text) => {
    const config = loadConfig(fileOf(text));
    const shown = shownOptions(config);
    expect(resolved(shownText(shown))).toEqual(resolveOptions(config.options));
    expect(resolved(JSON.stringify(shownObject(shown)))).toEqual(resolveOptions(config.options));
  });

  it("says where each value came from", () => {
    const path = fileOf("extends: preset:amd-zen4\npolicy: clock\n");
    const origin = (name: string) =>
      shownOptions(loadConfig(path, { levels: 5 })).find((one) => one.name === name)!.origin;
    expect(origin("policy")).toBe(`${path}:2:1`);
    expect(origin("cpu")).toBe("preset:amd-zen4");
    expect(origin("cost")).toBe("preset:amd-zen4");
    expect(origin("levels")).toBe("given");
    expect(origin("observe")).toBe("default");
  });
});

describe("the schema", () => {
  const validate = new Ajv2020({ strict: false }).compile(configSchema());
  const accepts = (options: unknown): boolean => {
    try {
      resolveOptions(options as MachineOptions);
      return true;
    } catch {
      return false;
    }
  };

  it("and the resolver agree on what is right", () => {
    const right: object[] = [
      {},
      { cpu: "amd-zen4", tlb: "l1d=64x4", psc: { pde: 3 }, cost: { l1Hit: 1 }, levels: 5, memory: "3GiB" },
      {
        memoryMap: [
          { start: "0x0", size: 1 << 20 },
          { start: "1MiB", size: "4M", type: "hole" },
        ],
      },
      { swap: [{ size: "1GiB" }], overcommit: "never", faultCost: { zero: 0 }, contents: true, validateEvery: 3 },
      { overcommit: { mode: "always", ratio: 1000 }, residentLimit: "25%", tlb: { l2: { entries: 8, ways: 2 } } },
    ];
    for (const options of right) expect([options, validate(options), accepts(options)]).toEqual([options, true, true]);
  });

  it("and the resolver agree on what is wrong, of every option", () => {
    const wrong: object[] = optionNames.map((name) => ({ [name]: { nonsense: 1 } })).filter((one) => !("tlb" in one));
    wrong.push({ polcy: "lru" }, { cpu: "z80" }, { memory: "4GB!" }, { levels: 3 }, { swap: [{ sice: 1 }] });
    wrong.push(
      { refs: "some" },
      { overcommit: "maybe" },
      { memoryMap: [{ size: 4096 }] },
      { seed: -1 },
      { cost: { l1Hit: 0.5 } },
    );
    for (const options of wrong)
      expect([options, validate(options), accepts(options)]).toEqual([options, false, false]);
  });

  // Every number at and beyond both of its bounds, wherever it stands.
  const places: Record<string, (value: number) => object> = {
    "tlb.entries": (value) => ({ tlb: { l1d: { entries: value } } }),
    memory: (value) => ({ memory: value }),
    ...Object.fromEntries(
      ["swap.readLatency", "swap.writeLatency"].map((name) => [
        name,
        (value: number) => ({ swap: [{ size: "1MiB", [name.slice(5)]: value }] }),
      ]),
    ),
  };
  const numbers = Object.entries(optionTables.numbers).filter(
    ([name]) => !["swap.size", "residentLimit", "memory"].includes(name),
  );

  it.each(numbers)("has the addon's range of %s", (name, { min, max }) => {
    const [top, field] = name.split(".") as [string, string?];
    const options = places[name] ?? ((value: number) => ({ [top]: field ? { [field]: value } : value }));
    for (const [value, fits] of [
      [max, true],
      [max + 1, false],
      [-1, false],
      [min, true],
    ] as const) {
      if (name === "tlb.entries" && value === max) continue; // a TLB of that size takes its time to boot
      expect([name, value, accepts(options(value))]).toEqual([name, value, fits]);
      expect([name, value, validate(options(value))]).toEqual([name, value, fits]);
    }
  });
});

describe("the table of options", () => {
  it("has the defaults that options resolve with", () => {
    for (const name of Object.keys(defaults) as (keyof typeof defaults)[]) {
      if (name === "faultCost") continue; // part by part, from the addon's table
      expect([name, optionTable[name].standard]).toEqual([name, defaults[name]]);
    }
    const { system } = resolveOptions();
    expect(system.faultCost).toEqual(optionTable.faultCost.standard);
  });

  it("has the numbers of the addon as defaults", () => {
    const { native, system } = resolveOptions();
    const { numbers: table } = optionTables;
    expect(Number(native.memoryBytes)).toBe(table.memory.default);
    expect(native.levels).toBe(table.levels.default);
    expect(system.maxMapCount).toBe(table.maxMapCount.default);
    expect(system.fileReadLatency).toBe(table.fileReadLatency.default);
    expect(system.overcommit.ratio).toBe(table["overcommit.ratio"].default);
  });

  it("is what the reference shows", () => {
    const page = readFileSync(join(checkout, "docs", "reference", "configuration.md"), "utf8");
    expect(page).toContain(referenceText());
  });
});

describe("the command line", () => {
  it("checks every file and ends with 2 if one of them is wrong", async () => {
    const [good, bad] = [fileOf("policy: clock\n"), fileOf("policy: clok\n")];
    const ran = await pagewalk(["config", "check", bad, good]);
    expect(ran.code).toBe(2);
    expect(ran.stdout).toBe(`${good}: a machine boots with it\n`);
    expect(ran.stderr).toContain(`${bad}:1:9: policy: expected one of `);
    expect(await pagewalk(["config", "check", good])).toMatchObject({ code: 0, stderr: "" });
  });

  it("writes a file once, and over it with --force", async () => {
    const path = join(folder, "written.yaml");
    expect((await pagewalk(["config", "init", path])).code).toBe(0);
    expect(readFileSync(path, "utf8")).toBe(configTemplate());
    const again = await pagewalk(["config", "init", path]);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining("--force") as string });
    expect((await pagewalk(["config", "init", path, "--force"])).code).toBe(0);
    expect((await pagewalk(["config", "check", path])).code).toBe(0);
  });

  it("lets flags stand before the file, and names what is wrong where it stands", async () => {
    const path = fileOf("policy: fifo\nmemory: 8MiB\n");
    const trace = join(checkout, "test", "golden", "traces", "ls-tiny.lackey.zst");
    const ran = await pagewalk(["run", trace, "--config", path, "--policy", "mru", "--json"]);
    expect(JSON.parse(ran.stdout).config).toMatchObject({ policy: "mru", memory: 8 << 20 });
    const wrong = await pagewalk(["run", trace, "--config", fileOf("levels: 7\n"), "--memory", "lots"]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/:1:9: levels: expected a whole number from 4 to 5|:1:9: levels: expected 4 or 5/);
    expect(wrong.stderr).toContain("--memory: ");
  });

  it("says what a file that is not there is", async () => {
    const { code, stderr } = await pagewalk(["config", "check", join(folder, "none.yaml")]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("there is no such file") as string]);
  });
});

describe("the addon", () => {
  const { native, system } = resolveOptions();
  const machine = (change: object) => () => new (addon().NativeMachine)({ ...native, ...change }, new ArrayBuffer(64));
  const processes = (change: object) => () =>
    new (addon().NativeSystem)(native, { ...system, ...change }, new ArrayBuffer(4096));
  const outOfRange = (text: string): Error =>
    expect.objectContaining({ message: expect.stringContaining(text) as string }) as Error;

  // Past the resolver: what it refuses, the addon refuses on its own, by the same table.
  it.each<[string, () => unknown]>([
    ["levels: expected 4 to 5", machine({ levels: 6 })],
    ["validateEvery: expected 0 to 4294967295 faults", machine({ validateEvery: 2 ** 32 })],
    ["residentLimit: expected 0 to 2147483648 pages", machine({ residentLimit: 2 ** 31 + 1 })],
    ["psc.pde: expected 0 to 32768 entries", machine({ structureCaches: { pml4e: 0, pdpte: 0, pde: 32769 } })],
    ["memory: expected at most 8 TiB", machine({ memoryBytes: (8n << 40n) + 4096n })],
    ["overcommit.ratio: expected 0 to 1000 percent", processes({ overcommit: { ...system.overcommit, ratio: 1001 } })],
    ["maxMapCount: expected", processes({ maxMapCount: 2 ** 32 })],
    ["violationsKept: expected", processes({ violationsKept: 2 ** 32 })],
    ["faultCost.copy: expected 0 to 1000000000000 ns", processes({ faultCost: { ...system.faultCost, copy: 2e12 } })],
    ["swap.size: expected 1 to 2147483647 pages", processes({ swap: [{ slots: 0, readLatency: 0, writeLatency: 0 }] })],
    ["swap.readLatency: expected", processes({ swap: [{ slots: 1, readLatency: 2e12, writeLatency: 0 }] })],
  ])("refuses by itself: %s", (text, make) => {
    expect(make).toThrow(outOfRange(text));
  });
});
