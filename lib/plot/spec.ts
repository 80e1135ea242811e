// SPDX-License-Identifier: MIT
// What Vega-Lite specifications of ours have in common: their schema, their looks, and the words of their titles.
import type { Refs } from "../options/types.js";

/** A Vega-Lite specification: plain JSON. */
export type VegaLiteSpec = Record<string, unknown>;

export const specSchema = "https://vega.github.io/schema/vega-lite/v6.json";

/** The font that pictures are measured and drawn in; viewers that lack it and ignore embedded ones have the others. */
export const fontFamily = "Inter";

const ink = "#222";
const faint = "#666";

// Regular weight throughout: one file of the font is enough.
export const config = {
  font: `${fontFamily}, Helvetica, Arial, sans-serif`,
  background: "white",
  padding: 12,
  title: {
    fontSize: 15,
    fontWeight: "normal",
    color: ink,
    subtitleColor: faint,
    subtitleFontSize: 12,
    anchor: "start",
    offset: 12,
  },
  axis: {
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: "normal",
    labelColor: ink,
    titleColor: ink,
    titlePadding: 8,
    labelLimit: 0,
    labelFlush: false,
    gridColor: "#e6e6e6",
    domainColor: "#999",
    tickColor: "#999",
  },
  legend: { labelFontSize: 11, titleFontSize: 12, titleFontWeight: "normal", labelColor: ink, labelLimit: 0 },
  view: { stroke: null },
} as const;

/** "1 frame", "1,234 frames". */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;

/** "2,345,678 data references to 3,456 pages". */
export function streamText(stream: { requests: number; pages: number; refs: Refs }): string {
  const kind = stream.refs === "all" ? "" : `${stream.refs} `;
  return `${counted(stream.requests, `${kind}reference`)} to ${counted(stream.pages, "page")}`;
}

/** A name with its number where it is not the only one, so that two that are asked for twice stay apart. */
export function distinct(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}
