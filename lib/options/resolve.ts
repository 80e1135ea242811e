// SPDX-License-Identifier: MIT
// From options as written to the configuration that the addon takes, in four visible steps: defaults,
// arguments, interpretation, cross-checks. Each step reports everything that is wrong with it at once.
import * as native from "../native.js";
import type { NativeConfig, NativeCost, NativePreset } from "../native-config.js";
import { optionTables } from "../generated/options.js";
import { numberIn, oneOf } from "./choice.js";
import { resolveMemory, resolveResidentLimit } from "./memory.js";
import { resolveMemoryMap, usableBytes } from "./memory-map.js";
import { pageSizeOf, pageSizes } from "./page-size.js";
import { Problems, show } from "./problems.js";
import { processDefaults, resolveProcesses } from "./processes.js";
import { checkShape } from "./schema.js";
import { pageBytes } from "./sizes.js";
import { costNames } from "./table.js";
import { resolveStructureCaches } from "./structure-caches.js";
import { didYouMean } from "./suggest.js";
import { resolveTlbs } from "./tlb.js";
import type { MachineOptions, ResolvedOptions } from "./types.js";

/** The names that options may use, as the addon lists them. */
export interface NativeTables {
  presets(): readonly NativePreset[];
  policies(): readonly { name: string }[];
}

const { numbers, choices } = optionTables;

export const defaults = {
  cpu: "intel-skylake-sp",
  tlbPolicy: "lru",
  memory: "4GiB",
  policy: "lru",
  refs: "all",
  modify: "once",
  crossing: "both",
  pageSize: "4KiB",
  observe: "exact",
  pscOnEvict: "all",
  levels: numbers.levels.default,
  seed: 0,
  validateEvery: numbers.validateEvery.default,
  ...processDefaults,
} as const satisfies MachineOptions;

type Filled = MachineOptions & { [Name in keyof typeof defaults]: NonNullable<MachineOptions[Name]> };

const mostSeed = (1n << 64n) - 1n;

const known: NativeTables = { presets: native.knownPresets, policies: native.knownPolicies };

/** Options with every default filled in and checked, ready for the addon. Throws one error naming every violation. */
export function resolveOptions(options: MachineOptions = {}, tables: NativeTables = known): ResolvedOptions {
  const problems = new Problems();
  const filled = fillDefaults(problems, options);
  problems.throwIfAny();
  const unusable = checkShape(problems, { ...filled });
  const resolved = interpret(problems, withDefaults(filled, unusable), tables);
  problems.throwIfAny();
  crossCheck(problems, resolved.native, options);
  problems.throwIfAny();
  return resolved;
}

// What has the wrong type is left out, so that the others are looked at all the same.
function withDefaults(filled: Filled, unusable: ReadonlySet<string>): Filled {
  const usable = Object.entries(filled).filter(([name]) => !unusable.has(name));
  return { ...defaults, ...(Object.fromEntries(usable) as MachineOptions) };
}

function fillDefaults(problems: Problems, options: MachineOptions): Filled {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    problems.add("options", "INVALID_ARGUMENT", `expected an object, got ${show(options)}`);
    return { ...defaults };
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...(Object.fromEntries(given) as MachineOptions) };
}

function interpret(problems: Problems, options: Filled, tables: NativeTables): ResolvedOptions {
  const preset = presetOf(problems, options.cpu, tables.presets());
  const pageSize = pageSizeNamed(problems, options.pageSize);
  const limit = resolveResidentLimit(problems, options.residentLimit, pageSize);
  checkPolicy(problems, options.policy, tables.policies());
  const memoryMap = resolveMemoryMap(problems, options.memoryMap);
  const config: NativeConfig = {
    cpu: preset.name,
    tlb: {
      wayChoice: oneOf(problems, "tlbPolicy", options.tlbPolicy, choices.tlbPolicy),
      tlbs: resolveTlbs(problems, options.tlb, preset.tlb.tlbs, pageSize),
    },
    structureCaches: resolveStructureCaches(problems, options.psc, preset.structureCaches),
    cost: resolveCost(problems, options.cost, preset.cost),
    memoryBytes: memoryMap.length > 0 ? usableBytes(memoryMap) : resolveMemory(problems, options.memory),
    memoryMap,
    residentLimit: limit.pages,
    policy: options.policy,
    observe: oneOf(problems, "observe", options.observe, choices.observe),
    modify: oneOf(problems, "modify", options.modify, choices.modify),
    pageSize,
    structureCachesOnEvict: oneOf(problems, "pscOnEvict", options.pscOnEvict, choices.pscOnEvict),
    levels: levelsOf(problems, options.levels),
    seed: seedOf(problems, options.seed),
    validateEvery: numberIn(problems, "validateEvery", options.validateEvery, numbers.validateEvery),
  };
  const refs = oneOf(problems, "refs", options.refs, ["all", "data", "fetch"]);
  const crossing = oneOf(problems, "crossing", options.crossing, ["both", "first"]);
  const system = resolveProcesses(problems, options);
  const resolved: ResolvedOptions = { native: config, system, refs, crossing };
  return limit.percent === undefined ? resolved : { ...resolved, residentPercent: limit.percent };
}

