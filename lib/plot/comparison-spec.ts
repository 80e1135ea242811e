// SPDX-License-Identifier: MIT
// A comparison of policies as a Vega-Lite specification: a panel for each size with a bar for each policy, in one order
// throughout, measured by LRU where that was simulated.
import type { CompareResult, CompareRow } from "../comparison.js";
import { config, counted, specSchema, streamText, type VegaLiteSpec } from "./spec.js";

const panelsAbreast = 5;
const rowHeight = 18;
// By the number of panels side by side.
const panelWidths = [0, 460, 300, 230, 190, 170];
// Room behind a bar for its figure, as a share of the longest bar.
const roomForFigures = [0, 0.2, 0.3, 0.36, 0.42, 0.45];

const standings = {
  "fewer misses than LRU": "#2f74b5",
  "as many as LRU": "#8a8a8a",
  "more misses than LRU": "#d0743c",
  "knows the future": "#4b4b4b",
} as const;
type Standing = keyof typeof standings;

const plain = "#2f74b5";
const bounds = ["opt", "opt-writeback"];

const ratioOf = (row: CompareRow): number => (row.requests === 0 ? 0 : row.misses / row.requests);

const isLru = (row: CompareRow): boolean => row.canonical === "lru" && row.policy === "lru";

function standingOf(row: CompareRow, lru: CompareRow): Standing {
  if (bounds.includes(row.canonical)) return "knows the future";
  if (row.misses === lru.misses) return "as many as LRU";
  return row.misses < lru.misses ? "fewer misses than LRU" : "more misses than LRU";
}

// Best policy first: by the geometric mean of miss ratios, in which every size weighs the same.
function inOrder(rows: readonly CompareRow[]): string[] {
  const logs = new Map<string, number>();
  for (const row of rows)
    logs.set(row.policy, (logs.get(row.policy) ?? 0) + Math.log(Math.max(ratioOf(row), Number.MIN_VALUE)));
  return [...logs.keys()].sort((a, b) => logs.get(a)! - logs.get(b)!);
}

const percent = (ratio: number): string =>
  `${(ratio * 100).toFixed(ratio !== 0 && ratio < 0.001 ? 4 : ratio < 0.1 ? 2 : 1)}%`;

// Where bars end that would leave the others too short to be told apart; a policy may miss a hundred times as often as
// the next one.
function cutOf(ratios: readonly number[]): number {
  const sorted = ratios.toSorted((a, b) => a - b);
  const usual = 2 * sorted[sorted.length >> 1]!;
  const [longest, next] = [sorted.at(-1)!, sorted.findLast((ratio) => ratio <= usual)!];
  return longest > 1.5 * usual ? Math.min(1.25 * next, longest) : longest;
}

interface Panel {
  title: string;
  rows: readonly CompareRow[];
  order: readonly string[];
  legend: readonly Standing[];
  abreast: number;
  /** Whether it has the names of policies on its left. */
  isFirst: boolean;
  figure: (row: CompareRow) => string;
  room: number;
}

// The axis may go beyond 100 %, where figures stand.
const upToAll = "datum.value > 1 ? '' : datum.label";

const isCut = (row: CompareRow, cut: number): boolean => ratioOf(row) > cut;

function valuesOf({ rows, figure }: Panel, cut: number) {
  const lru = rows.find(isLru);
  return rows.map((row) => ({
    policy: row.policy,
    frames: row.frames,
    misses: row.misses,
    missRatio: ratioOf(row),
    bar: Math.min(ratioOf(row), cut),
    figure: `${isCut(row, cut) ? "» " : ""}${figure(row)}`,
    ...(lru && { standing: standingOf(row, lru) }),
  }));
}

const colorOf = (legend: readonly Standing[]) =>
  legend.length === 0
    ? { value: plain }
    : {
        field: "standing",
        type: "nominal",
        legend: { title: null, orient: "bottom", symbolType: "square", columns: 4 },
        scale: { domain: [...legend], range: legend.map((standing) => standings[standing]) },
      };

