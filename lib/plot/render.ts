// SPDX-License-Identifier: MIT
// Vega-Lite specifications to SVG and PNG. Loaded only when a picture is asked for: what it imports is large.
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import type { View } from "vega";
import { PagewalkError } from "../errors.js";
import { asset, drawable, embeddedFont, textWidth, trueTypeBytes } from "./font.js";
import { fontFamily, type VegaLiteSpec } from "./spec.js";

// What vega's text metrics hand to their measure.
interface TextItem {
  fontSize?: number;
  limit?: number;
}

async function viewOf(spec: VegaLiteSpec): Promise<View> {
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  const problems: string[] = [];
  // Warnings are about looks; the tests allow none.
  const logger = vega.logger(vega.Error, undefined, (_method, _level, words) => {
    problems.push(words.map(String).join(" "));
  });
  // Without a canvas vega guesses widths; ours are those of the font that draws the text.
  const metrics = (vega as unknown as { textMetrics: { width(item: TextItem, text: unknown): number } }).textMetrics;
  metrics.width = ({ fontSize = 11 }, text) => textWidth(String(text), fontSize);
  const runtime = vega.parse(compile(spec as never, { logger }).spec);
  const view = await new vega.View(runtime, { renderer: "none", logger }).runAsync();
  if (problems.length > 0) throw new PagewalkError("ERR_PAGEWALK_INTERNAL", `the picture: ${problems.join("; ")}`);
  return view;
}

async function bareSvg(spec: VegaLiteSpec): Promise<string> {
  const view = await viewOf(spec);
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** An SVG with its font in it. */
export async function svgOf(spec: VegaLiteSpec): Promise<string> {
  const svg = await bareSvg(spec);
  const text = [...svg.matchAll(/>([^<]+)</g)].map(([, inside]) => inside).join("");
  const end = svg.indexOf(">") + 1;
  return `${svg.slice(0, end)}<style>${embeddedFont(text)}</style>${svg.slice(end)}\n`;
}

let wasm: Promise<void> | undefined;

/** A PNG with `scale` pixels for each of the SVG's. */
export async function pngOf(spec: VegaLiteSpec, scale: number): Promise<Uint8Array> {
  const svg = drawable(await bareSvg(spec));
  wasm ??= initWasm(asset("resvg.wasm"));
  await wasm;
  const drawing = new Resvg(svg, {
    background: "white",
    fitTo: { mode: "zoom", value: scale },
    font: { fontBuffers: [trueTypeBytes()], defaultFontFamily: fontFamily, sansSerifFamily: fontFamily },
  });
  try {
    return drawing.render().asPng();
  } finally {
    drawing.free();
  }
}
