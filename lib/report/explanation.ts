// SPDX-License-Identifier: MIT
// An explanation as text: the walk as one would draw it for people, tab-separated lines for programs.
import pc from "picocolors";
import {
  errorCodeBits,
  type ExplainedStep,
  type ExplainedWalk,
  type Explanation,
  pageSizeText,
} from "../explanation.js";
import type { MmuResult } from "../mmu.js";
import type { TextOptions } from "./text.js";

type Colors = ReturnType<typeof pc.createColors>;

export const hexText = (value: bigint): string => `0x${value.toString(16)}`;

const flagNames = [
  ["present", "P"],
  ["writable", "RW"],
  ["user", "US"],
  ["writeThrough", "PWT"],
  ["cacheDisable", "PCD"],
  ["accessed", "A"],
  ["dirty", "D"],
  ["pageSize", "PS"],
  ["global", "G"],
  ["pat", "PAT"],
  ["noExecute", "NX"],
] as const;

/** The flags that are set: "P RW US A D". */
function flagsText({ flags }: ExplainedStep): string {
  const set = flagNames.filter(([name]) => flags[name]).map(([, short]) => short);
  const key = flags.protectionKey ? [`key=${flags.protectionKey}`] : [];
  return [...set, ...key].join(" ") || "none";
}

/** Rights as smaps writes them, then user or supervisor: "rw-u". */
export function rightsText(rights: { writable: boolean; user: boolean; noExecute: boolean }): string {
  return `r${rights.writable ? "w" : "-"}${rights.noExecute ? "-" : "x"}${rights.user ? "u" : "s"}`;
}

const cacheText = (step: ExplainedStep): string => (step.cached ? "held" : step.spared ? "next" : "");

const columns = ["entry", "index", "at", "value", "flags", "rights", "cache"];

function cells(step: ExplainedStep): string[] {
  const rights = step.rights ? rightsText(step.rights) : "-";
  return [
    step.name,
    String(step.index),
    hexText(step.entryAddress),
    hexText(step.entry),
    flagsText(step),
    rights,
    cacheText(step),
  ];
}

/** How a result is said: "physical 0x1234 in a 4 KiB page", "#PF, error code 0x5 (P U/S), CR2 0x7000". */
export function verdictText(result: MmuResult): string {
  if (result.ok) {
    const { pa, pageSize, pa2, pageSize2 } = result;
    const first = `physical ${hexText(pa)}, page of ${pageSizeText(pageSize)}`;
    return pa2 === undefined ? first : `${first}; then ${hexText(pa2)}, page of ${pageSizeText(pageSize2!)}`;
  }
  if (result.vector === 13) return "#GP(0): general protection";
  const code = `0x${result.errorCode.toString(16)} (${errorCodeBits(result.errorCode)})`;
  return `#PF: page fault, error code ${code}, CR2 ${hexText(result.cr2!)}`;
}

function titleText({ access }: Explanation): string {
  const { operation, size, address, cpl, ac } = access;
  return `${operation} of ${size} ${size === 1 ? "byte" : "bytes"} at ${hexText(address)}, CPL ${cpl}, AC ${ac ? 1 : 0}`;
}

function registerLines({ registers, processor }: Explanation): [string, string][] {
  const { cr3, root, pcid, levels, control, pkru, pkrs } = registers;
  const set = Object.entries(control).flatMap(([name, on]) => (on ? [name.toUpperCase()] : []));
  const lines: [string, string][] = [
    ["CR3", `${hexText(cr3)}: PML${levels} at ${hexText(root)}${control.pcide ? `, PCID ${pcid}` : ""}`],
    ["set", set.join(" ") || "none"],
    ["CPU", `MAXPHYADDR ${processor.maxPhysAddr}, ${processor.pages1GiB ? "" : "no "}1 GiB pages`],
  ];
  if (control.pke) lines.push(["PKRU", hexText(pkru)]);
  if (control.pks) lines.push(["PKRS", hexText(pkrs)]);
  return lines;
}

const pads = (widths: readonly number[], row: readonly string[]): string[] =>
  row.map((cell, column) => (column === 1 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)));

// Each entry hangs below the one that led to it. Where a line would be too long, flags and rights get one of their own.
function walkLines(walk: ExplainedWalk, width: number, colors: Colors): string[] {
  const rows = [columns, ...walk.steps.map(cells)];
  const names = rows.map(([name], row) => (row < 2 ? name! : `${"  ".repeat(row - 2)}└ ${name}`));
  const drawn = rows.map((row, index) => [names[index]!, ...row.slice(1)]);
  const widths = columns.map((_, column) => Math.max(...drawn.map((row) => row[column]!.length)));
  const isWide = widths.reduce((sum, one) => sum + one + 2, 0) <= width;
  const bad = !walk.result.ok;
  return drawn.flatMap((row, index) => {
    const padded = pads(widths, row);
    const lines = isWide
      ? [padded.join("  ")]
      : [padded.slice(0, 4).join("  "), `${" ".repeat(widths[0]! + 2)}${row.slice(4).join("  ")}`];
    const paint = index === 0 ? colors.dim : bad && index === drawn.length - 1 ? colors.red : String;
    return lines.map((line) => paint(line.trimEnd()));
  });
}

function savings({ steps, tlb }: ExplainedWalk): string[] {
  const held = steps.filter((step) => step.cached).length;
  const spared = steps.filter((step) => step.spared).length;
  const of = `of ${steps.length} entries`;
  const lines = tlb === null ? [] : [`TLB ${tlb} holds a translation: no walk at all`];
  if (held > 0) lines.push(`structure caches hold ${held} ${of} now`);
  if (spared > held) lines.push(`structure caches would spare the next walk here ${spared} ${of}`);
  return lines;
}

function aligned(explanation: Explanation, width: number, colors: Colors): string {
  const { walks, verdict, reason } = explanation;
  const registers = registerLines(explanation).map(([name, text]) => `${name.padEnd(6)}${text}`);
  const drawn = walks.flatMap((walk) => {
    const head = walks.length > 1 ? [`page of ${hexText(walk.address)}`] : [];
    const lines = walk.steps.length ? walkLines(walk, width, colors) : [];
    return [...head, ...lines, ...savings(walk).map((text) => colors.dim(text)), ""];
  });
  const paint = verdict.ok ? colors.green : colors.red;
  return [
    colors.bold(titleText(explanation)),
    ...registers,
    "",
    ...drawn,
    paint(verdictText(verdict)),
    `because ${reason}`,
  ].join("\n");
}

function tabSeparated(explanation: Explanation): string {
  const { access, registers, walks, verdict, reason } = explanation;
  const rows = walks.flatMap((walk) => walk.steps.map((step) => [hexText(walk.address), ...cells(step)].join("\t")));
  const facts = [
    ["address", hexText(access.address)],
    ["access", `${access.operation} size=${access.size} cpl=${access.cpl} ac=${access.ac ? 1 : 0}`],
    ["cr3", hexText(registers.cr3)],
    ["verdict", verdictText(verdict)],
    ["reason", reason],
  ];
  return [["walk", ...columns].join("\t"), ...rows, "", ...facts.map((fact) => fact.join("\t"))].join("\n");
}

/** An explanation as text, with a newline at its end. */
export function explanationText(explanation: Explanation, options: TextOptions): string {
  const colors = pc.createColors(options.color);
  const text = options.aligned ? aligned(explanation, options.width ?? 80, colors) : tabSeparated(explanation);
  return `${text}\n`;
}
