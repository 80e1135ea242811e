// SPDX-License-Identifier: MIT
// The options that matter to processes alone: contents, swap, overcommit, what a violation does, simulated time.
import type { NativeSystemConfig } from "../native-system.js";
import { oneOf, wholeIn } from "./choice.js";
import { type Problems, show } from "./problems.js";
import { parseSize } from "./sizes.js";

/** A device or file to swap to. */
export interface SwapOptions {
  /** Bytes, or a size such as `"1GiB"`: a multiple of 4 KiB. */
  size: number | string;
  /** Nanoseconds to read a page. Default 100,000. */
  readLatency?: number;
  /** Nanoseconds to write a page, for which nobody waits. Default 100,000. */
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
  /** Default 500. */
  minor?: number;
  /** Default 1000. */
  major?: number;
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
  /** Nanoseconds to read a page of a file. Default 100,000. */
  fileReadLatency?: number;
  /** Processes have protection keys (CR4.PKE). Default false. */
  protectionKeys?: boolean;
}

export const processDefaults = {
  contents: false,
  swap: [],
  overcommit: "heuristic",
  zeroPage: true,
  maxMapCount: 65530,
  onViolation: "end-process",
  violationsKept: 65536,
  faultCost: {},
  fileReadLatency: 100_000,
  protectionKeys: false,
} as const satisfies ProcessMachineOptions;

export const overcommitNames = ["mode", "ratio", "adminReserve", "userReserve"] as const;
export const swapNames = ["size", "readLatency", "writeLatency"] as const;
export const faultCostNames = ["minor", "major"] as const;

const modes = ["heuristic", "always", "never"] as const;
// A page takes so long at most that sums of simulated time stay exact.
const mostNanoseconds = 1e12;
const mostSlots = 2n ** 31n;
const mostNumber = 2 ** 32 - 1;

type Filled = Required<ProcessMachineOptions>;

/** What processes add to the configuration; violations go to `problems`. */
export function resolveProcesses(problems: Problems, options: Filled): NativeSystemConfig {
  const nanoseconds = (name: string, value: number): number => wholeIn(problems, name, value, 0, mostNanoseconds);
  const { minor = 500, major = 1000 } = options.faultCost;
  return {
    contents: options.contents,
    zeroPage: options.zeroPage,
    swap: resolveSwap(problems, options.swap),
    overcommit: resolveOvercommit(problems, options.overcommit),
    maxMapCount: wholeIn(problems, "maxMapCount", options.maxMapCount, 0, mostNumber),
    onViolation: oneOf(problems, "onViolation", options.onViolation, ["end-process", "record"]),
    violationsKept: wholeIn(problems, "violationsKept", options.violationsKept, 0, mostNumber),
    faultCost: { minor: nanoseconds("faultCost.minor", minor), major: nanoseconds("faultCost.major", major) },
    fileReadLatency: nanoseconds("fileReadLatency", options.fileReadLatency),
    protectionKeys: options.protectionKeys,
  };
}

function resolveSwap(problems: Problems, areas: readonly SwapOptions[]): NativeSystemConfig["swap"] {
  let slots = 0n;
  const resolved = areas.map(({ size, readLatency = 100_000, writeLatency = 100_000 }, index) => {
    const name = `swap[${index}]`;
    const bytes = swapBytes(problems, `${name}.size`, size);
    slots += bytes / 4096n;
    return {
      slots: Number(bytes / 4096n),
      readLatency: wholeIn(problems, `${name}.readLatency`, readLatency, 0, mostNanoseconds),
      writeLatency: wholeIn(problems, `${name}.writeLatency`, writeLatency, 0, mostNanoseconds),
    };
  });
  if (slots >= mostSlots)
    problems.add("swap", "OUT_OF_RANGE", `expected fewer than ${mostSlots} pages in all, got ${slots}`);
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
  const {
    mode = "heuristic",
    ratio = 50,
    adminReserve = 2048,
    userReserve = 32768,
  } = typeof given === "string" ? { mode: given } : given;
  return {
    mode: oneOf(problems, typeof given === "string" ? "overcommit" : "overcommit.mode", mode, modes),
    ratio: wholeIn(problems, "overcommit.ratio", ratio, 0, 1000),
    adminReserve: wholeIn(problems, "overcommit.adminReserve", adminReserve, 0, mostNumber),
    userReserve: wholeIn(problems, "overcommit.userReserve", userReserve, 0, mostNumber),
  };
}
