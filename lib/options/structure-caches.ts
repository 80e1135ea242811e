// SPDX-License-Identifier: MIT
// Applies --psc to a preset's paging-structure caches.
import type { NativeStructureCaches } from "../native-config.js";
import { optionTables } from "../generated/options.js";
import { numberIn } from "./choice.js";
import { type Problems, show } from "./problems.js";
import { didYouMean } from "./suggest.js";
import { pairs } from "./tlb.js";

const names = ["pml4e", "pdpte", "pde"] as const;
const { numbers } = optionTables;

/** The preset's caches with the changes of `option`; violations go to `problems`. */
export function resolveStructureCaches(
  problems: Problems,
  option: string | Partial<NativeStructureCaches> | undefined,
  preset: NativeStructureCaches,
): NativeStructureCaches {
  if (option === "none") return { pml4e: 0, pdpte: 0, pde: 0 };
  const given: [string, string | number][] =
    typeof option === "string"
      ? pairs(problems, "psc", option, "pml4e=2,pdpte=4,pde=32")
      : Object.entries(option ?? {});
  const resolved = { ...preset };
  for (const [key, value] of given) {
    const name = names.find((one) => one === key);
    if (name) resolved[name] = numberIn(problems, `psc ${key}`, entriesOf(value), numbers[`psc.${name}`]);
    else problems.add("psc", "UNKNOWN_NAME", `expected pml4e, pdpte or pde, got ${show(key)}${didYouMean(key, names)}`);
  }
  return resolved;
}

const entriesOf = (value: string | number): number =>
  typeof value === "number" ? value : /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