function panelSpec(panel: Panel): VegaLiteSpec {
  const { title, rows, order, legend, abreast, isFirst, room } = panel;
  const lru = rows.find(isLru);
  const cut = cutOf(rows.map(ratioOf));
  const labels = { title: null, domain: false, ticks: false, labelPadding: 6, labelLimit: 0 };
  const y = {
    field: "policy",
    type: "nominal",
    sort: [...order],
    scale: { domain: [...order] },
    axis: isFirst ? labels : null,
  };
  const x = {
    field: "bar",
    type: "quantitative",
    axis: { title: "miss ratio", format: "~%", labelExpr: upToAll, tickCount: abreast > 2 ? 3 : 6, labelOverlap: true },
    scale: { domain: [0, (cut || 1) * (1 + room)], nice: false },
  };
  const figure = { type: "text", align: "left", dx: 4, fontSize: 10 };
  const text = { y, text: { field: "figure" } };
  const rule = { mark: { type: "rule", strokeDash: [3, 3], color: "#555" }, encoding: { x: lruDatum(lru) } };
  return {
    title: { text: title, fontSize: 12, anchor: "start", frame: "group", offset: 6 },
    data: { values: valuesOf(panel, cut) },
    width: panelWidths[abreast],
    height: { step: rowHeight },
    encoding: { x },
    layer: [
      { mark: { type: "bar", height: 11 }, encoding: { y, color: lru ? colorOf(legend) : { value: plain } } },
      ...(lru ? [rule] : []),
      // Twice, so that neither grid nor rule runs through a figure.
      { mark: { ...figure, stroke: "white", strokeWidth: 3, strokeJoin: "round" }, encoding: text },
      { mark: { ...figure, color: "#222" }, encoding: text },
    ],
  };
}

const lruDatum = (lru: CompareRow | undefined) => ({ datum: lru && ratioOf(lru), type: "quantitative" });

// Those that occur, in their order.
function standingsOf(rows: readonly CompareRow[]): Standing[] {
  const found = new Set<Standing>();
  for (const row of rows) {
    const lru = rows.find((other) => isLru(other) && other.framesAsked === row.framesAsked);
    if (lru) found.add(standingOf(row, lru));
  }
  return (Object.keys(standings) as Standing[]).filter((standing) => found.has(standing));
}

function sizePanels(rows: readonly CompareRow[]): VegaLiteSpec[] {
  const legend = standingsOf(rows);
  const sizes = [...new Set(rows.map((row) => row.framesAsked))];
  const order = inOrder(rows);
  const lines: VegaLiteSpec[] = [];
  for (let from = 0; from < sizes.length; from += panelsAbreast) {
    const line = sizes.slice(from, from + panelsAbreast);
    const abreast = sizes.length > panelsAbreast ? panelsAbreast : line.length;
    const panel = (size: string, index: number): VegaLiteSpec => {
      const these = rows.filter((row) => row.framesAsked === size);
      const frames = these[0]!.frames;
      const asked = size === String(frames) ? "" : ` (${size})`;
      return panelSpec({
        title: `${counted(frames, "frame")}${asked}`,
        rows: these,
        order,
        legend,
        abreast,
        isFirst: index === 0,
        figure: (row) => percent(ratioOf(row)),
        room: roomForFigures[abreast]!,
      });
    };
    lines.push({ hconcat: line.map(panel), spacing: 16 });
  }
  return lines;
}

const variablePanel = (rows: readonly CompareRow[]): VegaLiteSpec =>
  panelSpec({
    title: "Variable allocation: the policy decides how many frames it has",
    rows,
    order: inOrder(rows),
    legend: [],
    abreast: 1,
    isFirst: true,
    figure: (row) =>
      `${percent(ratioOf(row))} with ${row.meanResident.toLocaleString("en-US", { maximumFractionDigits: 0 })} frames on average`,
    room: 0.75,
  });

function groupedBy(rows: readonly CompareRow[], keyOf: (row: CompareRow) => string): Map<string, CompareRow[]> {
  const groups = new Map<string, CompareRow[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}

function hasCut(rows: readonly CompareRow[]): boolean {
  const panels = groupedBy(rows, (row) => `${row.allocation} ${row.framesAsked}`);
  return [...panels.values()].some((these) => {
    const cut = cutOf(these.map(ratioOf));
    return these.some((row) => isCut(row, cut));
  });
}

/** The specification of a comparison's picture. */
export function comparisonSpec(document: CompareResult): VegaLiteSpec {
  const { results } = document;
  const fixed = results.filter((row) => row.allocation === "fixed");
  const variable = results.filter(
    (row) => row.allocation === "variable" && row.framesAsked === results[0]!.framesAsked,
  );
  const panels = [...sizePanels(fixed), ...(variable.length > 0 ? [variablePanel(variable)] : [])];
  const { trace, observe } = results[0]!;
  const how = observe === "hardware" ? ", hardware observation" : "";
  const notes = [
    ...(fixed.some(isLru) ? ["The dashed line is LRU."] : []),
    ...(hasCut(results) ? ["Bars with » are cut: they would be longer."] : []),
  ];
  return {
    $schema: specSchema,
    title: {
      text: `${trace}: misses by replacement policy`,
      subtitle: [`${streamText(document)}${how}`, ...(notes.length > 0 ? [notes.join(" ")] : [])],
    },
    vconcat: panels,
    spacing: 24,
    config: { ...config },
  };
}
