// SPDX-License-Identifier: MIT
// The report's sections, from the result document. Ratios are made here and nowhere else.
import type { HitsAndMisses, RunResult } from "../result.js";
import { programSections } from "./programs.js";
import { type Cell, count, decimal, quotient, type Section, share, words } from "./table.js";

const levels = ["l1i", "l1d", "l2"];

/** What the run simulated, after selection. */
const accessesOf = (document: RunResult): number => document.accesses.total;

// One row a section, one column a figure.
const figures = (title: string, name: string, columns: Record<string, Cell>): Section => ({
  title,
  columns: Object.keys(columns),
  rows: [{ name, cells: Object.values(columns) }],
});

function traceSection({ trace }: RunResult): Section {
  const name = trace.compression === "none" ? trace.format : `${trace.format}, ${trace.compression}`;
  return figures("Trace", name, {
    references: count(trace.records),
    instructions: count(trace.instructions),
    fetches: count(trace.fetches),
    loads: count(trace.loads),
    stores: count(trace.stores),
    modifies: count(trace.modifies),
    crossing: count(trace.crossing),
  });
}

function tlbRow(name: string, { hits, misses }: HitsAndMisses, document: RunResult): Section["rows"][number] {
  const perThousand = (whole: number): Cell => quotient(misses * 1000, whole);
  const cells = [count(hits + misses), count(hits), count(misses), share(misses, hits + misses)];
  return { name, cells: [...cells, perThousand(accessesOf(document)), perThousand(document.trace.instructions)] };
}

function tlbSection(document: RunResult): Section {
  const names = Object.keys(document.tlb);
  const known = levels.filter((name) => names.includes(name));
  const split = names.filter((name) => !levels.includes(name));
  // A split TLB stands, indented, under the level that sums it.
  const order = known.flatMap((name) => [name, ...split.filter((one) => one.startsWith(name))]);
  const rest = split.filter((name) => !order.includes(name));
  const rows = [...order, ...rest].map((name) =>
    tlbRow(levels.includes(name) ? name : `  ${name}`, document.tlb[name]!, document),
  );
  return { title: "TLBs", columns: ["lookups", "hits", "misses", "miss ratio", "MPKA", "MPKI"], rows };
}

const walkSection = ({ walks, cycles }: RunResult): Section =>
  figures("Walks", "page tables", {
    walks: count(walks.total),
    "for fetches": count(walks.fetch),
    references: count(walks.references),
    "per walk": quotient(walks.references, walks.total),
    "mean cycles": decimal(cycles.meanWalk, 1),
    faulted: count(walks.faulted),
    "dirty updates": count(walks.dirtyUpdates),
  });

const faultSection = (document: RunResult): Section =>
  figures("Faults", "page faults", {
    total: count(document.faults.total),
    minor: count(document.faults.minor),
    major: count(document.faults.major),
    protection: count(document.faults.protection),
    MPKA: quotient(document.faults.total * 1000, accessesOf(document), 3),
  });

const replacementSection = ({ replacement, config }: RunResult): Section =>
  figures("Replacement", replacement.policy, {
    observes: words(config.observe),
    limit: replacement.limit ? count(replacement.limit) : { text: "memory", raw: "0" },
    evictions: count(replacement.evictions),
    writebacks: count(replacement.writebacks),
  });

const memorySection = ({ memory, config }: RunResult): Section =>
  figures("Memory", `${config.pageSize} pages`, {
    resident: count(memory.residentPages),
    peak: count(memory.peakResidentPages),
    "table frames": count(memory.tableFrames),
    frames: count(memory.frames),
  });

function cycleSection(document: RunResult): Section {
  const { translation, faults, invalidations } = document.cycles;
  const total = translation + faults + invalidations;
  return figures("Cycles", "cost table", {
    translation: count(translation),
    "per access": quotient(translation, accessesOf(document), 3),
    faults: count(faults),
    "share of faults": share(faults, total),
    invalidations: count(invalidations),
  });
}

const timeSection = ({ time }: RunResult): Section =>
  figures("Time", "seconds", {
    wall: decimal(time.wallSeconds),
    simulating: decimal(time.simulateSeconds),
    decoding: decimal(time.decodeSeconds),
    "Mref/s": decimal(time.accessesPerSecond / 1e6, 1),
  });

/** Every section in reading order. */
export function sectionsOf(document: RunResult): Section[] {
  return [
    traceSection(document),
    tlbSection(document),
    walkSection(document),
    faultSection(document),
    replacementSection(document),
    memorySection(document),
    cycleSection(document),
    ...programSections(document),
    timeSection(document),
  ];
}
