// SPDX-License-Identifier: MIT
// A configuration with every option resolved, and where each value came from. What is shown is a configuration again.
import { placeText } from "../options/problems.js";
import { resolveOptions } from "../options/resolve.js";
import { formatSize } from "../options/sizes.js";
import { groups, optionNames, optionTable } from "../options/table.js";
import type { MachineOptions, ResolvedOptions } from "../options/types.js";
import type { LoadedConfig } from "./load.js";
import { flowText } from "./template.js";

/** One option: its value, or undefined where there is none, and where it came from. */
export interface ShownOption {
  name: keyof MachineOptions;
  value: unknown;
  origin: string;
}

function residentLimitOf({ native, residentPercent }: ResolvedOptions): number | string | undefined {
  if (residentPercent !== undefined) return `${residentPercent}%`;
  return native.residentLimit || undefined;
}

// What resolving makes of options that are more than one value.
function resolvedValues(options: MachineOptions, resolved: ResolvedOptions): MachineOptions {
  const { native, system } = resolved;
  const hasMap = native.memoryMap.length > 0;
  const { seed } = native;
  return {
    psc: { ...native.structureCaches },
    cost: { ...native.cost },
    pageSize: native.pageSize,
    seed: seed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seed) : seed,
    swap: system.swap.map(({ slots, ...latencies }) => ({ size: formatSize(BigInt(slots) * 4096n), ...latencies })),
    overcommit: { ...system.overcommit },
    faultCost: { ...system.faultCost },
    ...defined("tlb", options.tlb),
    ...defined("memory", hasMap ? undefined : formatSize(native.memoryBytes)),
    ...defined(
      "memoryMap",
      hasMap
        ? native.memoryMap.map(([start, bytes, type]) => ({
            start: `0x${start.toString(16)}`,
            size: formatSize(bytes),
            type,
          }))
        : undefined,
    ),
    ...defined("residentLimit", residentLimitOf(resolved)),
  };
}

const defined = (name: keyof MachineOptions, value: unknown): object => (value === undefined ? {} : { [name]: value });

const ofPreset: readonly string[] = ["tlb", "psc", "cost"];

/** Every option in the order of the reference. Throws as the machine would. */
export function shownOptions(config: LoadedConfig): ShownOption[] {
  const resolved = resolveOptions(config.options);
  const values: MachineOptions = { ...config.options, ...resolvedValues(config.options, resolved) };
  if (resolved.native.memoryMap.length > 0) delete values.memory;
  return optionNames
    .map((name) => {
      const place = config.origin(name);
      const from = ofPreset.includes(name) ? `preset:${resolved.native.cpu}` : "default";
      const origin = place === undefined ? from : typeof place === "string" ? place : placeText(place);
      return { name, value: values[name] ?? optionTable[name].standard, origin };
    })
    .map((shown) => (shown.name === "memory" && values.memory === undefined ? { ...shown, value: undefined } : shown));
}

/** One object, as a configuration file would have it in JSON. */
export function shownObject(shown: readonly ShownOption[]): Record<string, unknown> {
  const given = shown.filter(({ value }) => value !== undefined);
  return Object.fromEntries(
    given.map(({ name, value }) => [name, typeof value === "bigint" ? value.toString() : value]),
  );
}

/** YAML with the origin of each value behind it. */
export function shownText(shown: readonly ShownOption[]): string {
  const lines = groups.flatMap((group) => {
    const own = shown.filter(({ name, value }) => optionTable[name].group === group && value !== undefined);
    if (own.length === 0) return [];
    const settings = own.map(({ name, value }) => `${name}: ${flowText(value)}`);
    const width = Math.min(48, Math.max(...settings.map((setting) => setting.length)));
    return [`# ${group}`, ...settings.map((setting, i) => `${setting.padEnd(width)}  # ${own[i]!.origin}`), ""];
  });
  return `${lines.join("\n").trimEnd()}\n`;
}
