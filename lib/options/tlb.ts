// SPDX-License-Identifier: MIT
// Applies --tlb to a preset's hierarchy. A name without a page size sets the array that serves the mapped
// size; a split TLB that is named as a whole (l1d, l2) becomes one.
import type { AccessKind, NativeTlb, PageSize } from "../native-config.js";
import { type Geometry, parseGeometry } from "./geometry.js";
import { type Problems, show } from "./problems.js";
import { pageSizeOf, pageSizes } from "./page-size.js";
import { didYouMean } from "./suggest.js";
import type { TlbGeometry, TlbOption } from "./types.js";

const wholes: Record<string, { level: number; kinds: AccessKind[] }> = {
  l1i: { level: 1, kinds: ["fetch"] },
  l1d: { level: 1, kinds: ["load", "store", "modify"] },
  l2: { level: 2, kinds: ["fetch", "load", "store", "modify"] },
};

interface Change {
  key: string;
  name: string;
  size: PageSize | undefined;
  geometry: Geometry;
}

/** "a=1,b=2" as pairs; undefined after noting what does not parse. */
export function pairs(problems: Problems, option: string, text: string, example: string): [string, string][] {
  const found: [string, string][] = [];
  for (const item of text.split(",")) {
    const match = /^\s*([^=\s]+)\s*=\s*(\S+)\s*$/.exec(item);
    if (match) found.push([match[1]!, match[2]!]);
    else problems.add(option, "INVALID_ARGUMENT", `expected NAME=VALUE pairs such as "${example}", got ${show(text)}`);
  }
  return found;
}

function nameOf(problems: Problems, key: string, known: readonly string[]): Pick<Change, "name" | "size"> | undefined {
  const dot = key.indexOf(".");
  const name = dot < 0 ? key : key.slice(0, dot);
  if (!known.includes(name)) {
    const text = `no TLB is called ${show(name)}; expected one of ${known.join(", ")}${didYouMean(name, known)}`;
    return problems.add("tlb", "UNKNOWN_NAME", text);
  }
  if (dot < 0) return { name, size: undefined };
  const size = pageSizeOf(key.slice(dot + 1));
  if (size) return { name, size };
  const expected = pageSizes.map((one) => `${name}.${one}`).join(", ");
  return problems.add("tlb", "UNKNOWN_NAME", `expected a page size after the dot (${expected}), got ${show(key)}`);
}

function changesOf(problems: Problems, option: TlbOption, known: readonly string[]): Change[] {
  const given: [string, TlbGeometry][] =
    typeof option === "string" ? pairs(problems, "tlb", option, "l1d=64x4,l2=1536x12") : Object.entries(option);
  const changes: Change[] = [];
  for (const [key, value] of given) {
    const target = nameOf(problems, key, known);
    const geometry = parseGeometry(problems, `tlb ${key}`, value);
    if (changes.some((change) => change.key === key)) problems.add("tlb", "INVALID_ARGUMENT", `${key} is given twice`);
    if (target && geometry) changes.push({ key, ...target, geometry });
  }
  return changes;
}

const overlaps = (tlb: NativeTlb, name: string): boolean => {
  const whole = wholes[name];
  return whole !== undefined && tlb.level === whole.level && tlb.kinds.some((kind) => whole.kinds.includes(kind));
};

// The TLB of this name; where the preset has none, the split ones that it stands for become one. The other
// page sizes keep the arrays of the first of them.
function ensure(tlbs: NativeTlb[], name: string): NativeTlb {
  const found = tlbs.find((tlb) => tlb.name === name);
  if (found) return found;
  const at = tlbs.findIndex((tlb) => overlaps(tlb, name));
  const merged: NativeTlb = { name, ...wholes[name]!, arrays: at < 0 ? [] : tlbs[at]!.arrays };
  const kept = tlbs.filter((tlb) => !overlaps(tlb, name));
  tlbs.splice(0, tlbs.length, ...kept);
  tlbs.splice(at < 0 ? tlbs.length : Math.min(at, tlbs.length), 0, merged);
  return merged;
}

function removeSize(tlb: NativeTlb, size: PageSize): void {
  for (const array of tlb.arrays) array.pageSizes = array.pageSizes.filter((one) => one !== size);
  tlb.arrays = tlb.arrays.filter((array) => array.pageSizes.length > 0);
}

function apply(tlbs: NativeTlb[], change: Change, mapped: PageSize): void {
  const tlb = ensure(tlbs, change.name);
  const { geometry, size = mapped } = change;
  const serving = tlb.arrays.find((array) => array.pageSizes.includes(size));
  if (geometry.entries === 0) {
    if (change.size === undefined) tlb.arrays = [];
    else removeSize(tlb, size);
  } else if (serving && change.size === undefined) {
    Object.assign(serving, geometry);
  } else {
    removeSize(tlb, size);
    tlb.arrays.push({ ...geometry, pageSizes: [size] });
  }
}

/** The preset's TLBs with the changes of `option`; violations go to `problems`. */
export function resolveTlbs(
  problems: Problems,
  option: TlbOption | undefined,
  preset: readonly NativeTlb[],
  mapped: PageSize,
): NativeTlb[] {
  if (option === "none") return [];
  const tlbs = structuredClone([...preset]);
  if (option === undefined) return tlbs;
  const known = [...new Set([...Object.keys(wholes), ...tlbs.map((tlb) => tlb.name)])];
  for (const change of changesOf(problems, option, known)) {
    if (change.name in wholes || tlbs.some((tlb) => tlb.name === change.name)) apply(tlbs, change, mapped);
    else problems.add("tlb", "INVALID_CONFIG", `${change.key} is part of a TLB that this option replaces as a whole`);
  }
  return tlbs.filter((tlb) => tlb.arrays.length > 0);
}
