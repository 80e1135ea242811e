// SPDX-License-Identifier: MIT
// Pictures of comparisons and miss-ratio curves: Vega-Lite specifications, SVG and PNG.
import type { CompareResult } from "./comparison.js";
import { rangeError, typeError } from "./errors.js";
import { show } from "./options/problems.js";
import { comparisonSpecPart, curveSpecPart } from "./parts.js";
import type { DrawnCurves } from "./plot/curve-spec.js";
import type { VegaLiteSpec } from "./plot/spec.js";
import { compareSchema, mrcSchema } from "./schemas.js";

/** What can be drawn: the results of `trace.compare()` and `trace.missRatioCurves()`, also as read from JSON. */
export type Drawable = CompareResult | DrawnCurves;

/** A specification for Vega-Lite 6, with the data in it; its editor, notebooks and other tools draw and restyle it. */
export function toVegaLite(document: Drawable): VegaLiteSpec {
  const schema: unknown = (document as { schema?: unknown } | null)?.schema;
  const isEmpty = (list: unknown): boolean => !Array.isArray(list) || list.length === 0;
  if (schema === compareSchema && !isEmpty((document as CompareResult).results))
    return comparisonSpecPart().comparisonSpec(document as CompareResult);
  if (schema === mrcSchema && !isEmpty((document as DrawnCurves).curves))
    return curveSpecPart().curveSpec(document as DrawnCurves);
  const expected = `expected a document of ${compareSchema} or ${mrcSchema} with results in it`;
  throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", `document: ${expected}, got ${show(schema ?? document)}`);
}

/** An SVG with the font of its text in it. */
export async function toSvg(document: Drawable): Promise<string> {
  const spec = toVegaLite(document);
  return (await import("./plot/render.js")).svgOf(spec);
}

/** How a PNG is drawn. */
export interface PngOptions {
  /** Pixels for each of the SVG's, 0.5 to 8. Default 2. */
  scale?: number;
}

/** A PNG on a white background. */
export async function toPng(document: Drawable, { scale = 2 }: PngOptions = {}): Promise<Uint8Array> {
  const spec = toVegaLite(document);
  if (typeof scale !== "number" || !(scale >= 0.5 && scale <= 8))
    throw rangeError("ERR_PAGEWALK_OUT_OF_RANGE", `scale: expected a number from 0.5 to 8, got ${show(scale)}`);
  return (await import("./plot/render.js")).pngOf(spec, scale);
}
