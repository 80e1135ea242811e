// SPDX-License-Identifier: MIT
// Curves drawn with braille: what stands where, and that nothing runs over.
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { type BrailleAxis, brailleChart } from "../../lib/report/braille.js";
import { curveChart } from "../../lib/report/curve-chart.js";
import { Trace } from "../../lib/trace.js";
import { pagesOf, traceOf } from "../support/streams.js";

const axis = (low: number, high: number, isLogarithmic = false): BrailleAxis => ({
  low,
  high,
  isLogarithmic,
  text: (value) => String(Math.round(value)),
});

describe("a drawing", () => {
  it("has a falling line from its left upper to its right lower corner", () => {
    const curve = { name: "falling", x: [0, 100], y: [10, 0] };
    const lines = brailleChart([curve], axis(0, 100), axis(0, 10), { width: 28, height: 3 }, false).split("\n");
    expect(lines).toEqual([
      "10 ┤⠉⠑⠒⠢⠤⢄⣀⡀",
      " 5 ┤       ⠈⠉⠉⠒⠒⠤⠤⣀⣀⡀",
      " 0 ┤                ⠈⠉⠑⠒⠢⠤⢄⣀",
      "   └────────────────────────",
      "    0    25    50   75   100",
    ]);
  });

  it("puts equal ratios at equal distances on a logarithmic axis, and leaves out what has no place there", () => {
    const curve = { name: "steps", x: [0, 1, 10, 100], y: [5, 0, 5, 10] };
    const text = brailleChart([curve], axis(1, 100, true), axis(0, 10), { width: 40, height: 5 }, false);
    expect(text.split("\n").at(-1)).toMatch(/^ {4}1 +3 +10 +32 +100$/);
    expect(text.split("\n")[2]).toMatch(/^ 5 ┤ +[⠀-⣿]+$/);
  });

  it("is one dot for one point, in the middle", () => {
    const text = brailleChart(
      [{ name: "one", x: [5], y: [3] }],
      axis(5, 5),
      axis(0, 6),
      { width: 30, height: 3 },
      false,
    );
    expect(text.match(/[⠁-⣿]/g)).toHaveLength(1);
  });

  it("paints each curve and names them where there are several", () => {
    const curves = ["a", "b"].map((name, i) => ({ name, x: [0, 1], y: [i, i] }));
    const text = brailleChart(curves, axis(0, 1), axis(0, 1), { width: 30, height: 4 }, true);
    expect(text).toContain("\u001b[34m━ a\u001b[39m   \u001b[33m━ b\u001b[39m");
    expect(stripVTControlCharacters(text)).not.toContain("\u001b");
  });
});

describe("the drawing of miss-ratio curves", () => {
  it.each([40, 60, 80, 200])("is no wider than a terminal of %d columns", async (width) => {
    using trace = traceOf(pagesOf(1, 20_000, 3000));
    const result = await trace.missRatioCurves({ policy: "lru,fifo,opt", points: 30 });
    for (const color of [true, false]) {
      const lines = stripVTControlCharacters(curveChart(result, width, color)!).split("\n");
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      expect(lines.filter((line) => line.includes("└"))).toHaveLength(color ? 1 : 3);
    }
  });

  it("is none where there is one size", async () => {
    using trace = Trace.fromAddresses([0]);
    expect(curveChart(await trace.missRatioCurves({ frames: 1 }), 80, true)).toBeUndefined();
  });
});
