// SPDX-License-Identifier: MIT
// A comparison as tables: one for each size, and one for policies that choose their size themselves.
import type { CompareResult, CompareRow } from "../comparison.js";
import { type Cell, count, decimal, quotient, type Section, share } from "./table.js";
import { sectionsText, type TextOptions } from "./text.js";

/** The policies that every table is measured by. */
export const yardsticks = ["lru", "opt"] as const;

const isPlain = (row: CompareRow, policy: string): boolean => row.policy === policy && row.canonical === policy;

// The share of LRU's misses above OPT's that the policy saves: 0 for LRU, 100 % for OPT.
function wayToOpt(misses: number, lru: number, opt: number): Cell {
  return lru === opt ? { text: "-", raw: "" } : share(lru - misses, lru - opt);
}

function sizeSection(rows: readonly CompareRow[], shown: ReadonlySet<string>): Section {
  const { framesAsked, frames } = rows[0]!;
  const [lru, opt] = yardsticks.map((name) => rows.find((row) => isPlain(row, name))!.misses) as [number, number];
  const asked = framesAsked === String(frames) ? "" : ` (${framesAsked})`;
  return {
    title: `${frames.toLocaleString("en-US")} frames${asked}`,
    columns: ["misses", "miss ratio", "of LRU's", "way to OPT", "write-backs"],
    rows: rows
      .filter((row) => shown.has(row.policy))
      .map(({ policy, misses, requests, writebacks }) => ({
        name: policy,
        cells: [
          count(misses),
          share(misses, requests),
          quotient(misses, lru, 3),
          wayToOpt(misses, lru, opt),
          count(writebacks),
        ],
      })),
  };
}

const variableSection = (rows: readonly CompareRow[]): Section => ({
  title: "Variable allocation",
  columns: ["misses", "miss ratio", "mean resident", "write-backs"],
  rows: rows.map(({ policy, misses, requests, meanResident, writebacks }) => ({
    name: policy,
    cells: [count(misses), share(misses, requests), decimal(meanResident, 1), count(writebacks)],
  })),
});

/** The comparison of the policies `shown`; the document holds the yardsticks as well. */
export function comparisonText(document: CompareResult, shown: readonly string[], options: TextOptions): string {
  const names = new Set(shown);
  const sizes = [...new Set(document.results.map((row) => row.framesAsked))];
  const fixed = document.results.filter((row) => row.allocation === "fixed");
  const variable = document.results.filter((row) => row.allocation === "variable" && row.framesAsked === sizes[0]);
  const sections = sizes
    .map((size) =>
      sizeSection(
        fixed.filter((row) => row.framesAsked === size),
        names,
      ),
    )
    .filter((section) => section.rows.length > 0);
  if (variable.length > 0) sections.push(variableSection(variable));
  const { requests, pages, refs, results } = document;
  const what = `${requests.toLocaleString("en-US")} ${refs === "all" ? "" : `${refs} `}references`;
  const how = results[0]?.observe === "hardware" ? ", hardware observation" : "";
  const title = `${results[0]?.trace ?? ""}: ${what} to ${pages.toLocaleString("en-US")} pages${how}`;
  return sectionsText(title, sections, options);
}
