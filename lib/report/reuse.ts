// SPDX-License-Identifier: MIT
// Reuse histograms and working sets as tables, and as CSV with a row for each range or window.
import type { ReuseHistogram, ReuseResult } from "../reuse.js";
import { csvTable } from "./csv.js";
import { count, decimal, type Section, share } from "./table.js";
import { sectionsText, type TextOptions } from "./text.js";

const sumOf = (counts: Float64Array): number => counts.reduce((sum, one) => sum + one, 0);

function histogramSection(title: string, histogram: ReuseHistogram, requests: number, aligned: boolean): Section {
  const { first, last, counts } = histogram;
  const form = (value: number): string => (aligned ? value.toLocaleString("en-US") : String(value));
  let sum = 0;
  const rows = [...counts].map((references, bin) => {
    sum += references;
    const [from, to] = [first[bin]!, last[bin]!];
    const name = from === to ? form(from) : `${form(from)}-${form(to)}`;
    return { name, cells: [count(references), share(references, requests), share(sum, requests)] };
  });
  const never = requests - sumOf(counts);
  rows.push({ name: "first use", cells: [count(never), share(never, requests), share(requests, requests)] });
  return { title, columns: ["references", "share", "so far"], rows };
}

function windowSection({ workingSets, requests }: ReuseResult, aligned: boolean): Section {
  const { windows, meanPages, misses } = workingSets;
  return {
    title: "Windows",
    columns: ["mean pages", "misses", "miss ratio"],
    rows: [...windows].map((window, index) => ({
      name: aligned ? window.toLocaleString("en-US") : String(window),
      cells: [decimal(meanPages[index]!, 1), count(misses[index]!), share(misses[index]!, requests)],
    })),
  };
}

/** Three tables: reuse times, reuse distances, working sets. */
export function reuseText(result: ReuseResult, options: TextOptions): string {
  const { trace, refs, requests, pages, times, distances } = result;
  const what = `${requests.toLocaleString("en-US")} ${refs === "all" ? "" : `${refs} `}references`;
  const sections = [
    histogramSection("Reuse times", times, requests, options.aligned),
    histogramSection("Reuse distances", distances, requests, options.aligned),
    windowSection(result, options.aligned),
  ];
  return sectionsText(`${trace}: ${what} to ${pages.toLocaleString("en-US")} pages`, sections, options);
}

/** A row for each range and each window; `what` says which of the three it is of. */
export function reuseCsv({ times, distances, workingSets }: ReuseResult): string {
  const ranges = (what: string, { first, last, counts }: ReuseHistogram): unknown[][] =>
    [...counts].map((references, bin) => [what, first[bin], last[bin], references, null]);
  const { windows, meanPages, misses } = workingSets;
  const sets = [...windows].map((window, index) => ["window", window, window, misses[index], meanPages[index]]);
  const rows = [...ranges("time", times), ...ranges("distance", distances), ...sets];
  return csvTable(["what", "first", "last", "references", "mean_pages"], rows);
}
