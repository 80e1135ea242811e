// SPDX-License-Identifier: MIT
// The machine's options from the flags of a command; their names are the same.
import { Machine } from "../machine.js";
import type { MachineOptions } from "../options/types.js";

/** What commander hands over: strings where the library takes narrower types, which it checks itself. */
export type MachineFlags = Omit<MachineOptions, "levels" | "tlb" | "psc"> & {
  levels?: string;
  tlb?: string;
  psc?: string;
};

const names = [
  ["cpu", "tlb", "psc", "tlbPolicy", "memory", "residentLimit", "policy", "refs", "modify", "crossing"],
  ["pageSize", "observe", "pscOnEvict", "seed", "validateEvery"],
].flat() as (keyof MachineFlags)[];

/** A machine of the flags, and of the file that --config names. */
export function machineOf(flags: MachineFlags & { config?: string }): Machine {
  const options = machineOptions(flags);
  return flags.config === undefined ? new Machine(options) : Machine.fromConfig(flags.config, options);
}

export function machineOptions(flags: MachineFlags): MachineOptions {
  const given = names.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]);
  const levels = flags.levels === undefined ? {} : { levels: Number(flags.levels) as 4 | 5 };
  return { ...(Object.fromEntries(given) as MachineOptions), ...levels };
}
