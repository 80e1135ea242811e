// SPDX-License-Identifier: MIT
// Miss-ratio curves as a table with a row for each size, and as CSV with a row for each size of each policy.
import type { CurveResult, MissRatioCurve } from "../curve.js";
import { csvTable } from "./csv.js";
import { type Cell, type Section, share, words } from "./table.js";
import { sectionsText, type TextOptions } from "./text.js";

const columnsOf = ({ policy, errorBars }: MissRatioCurve): string[] => (errorBars ? [policy, "error bar"] : [policy]);

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

/** The same with at most so many sizes, which every curve has where curves have any in common. */
export function thinned(result: CurveResult, rows: number): CurveResult {
  const fewest = result.curves.reduce((least, curve) => (curve.frames.length < least.frames.length ? curve : least));
  const last = fewest.frames.length - 1;
  if (last < rows) return result;
  const [low, high] = [Math.max(1, fewest.frames[0]!), fewest.frames[last]!];
  const wanted = Array.from({ length: rows }, (_, row) => low * (high / low) ** (row / (rows - 1)));
  const sizes = new Set(wanted.map((size) => fewest.frames.find((count) => count >= size - 0.5) ?? high));
  const curves = result.curves.map((curve) => {
    const kept = (_: number, index: number): boolean => sizes.has(curve.frames[index]!);
    const { frames, misses, missRatios, errorBars } = curve;
    const thin = { frames: frames.filter(kept), misses: misses.filter(kept), missRatios: missRatios.filter(kept) };
    return { ...curve, ...thin, errorBars: errorBars?.filter(kept) ?? null };
  });
  return { ...result, curves };
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
