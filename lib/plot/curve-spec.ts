// SPDX-License-Identifier: MIT
// Miss-ratio curves as a Vega-Lite specification: the miss ratio by the number of frames, a line for each policy.
import type { CurveResult, MissRatioCurve } from "../curve.js";
import { config, distinct, specSchema, streamText, type VegaLiteSpec } from "./spec.js";

// Sizes drawn of one curve; more than pixels would only make the file larger.
const mostSizes = 500;
// Curves with no more sizes than this have a point at each.
const fewSizes = 30;
const mostTicks = 8;
const frameBytes = 4096;

const colors = [
  "#2f74b5",
  "#d0743c",
  "#3f9150",
  "#b5393b",
  "#7d5ba6",
  "#8c6239",
  "#c9579b",
  "#7f7f7f",
  "#a3a329",
  "#23a3b3",
];
const dashes = [
  [1, 0],
  [6, 3],
  [2, 2],
  [8, 3, 2, 3],
];
const boundColor = "#222";
const boundDashes: Partial<Record<string, number[]>> = { opt: [5, 3], "opt-writeback": [2, 2] };
// A range of miss ratios wider than this is drawn on a logarithmic scale.
const widestLinear = 50;
// Up to so many powers of ten an axis has three ticks for each.
const mostDecades = 4;

/** A curve as it is in a document: typed arrays, or lists where it was read from JSON. */
export type DrawnCurve = Pick<MissRatioCurve, "policy" | "canonical"> & {
  [Name in "frames" | "missRatios"]: ArrayLike<number>;
} & { errorBars: ArrayLike<number> | null };

// Evenly spaced by the logarithm of the number of frames, the first and the last among them. Zero frames, where all
// misses, have no place on a logarithmic scale.
function drawnIndexes(frames: ArrayLike<number>): number[] {
  const all = Array.from(frames, (_, index) => index).filter((index) => frames[index]! > 0);
  if (all.length <= mostSizes) return all;
  const [low, high] = [Math.log(frames[all[0]!]!), Math.log(frames[all.at(-1)!]!)];
  const chosen = new Set([all.at(-1)!]);
  let next = 0;
  for (const index of all) {
    if (((Math.log(frames[index]!) - low) / (high - low)) * mostSizes < next) continue;
    chosen.add(index);
    next = Math.floor(((Math.log(frames[index]!) - low) / (high - low)) * mostSizes) + 1;
  }
  return [...chosen].sort((a, b) => a - b);
}

interface Point {
  policy: string;
  frames: number;
  missRatio: number;
  low?: number;
  high?: number;
}

function pointsOf(curve: DrawnCurve, policy: string): Point[] {
  const { frames, missRatios, errorBars } = curve;
  return drawnIndexes(frames).map((index) => {
    const missRatio = missRatios[index]!;
    const point = { policy, frames: frames[index]!, missRatio };
    const bar = errorBars?.[index];
    return bar == null ? point : { ...point, low: Math.max(0, missRatio - bar), high: Math.min(1, missRatio + bar) };
  });
}

/** 4096 bytes are 4 KiB. */
export function sizeText(bytes: number): string {
  const power = Math.min(5, Math.floor(Math.log2(bytes) / 10));
  const unit = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"][power]!;
  return `${Number((bytes / 2 ** (10 * power)).toPrecision(3))} ${unit}`;
}

// Powers of two in the domain, as many as there is room for.
function tickValues(low: number, high: number): number[] {
  const [first, last] = [Math.ceil(Math.log2(low)), Math.floor(Math.log2(high))];
  const step = Math.max(1, Math.ceil((last - first + 1) / mostTicks));
  const values: number[] = [];
  for (let power = Math.ceil(first / step) * step; power <= last; power += step) values.push(2 ** power);
  return values;
}

// By number of frames; each tick also says how much memory that is.
function framesAxis(points: readonly Point[]): VegaLiteSpec {
  const frames = points.map((point) => point.frames);
  const [low, high] = [least(frames), most(frames)];
  const title = "frames of 4 KiB";
  if (high < 4 * low) {
    const around = Math.max(1, (high - low) * 0.05);
    const scale = { domain: [Math.max(0, low - around), high + around], nice: false, zero: false };
    return { scale, axis: { title, format: ",d", tickCount: 6, tickMinStep: 1 } };
  }
  const values = tickValues(low, high);
  const memory = JSON.stringify(Object.fromEntries(values.map((value) => [value, sizeText(value * frameBytes)])));
  const labelExpr = `[format(datum.value, ','), (${memory})[datum.value]]`;
  const scale = { type: "log", base: 2, domain: [low, high], nice: false };
  return { scale, axis: { title: `${title}, and the memory that they are`, values, labelExpr } };
}