function presetOf(problems: Problems, name: string, presets: readonly NativePreset[]): NativePreset {
  const names = presets.map((preset) => preset.name);
  const found = oneOf(problems, "cpu", name, names);
  return presets.find((preset) => preset.name === found)!;
}

function pageSizeNamed(problems: Problems, text: string): NativeConfig["pageSize"] {
  return pageSizeOf(text) ?? oneOf(problems, "pageSize", text, pageSizes);
}

type Aliased = { name: string; aliases?: readonly string[] };

// Parameters after the colon are the policy's own: the addon checks them against its declaration.
function checkPolicy(problems: Problems, policy: string, policies: readonly Aliased[]): void {
  const name = policy.split(":", 1)[0]!;
  const names = policies.map((one) => one.name);
  if (names.includes(name) || policies.some(({ aliases }) => aliases?.includes(name))) return;
  const text = `expected one of ${names.join(", ")}; got ${show(name)}${didYouMean(name, names)}`;
  problems.add("policy", "UNKNOWN_NAME", text);
}

function resolveCost(problems: Problems, given: Partial<NativeCost> | undefined, preset: NativeCost): NativeCost {
  const cost = { ...preset };
  for (const name of costNames) {
    const cycles = given?.[name];
    if (cycles !== undefined) cost[name] = numberIn(problems, `cost.${name}`, cycles, numbers[`cost.${name}`]);
  }
  return cost;
}

function levelsOf(problems: Problems, levels: number): 4 | 5 {
  if (levels === 4 || levels === 5) return levels;
  problems.add("levels", "OUT_OF_RANGE", `expected 4 or 5 levels of page tables, got ${show(levels)}`);
  return 4;
}

function seedOf(problems: Problems, seed: number | bigint): bigint {
  const whole = typeof seed === "bigint" ? seed : Number.isSafeInteger(seed) ? BigInt(seed) : -1n;
  if (whole >= 0n && whole <= mostSeed) return whole;
  const text = `expected a whole number from 0 to ${mostSeed} (a bigint above 2^53), got ${show(seed)}`;
  problems.add("seed", "OUT_OF_RANGE", text);
  return 0n;
}

// Both may be given if they say the same, as a machine's own configuration does.
function checkMemoryTwice(problems: Problems, config: NativeConfig, { memory, memoryMap }: MachineOptions): void {
  if (memory === undefined || memoryMap === undefined || resolveMemory(problems, memory) === config.memoryBytes) return;
  const text = `expected it or memoryMap, whose usable ranges have ${config.memoryBytes} bytes; got both`;
  problems.add("memory", "INVALID_CONFIG", text);
}

function crossCheck(problems: Problems, config: NativeConfig, given: MachineOptions): void {
  checkMemoryTwice(problems, config, given);
  // One page of data and, for it, one table on each level.
  const page = pageBytes[config.pageSize];
  const tables = config.levels - pageSizes.indexOf(config.pageSize);
  const least = page + BigInt(tables) * 4096n;
  if (config.memoryBytes < least) {
    const text = `${config.memoryBytes} bytes hold no page of ${config.pageSize} and its ${tables} page tables`;
    problems.add("memory", "INVALID_CONFIG", `${text}; expected at least ${least} bytes`);
  }
  if (BigInt(config.residentLimit) * page > config.memoryBytes) {
    const held = config.memoryBytes / page;
    const text = `${config.residentLimit} pages of ${config.pageSize} are more than memory holds (${held})`;
    problems.add("residentLimit", "INVALID_CONFIG", `${text}; lower it or raise memory`);
  }
}
