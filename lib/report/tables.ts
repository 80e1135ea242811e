// SPDX-License-Identifier: MIT
// A dump of page tables as a document and as text: aligned for people, tab-separated for programs.
import pc from "picocolors";
import type { DumpOptions, Mmu, TableDump } from "../mmu.js";
import { hexText, rightsText } from "./explanation.js";
import type { TextOptions } from "./text.js";

export const tablesSchema = "pagewalk.tables/1";

/** The document of `pagewalk tables --json`; addresses are text there. */
export interface TableDocument extends TableDump {
  schema: typeof tablesSchema;
  cr3: bigint;
  levels: 4 | 5;
}

type Range = TableDump["ranges"][number];

export function tableDocument(mmu: Mmu, options: DumpOptions): TableDocument {
  const { ranges, totals } = mmu.tables(options);
  return { schema: tablesSchema, cr3: mmu.cr3, levels: mmu.control.la57 ? 5 : 4, ranges, totals };
}

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** Bytes in the largest unit that leaves a whole number: "2 MiB", "12 KiB". */
export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && value % 1024 === 0 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${value.toLocaleString("en-US")} ${units[unit]}`;
}

const endOf = ({ start, bytes }: Range): bigint => start + BigInt(bytes);

// The last byte, as the end of the highest range is no 64-bit number.
const spanText = (range: Range): string => `${hexText(range.start)}-${hexText(endOf(range) - 1n)}`;

// rwxu, then G and the key as ptdump would say them.
function attributes({ rights, kind, global: isGlobal, protectionKey }: Range): string {
  if (kind === "reserved") return "-";
  return `${rightsText(rights)}${isGlobal ? " G" : ""}${protectionKey ? ` key=${protectionKey}` : ""}`;
}

function note(range: Range): string {
  switch (range.kind) {
    case "pages":
      return range.contiguous ? `at ${hexText(range.physical!)}` : `scattered from ${hexText(range.physical!)}`;
    case "table":
      return `table at ${hexText(range.physical!)}`;
    case "reserved":
      return "reserved bits set: any access faults";
    case "recursive":
      return `recursive: leads back to the table at ${hexText(range.physical!)}`;
    default:
      return `shared: the table at ${hexText(range.physical!)} as under ${hexText(range.sharedWith!)}`;
  }
}

const columns = ["range", "size", "entry", "count", "A", "D", "rights", "physical"];
const rightAligned = new Set(["size", "count", "A", "D"]);

function cells(range: Range, levels: number, isTree: boolean): string[] {
  const indent = isTree ? "  ".repeat(levels - range.level) : "";
  const { bytes, name, entries, accessed, dirty } = range;
  const counts = [entries, accessed, dirty ?? ""].map((count) => count.toLocaleString("en-US"));
  return [indent + spanText(range), bytesText(bytes), name, ...counts, attributes(range), note(range)];
}

function rawCells(range: Range): string[] {
  const { start, kind, bytes, name, entries, accessed, dirty, contiguous, physical, sharedWith } = range;
  const whole = [hexText(start), hexText(endOf(range) - 1n), kind, bytes, name, entries, accessed, dirty ?? ""];
  const rest = [attributes(range), physical === undefined ? "" : hexText(physical), contiguous ?? ""];
  return [...whole, ...rest, sharedWith === undefined ? "" : hexText(sharedWith)].map(String);
}

const rawColumns = [
  "start",
  "last",
  "kind",
  "bytes",
  "entry",
  "count",
  "accessed",
  "dirty",
  "rights",
  "physical",
].concat(["contiguous", "shared_with"]);

/** What the totals are called, and how they are said. */
function totalLines({ totals, levels }: TableDocument): [string, string, string][] {
  const counts = (names: Record<string, number>, used: string[]): string =>
    used.map((name) => `${names[name]!.toLocaleString("en-US")} ${name}`).join(", ");
  const tables = ["PML5", "PML4", "PDPT", "PD", "PT"].slice(5 - levels);
  const bytes = (name: string, value: number): [string, string, string] => [name, bytesText(value), String(value)];
  const count = (name: string, value: number): [string, string, string] => [
    name,
    value.toLocaleString("en-US"),
    String(value),
  ];
  const { pages } = totals;
  const mapped = pages["4KiB"] * 2 ** 12 + pages["2MiB"] * 2 ** 21 + pages["1GiB"] * 2 ** 30;
  const odd = [
    count("not present, not zero", totals.otherEntries),
    count("reserved entries", totals.reservedEntries),
    count("recursive entries", totals.recursiveEntries),
    count("shared entries", totals.sharedEntries),
  ].filter(([, , raw]) => raw !== "0");
  return [
    ["tables", counts(totals.tables, tables), counts(totals.tables, tables)],
    ["pages", counts(pages, ["4KiB", "2MiB", "1GiB"]), counts(pages, ["4KiB", "2MiB", "1GiB"])],
    bytes("mapped", mapped),
    bytes("user", totals.userBytes),
    bytes("writable", totals.writableBytes),
    bytes("executable", totals.executableBytes),
    bytes("writable and executable", totals.writableExecutableBytes),
    count("accessed pages", totals.accessedPages),
    count("dirty pages", totals.dirtyPages),
    ...odd,
  ];
}

// Where a line would be too long, what a range leads to gets a line of its own.
function rangeLines(document: TableDocument, width: number, colors: ReturnType<typeof pc.createColors>): string[] {
  const isTree = document.ranges.some(({ kind }) => kind === "table");
  const rows = [columns, ...document.ranges.map((range) => cells(range, document.levels, isTree))];
  const widths = columns.map((_, column) => rows.reduce((most, row) => Math.max(most, row[column]!.length), 0));
  const isWide = widths.reduce((sum, one) => sum + one + 2, -2) <= width;
  // The narrow form keeps range, size and rights on the first line.
  const [first, second] = isWide
    ? [columns.map((_, column) => column), []]
    : [
        [0, 1, 6],
        [2, 3, 4, 5, 7],
      ];
  const pad = (row: readonly string[], column: number): string =>
    rightAligned.has(columns[column]!) ? row[column]!.padStart(widths[column]!) : row[column]!.padEnd(widths[column]!);
  return rows.flatMap((row, index) => {
    const lines = [first.map((column) => pad(row, column)).join("  ")];
    if (second.length)
      lines.push(
        `    ${second
          .map((column) => row[column])
          .filter(Boolean)
          .join("  ")}`,
      );
    const kind = document.ranges[index - 1]?.kind;
    const paint = index === 0 || kind === "table" ? colors.dim : kind === "pages" ? String : colors.yellow;
    return lines.map((line) => paint(line.trimEnd()));
  });
}

/** A dump as text, with a newline at its end. */
export function tablesText(document: TableDocument, options: TextOptions): string {
  const totals = totalLines(document);
  if (!options.aligned) {
    const rows = [rawColumns, ...document.ranges.map(rawCells)].map((row) => row.join("\t"));
    return [...rows, "", ...totals.map(([name, , raw]) => `${name}\t${raw}`), ""].join("\n");
  }
  const colors = pc.createColors(options.color);
  const lines = document.ranges.length ? rangeLines(document, options.width ?? 80, colors) : ["the tables map nothing"];
  const title = colors.bold(`CR3 ${hexText(document.cr3)}, ${document.levels} levels`);
  const width = Math.max(...totals.map(([name]) => name.length)) + 2;
  return [title, "", ...lines, "", ...totals.map(([name, text]) => name.padEnd(width) + text), ""].join("\n");
}