const least = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.min(a, b), Infinity);
const most = (numbers: readonly number[]): number => numbers.reduce((a, b) => Math.max(a, b), 0);

// Powers of ten in the domain, and twice and five times those where there is room.
function decimalTicks(low: number, high: number): number[] {
  const values: number[] = [];
  const factors = high / low > 10 ** mostDecades ? [1] : [1, 2, 5];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++)
    values.push(...factors.map((factor) => Number(`${factor}e${power}`)));
  return values.filter((value) => value >= low && value <= high);
}

function ratioAxis(points: readonly Point[]): VegaLiteSpec {
  const ratios = points.map((point) => point.missRatio).filter((ratio) => ratio > 0);
  const [low, high] = [least(ratios), most(ratios)];
  const axis = { title: "miss ratio", format: "~%" };
  if (high <= widestLinear * low) return { scale: { zero: true, nice: true }, axis: { ...axis, tickCount: 6 } };
  const scale = { type: "log", domain: [low, high], nice: false, clamp: true }; // a band may go down to zero
  return { scale, axis: { ...axis, title: "miss ratio, logarithmic", values: decimalTicks(low, high) } };
}

// Colors, and dashes once they have all been used; bounds are dark and dashed.
function looks(curves: readonly DrawnCurve[], names: readonly string[]): VegaLiteSpec {
  let plain = 0;
  const styles = curves.map((curve) => {
    const boundDash = boundDashes[curve.canonical];
    if (boundDash) return { color: boundColor, dash: boundDash };
    const number = plain++;
    return {
      color: colors[number % colors.length]!,
      dash: dashes[Math.floor(number / colors.length) % dashes.length]!,
    };
  });
  const legend = {
    title: null,
    symbolType: "stroke",
    symbolStrokeWidth: 2,
    symbolSize: 300,
    symbolOpacity: 1,
    orient: "right",
  };
  const scale = (range: unknown[]) => ({ domain: [...names], range });
  const field = { field: "policy", type: "nominal", legend: names.length > 1 ? legend : null };
  return {
    color: { ...field, scale: scale(styles.map(({ color }) => color)) },
    strokeDash: { ...field, scale: scale(styles.map(({ dash }) => dash)) },
  };
}

/** The part of a document of curves that is drawn. */
export type DrawnCurves = Pick<CurveResult, "trace" | "refs" | "requests" | "pages"> & {
  curves: readonly DrawnCurve[];
};

/** The specification of the curves' picture. */
export function curveSpec(document: DrawnCurves): VegaLiteSpec {
  const { trace, curves } = document;
  const names = distinct(curves.map(({ policy }) => policy));
  const points = curves.map((curve, index) => pointsOf(curve, names[index]!));
  const values = points.flat();
  const x = { field: "frames", type: "quantitative", ...framesAxis(values) };
  const y = { field: "missRatio", type: "quantitative", ...ratioAxis(values) };
  const isSampled = values.some(({ low }) => low !== undefined);
  const line = {
    type: "line",
    strokeWidth: 1.8,
    ...(points.every((one) => one.length <= fewSizes) && { point: { size: 22 } }),
  };
  const band = {
    mark: { type: "area", opacity: 0.18 },
    encoding: {
      x,
      y: { ...y, field: "low" },
      y2: { field: "high" },
      color: looks(curves, names).color,
    },
  };
  const subtitle = [
    streamText(document),
    ...(isSampled ? ["Shaded: 95 % confidence intervals of sampled curves."] : []),
  ];
  const what = names.length === 1 ? `${names[0]}, ` : "";
  return {
    $schema: specSchema,
    title: { text: `${trace}: ${what}miss ratio by size of memory`, subtitle },
    data: { values },
    width: 640,
    height: 380,
    layer: [...(isSampled ? [band] : []), { mark: line, encoding: { x, y, ...looks(curves, names) } }],
    config: { ...config },
  };
}
