// SPDX-License-Identifier: MIT
// Miss-ratio curves as a drawing for a terminal.
import type { CurveResult, MissRatioCurve } from "../curve.js";
import { type BrailleAxis, brailleChart, mostCurves } from "./braille.js";

const height = 12;
const widest = 100;
// Of several drawings below one another.
const lowHeight = 6;
// A range of miss ratios wider than this is drawn on a logarithmic scale.
const widestLinear = 50;

const framesText = (value: number): string => Math.round(value).toLocaleString("en-US");

function ratioText(value: number): string {
  const percent = value * 100;
  return `${percent >= 10 || percent === 0 ? percent.toFixed(0) : percent.toPrecision(2)} %`;
}

function axesOf(curves: readonly MissRatioCurve[]): { x: BrailleAxis; y: BrailleAxis } | undefined {
  let [first, last, least, most] = [Infinity, 0, Infinity, 0];
  for (const { frames, missRatios } of curves) {
    frames.forEach((count, index) => {
      if (count === 0) return;
      [first, last] = [Math.min(first, count), Math.max(last, count)];
      [least, most] = [Math.min(least, missRatios[index]!), Math.max(most, missRatios[index]!)];
    });
  }
  if (!(first < last)) return undefined;
  const isLogarithmic = least > 0 && most > widestLinear * least;
  const y = { low: isLogarithmic ? least : 0, high: most, isLogarithmic, text: ratioText };
  return { x: { low: first, high: last, isLogarithmic: true, text: framesText }, y };
}

/** A drawing of the curves, in as many parts as it takes to tell them apart; nothing where a curve has one size. */
export function curveChart({ curves }: CurveResult, width: number, color: boolean): string | undefined {
  const axes = axesOf(curves);
  if (!axes) return undefined;
  const { x, y } = axes;
  const together = mostCurves(color);
  const isOne = curves.length <= together;
  const size = { width: Math.min(width, widest), height: isOne ? height : lowHeight };
  const parts: string[] = [];
  for (let from = 0; from < curves.length; from += together) {
    const part = curves.slice(from, from + together);
    const drawn = part.map(({ policy, frames, missRatios }) => ({ name: policy, x: frames, y: missRatios }));
    const title = together === 1 && !isOne ? `${drawn[0]!.name}\n` : "";
    parts.push(`${title}${brailleChart(drawn, x, y, size, color)}`);
  }
  const what = y.isLogarithmic ? "miss ratio (logarithmic) by frames" : "miss ratio by frames";
  return `${what}\n${parts.join("\n\n")}\n`;
}
