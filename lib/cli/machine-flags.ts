// SPDX-License-Identifier: MIT
// The machine's options from the flags of a command; their names are the same.
import type { MachineOptions } from "../options/types.js";

/** What commander hands over: strings where the library takes narrower types, which it checks itself. */
export type MachineFlags = Omit<MachineOptions, "levels" | "tlb" | "psc"> & {
  levels?: string;
  tlb?: string;
  psc?: string;
};

const names = [
  ["cpu", "tlb", "psc", "tlbPolicy", "memory", "residentLimit", "policy", "refs", "modify", "crossing"],
  ["pageSize", "observe", "pscOnEvict", "seed"],
].flat() as (keyof MachineFlags)[];

export function machineOptions(flags: MachineFlags): MachineOptions {
  const given = names.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]);
  const levels = flags.levels === undefined ? {} : { levels: Number(flags.levels) as 4 | 5 };
  return { ...(Object.fromEntries(given) as MachineOptions), ...levels };
}
