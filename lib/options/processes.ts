// SPDX-License-Identifier: MIT
// The options that matter to processes alone: contents, swap, overcommit, what a violation does, simulated time.
import type { NativeSystemConfig } from "../native-system.js";
import { optionTables } from "../generated/options.js";
import { numberIn, oneOf } from "./choice.js";
import { type Problems, show } from "./problems.js";
import { parseSize } from "./sizes.js";
import { faultCostNames } from "./table.js";

const { numbers, choices } = optionTables;

/** A device or file to swap to. */
export interface SwapOptions {
  /** Bytes, or a size such as `"1GiB"`: a multiple of 4 KiB. */
  size: number | string;
  /** Nanoseconds to read a page. Default 85,000. */
  readLatency?: number;
  /** Nanoseconds to write a page, for which nobody waits. Default 20,000. */
  writeLatency?: number;
}

/** How much memory may be promised: Linux's vm.overcommit_memory and its neighbors. */
export interface OvercommitOptions {
  /** Default `"heuristic"`. */
  mode?: "heuristic" | "always" | "never";
  /** Percent of memory that `"never"` promises, swap apart. Default 50. */
  ratio?: number;
  /** Pages kept for the superuser under `"never"`. Default 2048. */
  adminReserve?: number;
  /** Pages kept for others to recover under `"never"`, at most 1/32 of the process. Default 32768. */
  userReserve?: number;
}

/** Nanoseconds of simulated time that faults take besides their devices. */
export interface FaultCostOptions {
  /** A minor fault: entry, handler, return. Default 500. */
  minor?: number;
  /** A major fault, beyond the wait for its device. Default 1000. */
  major?: number;
  /** Filling a page with zeros. Default 100. */
  zero?: number;
  /** Copying a page on a write. Default 200. */
  copy?: number;
}

/** The options of a machine that only processes use. */
export interface ProcessMachineOptions {
  /** Frames hold bytes, so that `process.read` and `process.write` work. Default false. */
  contents?: boolean;
  /** Swap areas, filled in this order. Default none. */
  swap?: readonly SwapOptions[];
  /** How much memory may be promised. Default `"heuristic"`. */
  overcommit?: "heuristic" | "always" | "never" | OvercommitOptions;
  /** Reads of untouched anonymous memory share a page of zeros. Default true. */
  zeroPage?: boolean;
  /** VMAs that a process may have: vm.max_map_count. Default 65530. */
  maxMapCount?: number;
  /** What SIGSEGV and SIGBUS do to a process without a handler. Default `"end-process"`. */
  onViolation?: "end-process" | "record";
  /** Violations that the log keeps, the latest ones. Default 65536. */
  violationsKept?: number;
  /** Simulated time of faults. */
  faultCost?: FaultCostOptions;
  /** Nanoseconds to read a page of a file. Default 85,000. */
  fileReadLatency?: number;
  /** Processes have protection keys (CR4.PKE). Default false. */
  protectionKeys?: boolean;
}

export const processDefaults = {
  contents: false,
  swap: [],
  overcommit: "heuristic",
  zeroPage: true,
  maxMapCount: numbers.maxMapCount.default,
  onViolation: "end-process",
  violationsKept: numbers.violationsKept.default,
  faultCost: {},
  fileReadLatency: numbers.fileReadLatency.default,
  protectionKeys: false,
} as const satisfies ProcessMachineOptions;

type Filled = Required<ProcessMachineOptions>;

/** What processes add to the configuration; violations go to `problems`. */
export function resolveProcesses(problems: Problems, options: Filled): NativeSystemConfig {
  return {
    contents: options.contents,
    zeroPage: options.zeroPage,
    swap: resolveSwap(problems, options.swap),
    overcommit: resolveOvercommit(problems, options.overcommit),
    maxMapCount: numberIn(problems, "maxMapCount", options.maxMapCount, numbers.maxMapCount),
    onViolation: oneOf(problems, "onViolation", options.onViolation, choices.onViolation),
    violationsKept: numberIn(problems, "violationsKept", options.violationsKept, numbers.violationsKept),
    faultCost: resolveFaultCost(problems, options.faultCost),
    fileReadLatency: numberIn(problems, "fileReadLatency", options.fileReadLatency, numbers.fileReadLatency),
    protectionKeys: options.protectionKeys,
  };
}

function resolveFaultCost(problems: Problems, given: FaultCostOptions): NativeSystemConfig["faultCost"] {
  const costs = faultCostNames.map((name) => {
    const range = numbers[`faultCost.${name}`];
    return [name, numberIn(problems, `faultCost.${name}`, given[name] ?? range.default, range)];
  });
  return Object.fromEntries(costs) as NativeSystemConfig["faultCost"];
}

function resolveSwap(problems: Problems, areas: readonly SwapOptions[]): NativeSystemConfig["swap"] {
  const { "swap.size": pages, "swap.readLatency": read, "swap.writeLatency": write } = numbers;
  const resolved = areas.map(({ size, readLatency = read.default, writeLatency = write.default }, index) => {
    const name = `swap[${index}]`;
    return {
      slots: Number(swapBytes(problems, `${name}.size`, size) / 4096n),
      readLatency: numberIn(problems, `${name}.readLatency`, readLatency, read),
      writeLatency: numberIn(problems, `${name}.writeLatency`, writeLatency, write),
    };
  });
  const slots = resolved.reduce((sum, area) => sum + area.slots, 0);
  if (slots > pages.max)
    problems.add("swap", "OUT_OF_RANGE", `expected at most ${pages.max} pages in all, got ${slots}`);
  return resolved;
}

function swapBytes(problems: Problems, name: string, size: number | string): bigint {
  const bytes = typeof size === "string" ? parseSize(size) : Number.isSafeInteger(size) ? BigInt(size) : undefined;
  if (typeof bytes === "bigint" && bytes > 0n && bytes % 4096n === 0n) return bytes;
  problems.add(name, "OUT_OF_RANGE", `expected a size that is a multiple of 4 KiB, got ${show(size)}`);
  return 4096n;
}

function resolveOvercommit(
  problems: Problems,
  given: NonNullable<ProcessMachineOptions["overcommit"]>,
): NativeSystemConfig["overcommit"] {
  const options: OvercommitOptions = typeof given === "string" ? { mode: given } : given;
  const number = (name: "ratio" | "adminReserve" | "userReserve"): number => {
    const range = numbers[`overcommit.${name}`];
    return numberIn(problems, `overcommit.${name}`, options[name] ?? range.default, range);
  };
  const name = typeof given === "string" ? "overcommit" : "overcommit.mode";
  return {
    mode: oneOf(problems, name, options.mode ?? "heuristic", choices["overcommit.mode"]),
    ratio: number("ratio"),
    adminReserve: number("adminReserve"),
    userReserve: number("userReserve"),
  };
}
