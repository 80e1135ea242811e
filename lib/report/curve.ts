// SPDX-License-Identifier: MIT
// Miss-ratio curves as a table with a row for each size, and as CSV with a row for each size of each policy.
import type { CurveResult, MissRatioCurve } from "../curve.js";
import { csvTable } from "./csv.js";
import { type Cell, type Section, share, words } from "./table.js";
import { sectionsText, type TextOptions } from "./text.js";

const columnsOf = ({ policy, errorBars }: MissRatioCurve): string[] => (errorBars ? [policy, "+/-"] : [policy]);

// By size, what stands in the curve's columns.
function cellsBySize(curve: MissRatioCurve): Map<number, Cell[]> {
  const { frames, missRatios, errorBars } = curve;
  const cells = (index: number): Cell[] => {
    const ratio = share(missRatios[index]!, 1);
    return errorBars ? [ratio, share(errorBars[index]!, 1)] : [ratio];
  };
  return new Map([...frames].map((size, index) => [size, cells(index)]));
}

function ratios(curves: readonly MissRatioCurve[], aligned: boolean): Section {
  const columns = curves.map((curve) => ({ cells: cellsBySize(curve), none: columnsOf(curve).map(() => words("")) }));
  const sizes = [...new Set(columns.flatMap(({ cells }) => [...cells.keys()]))].sort((a, b) => a - b);
  return {
    title: "Frames",
    columns: curves.flatMap(columnsOf),
    rows: sizes.map((size) => ({
      name: aligned ? size.toLocaleString("en-US") : String(size),
      cells: columns.flatMap(({ cells, none }) => cells.get(size) ?? none),
    })),
  };
}

/** A row for each size, a column for each policy. */
export function curvesText(result: CurveResult, options: TextOptions): string {
  const { trace, refs, requests, pages, curves } = result;
  const what = `${requests.toLocaleString("en-US")} ${refs === "all" ? "" : `${refs} `}references`;
  const title = `${trace}: miss ratios, ${what} to ${pages.toLocaleString("en-US")} pages`;
  return sectionsText(title, [ratios(curves, options.aligned)], options);
}

/** A row for each size of each policy. */
export function curvesCsv({ curves }: CurveResult): string {
  const rows = curves.flatMap(({ policy, method, frames, misses, missRatios, errorBars }) =>
    [...frames].map((size, i) => [policy, method, size, misses[i], missRatios[i], errorBars?.[i]]),
  );
  return csvTable(["policy", "method", "frames", "misses", "miss_ratio", "error_bar"], rows);
}
