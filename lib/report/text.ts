// SPDX-License-Identifier: MIT
// The report as text: aligned tables for a terminal, tab-separated raw values for a pipe.
import Table from "cli-table3";
import pc from "picocolors";
import type { RunResult } from "../result.js";
import { sectionsOf } from "./sections.js";
import type { Section } from "./table.js";

export interface TextOptions {
  /** Aligned, with thousands separators; otherwise tab-separated raw values. */
  aligned: boolean;
  color: boolean;
  /** Columns of the terminal. */
  width?: number;
}

const none = "";
// Two spaces between columns and nothing else: the eye needs no lines here.
const borderless = Object.fromEntries(
  ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right", "left"]
    .concat(["left-mid", "mid", "mid-mid", "right", "right-mid"])
    .map((name) => [name, none]),
);

const gutter = 2;

function render(columns: readonly string[], rows: readonly (readonly string[])[], widths: readonly number[]): string {
  const table = new Table({
    chars: { ...borderless, middle: " ".repeat(gutter) },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    colAligns: columns.map((_, index) => (index === 0 ? "left" : "right")),
    colWidths: [...widths],
  });
  for (const row of [columns, ...rows]) table.push([...row]);
  const lines = table.toString().split("\n");
  return lines.map((line) => line.trimEnd()).join("\n");
}

// Every section's first column has one width, so that the sections stand under one another.
function nameWidth(sections: readonly Section[]): number {
  const names = sections.flatMap((section) => [section.title, ...section.rows.map((row) => row.name)]);
  return Math.max(...names.map((name) => name.length));
}

function widthsOf(section: Section): number[] {
  return section.columns.map((column, index) =>
    Math.max(column.length, ...section.rows.map((row) => row.cells[index]!.text.length)),
  );
}

const sumOf = (widths: readonly number[]): number => widths.reduce((sum, column) => sum + gutter + column, 0);

// Columns side by side where they fit; otherwise equal groups of them, one below the other.
function folds(widths: readonly number[], first: number, width: number): [number, number][] {
  for (let parts = 1; ; parts++) {
    const size = Math.ceil(widths.length / parts);
    const ranges: [number, number][] = [];
    for (let from = 0; from < widths.length; from += size) ranges.push([from, Math.min(from + size, widths.length)]);
    const fits = ranges.every(([from, to]) => first + sumOf(widths.slice(from, to)) <= width);
    if (fits || size === 1) return ranges;
  }
}

function alignedSection(section: Section, first: number, width: number, color: boolean): string {
  const { bold, dim } = pc.createColors(color);
  const widths = widthsOf(section);
  const parts = folds(widths, first, width).map(([from, to], part) => {
    const title = part === 0 ? section.title : "";
    const columns = [title, ...section.columns.slice(from, to)];
    const rows = section.rows.map((row) => [
      part === 0 || section.rows.length > 1 ? row.name : "",
      ...row.cells.slice(from, to).map((cell) => cell.text),
    ]);
    const [head = "", ...body] = render(columns, rows, [first, ...widths.slice(from, to)]).split("\n");
    const heading = bold(head.slice(0, title.length)) + dim(head.slice(title.length));
    return [heading, ...body].join("\n");
  });
  return parts.join("\n");
}

function titleLines(document: RunResult): string {
  const { config, trace } = document;
  const path = trace.path ? `${trace.path.replace(/^.*\//, "")} on ` : "";
  const refs = config.refs === "all" ? "" : `, ${config.refs} references only`;
  const partial = document.partial ? "\nPartial: the run ended before the trace did." : "";
  return `${path}${config.cpu}, ${config.pageSize} pages, ${config.policy}${refs}${partial}`;
}

const key = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "_");

function tabSeparated(section: Section): string {
  const head = [key(section.title), ...section.columns.map(key)];
  const rows = section.rows.map((row) => [row.name.trim(), ...row.cells.map((cell) => cell.raw)]);
  return [head, ...rows].map((row) => row.join("\t")).join("\n");
}

/** Sections below one another, with a newline at the end; a title line stands above aligned ones. */
export function sectionsText(title: string, sections: readonly Section[], options: TextOptions): string {
  if (!options.aligned) return `${sections.map(tabSeparated).join("\n\n")}\n`;
  const width = Math.max(60, options.width ?? 80);
  const first = nameWidth(sections);
  const tables = sections.map((section) => alignedSection(section, first, width, options.color));
  return `${title}\n\n${tables.join("\n\n")}\n`;
}

/** The whole report, with a newline at its end. */
export const textReport = (document: RunResult, options: TextOptions): string =>
  sectionsText(titleLines(document), sectionsOf(document), options);
