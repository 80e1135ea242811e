// SPDX-License-Identifier: MIT
// Pictures: the specification is one, the SVG has its text and its font, the PNG is drawn, and nothing is cut off.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Resvg } from "@resvg/resvg-wasm";
import { Ajv } from "ajv";
import * as vega from "vega";
import { compile } from "vega-lite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CurveResult, type Drawable, toPng, toSvg, toVegaLite, Trace } from "../../lib/index.js";
import { trueTypeBytes } from "../../lib/plot/font.js";
import { knownPolicies } from "../../lib/native.js";
import { pagewalk, tinyTrace } from "../support/cli.js";
import { rejectionOf, thrownBy } from "../support/errors.js";
import { checkout, sharedPath } from "../support/shared.js";
import { pagesOf, traceOf } from "../support/streams.js";

const schemaFile = createRequire(import.meta.url).resolve("vega-lite/vega-lite-schema.json");
const validate = new Ajv({ strict: false, validateFormats: false }).compile(
  JSON.parse(readFileSync(schemaFile, "utf8")) as object,
);

let tiny: Trace;
let skewed: Trace;
const documents: Record<string, Drawable> = {};

const allFixed = (): string[] => {
  const variable = ["working-set", "page-fault-frequency"];
  return knownPolicies()
    .map(({ name }) => name)
    .filter((name) => !variable.includes(name));
};

beforeAll(async () => {
  tiny = Trace.fromAddresses([0x1000, 0x2000, 0x1000, 0x3000]);
  skewed = traceOf(pagesOf(1, 20_000, 3000));
  documents["every policy at five sizes"] = await skewed.compare();
  documents["one policy at one size"] = await skewed.compare({ policy: "arc", frames: 100 });
  documents["one policy twice, by two names"] = await skewed.compare({ policy: ["lru", "clock", "clock:bits=1"] });
  documents["eight sizes, hardware observation"] = await skewed.compare({
    policy: "lru,opt,lecar:seed=1,learning-rate=0.3",
    frames: "1%,2%,3%,5%,10%,20%,50%,100%",
    observe: "hardware",
  });
  documents["only a policy of variable allocation"] = await skewed.compare({ policy: "ws", frames: 10 });
  documents["a tiny comparison"] = await tiny.compare({ policy: "lru,fifo,opt", frames: [1, 2] });
  documents["the curve of LRU"] = await skewed.missRatioCurves();
  documents["the curves of every policy"] = await skewed.missRatioCurves({ policy: allFixed(), points: 12 });
  documents["tiny curves"] = await tiny.missRatioCurves({ policy: "lru,opt" });
  documents["a curve of one point"] = await tiny.missRatioCurves({ frames: 2 });
  documents["curves as they come from JSON"] = asJson(
    await skewed.missRatioCurves({ policy: "lru,lru,arc", points: 40 }),
  );
  documents["sampled curves"] = withErrorBars(await skewed.missRatioCurves({ policy: "lru,opt,fifo", points: 20 }));
  documents["a sampled curve"] = withErrorBars(await skewed.missRatioCurves({ points: 40 }));
});
afterAll(() => {
  tiny.close();
  skewed.close();
});

const asJson = (result: CurveResult): Drawable =>
  JSON.parse(
    JSON.stringify(result, (_, value: unknown) => (ArrayBuffer.isView(value) ? [...(value as Float64Array)] : value)),
  ) as Drawable;

const withErrorBars = (result: CurveResult): CurveResult => ({
  ...result,
  curves: result.curves.map((curve) => ({ ...curve, errorBars: curve.missRatios.map((ratio) => ratio / 10) })),
});

const named = (name: string): Drawable => documents[name]!;
const names = [
  "every policy at five sizes",
  "one policy at one size",
  "one policy twice, by two names",
  "eight sizes, hardware observation",
  "only a policy of variable allocation",
  "a tiny comparison",
  "the curve of LRU",
  "the curves of every policy",
  "tiny curves",
  "a curve of one point",
  "curves as they come from JSON",
  "a sampled curve",
  "sampled curves",
];

const textsOf = (svg: string): string[] => [...svg.matchAll(/<t(?:ext|span)[^>]*>([^<]+)</g)].map(([, text]) => text!);
const sizeOf = (svg: string): [number, number] => {
  const [, width, height] = /<svg[^>]* width="([\d.]+)" height="([\d.]+)"/.exec(svg)!;
  return [Number(width), Number(height)];
};
const policiesOf = (document: Drawable): string[] =>
  "results" in document ? document.results.map(({ policy }) => policy) : document.curves.map(({ policy }) => policy);

describe.each(names)("%s", (name) => {
  it("has a specification that Vega-Lite's schema allows, with the data in it", () => {
    const spec = JSON.parse(JSON.stringify(toVegaLite(named(name)))) as object;
    validate(spec);
    expect(validate.errors ?? []).toEqual([]);
    expect(JSON.stringify(spec)).not.toContain('"url"');
  });

  it("gives Vega-Lite and Vega nothing to warn of", async () => {
    const warnings: unknown[] = [];
    const logger = vega.logger(vega.Warn, undefined, (_method, _level, words) => void warnings.push(words));
    const { spec } = compile(toVegaLite(named(name)) as never, { logger });
    const view = await new vega.View(vega.parse(spec), { renderer: "none", logger }).runAsync();
    view.finalize();
    expect(warnings).toEqual([]);
  });

  it("is an SVG with a title, axes that say what they are, every policy by name, and the font", async () => {
    const svg = await toSvg(named(name));
    const texts = textsOf(svg);
    expect(texts.some((text) => text.startsWith("miss ratio"))).toBe(true);
    expect(texts.some((text) => /\d references? to [\d,]+ pages?/.test(text))).toBe(true);
    expect(texts.some((text) => /frames?\b/.test(text))).toBe(true);
    const isAlone = new Set(policiesOf(named(name))).size === 1;
    for (const policy of policiesOf(named(name)))
      expect(texts.some((text) => text === policy || (isAlone && text.includes(policy)))).toBe(true);
    expect(texts.join("")).not.toContain("…");
    expect(svg).toMatch(/@font-face\{font-family:"Inter";.*data:font\/woff2;base64,/);
  });

  it("is a PNG of twice the SVG's size, with nothing drawn beyond its edges", async () => {
    const svg = await toSvg(named(name));
    const png = Buffer.from(await toPng(named(name)));
    const [width, height] = sizeOf(svg);
    expect(png.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([Math.ceil(width * 2), Math.ceil(height * 2)]);
    const drawing = new Resvg(svg.replace(/<rect width="[\d.]+" height="[\d.]+" fill="white"\/?>/, ""), {
      font: { fontBuffers: [trueTypeBytes()], defaultFontFamily: "Inter" },
    });
    const box = drawing.getBBox()!;
    expect(box.x).toBeGreaterThan(0);
    expect(box.y).toBeGreaterThan(0);
    expect(box.x + box.width).toBeLessThan(width);
    expect(box.y + box.height).toBeLessThan(height);
  });
});

describe("text in a PNG", () => {
  it("is drawn: another title is another picture of the same size", async () => {
    const result = await tiny.missRatioCurves();
    const drawn = async (trace: string) => Buffer.from(await toPng({ ...result, trace }, { scale: 1 }));
    const [one, same, other] = [await drawn("redis"), await drawn("redis"), await drawn("cobol")];
    expect(one.equals(same)).toBe(true);
    expect(one.readUInt32BE(16)).toBe(other.readUInt32BE(16));
    expect(one.equals(other)).toBe(false);
  });

  it("is drawn in Greek and Cyrillic, and a character that the font lacks is a question mark", async () => {
    const result = await tiny.missRatioCurves();
    const drawn = async (trace: string) => Buffer.from(await toPng({ ...result, trace }, { scale: 1 }));
    const [greek, cyrillic, missing] = [await drawn("ΑΩ"), await drawn("ЖЯ"), await drawn("漢")];
    expect(greek.equals(cyrillic)).toBe(false);
    expect(missing.equals(await drawn("?"))).toBe(true);
    const svg = await toSvg({ ...result, trace: "ЖЯ" });
    expect(svg.match(/@font-face/g)).toHaveLength(2);
    expect((await toSvg(result)).match(/@font-face/g)).toHaveLength(1);
  });

  it("is no markup, whatever a name holds", async () => {
    const svg = await toSvg({ ...(await tiny.missRatioCurves()), trace: '<script>&"' });
    expect(svg).not.toContain("<script");
    expect(svg).toContain("&lt;script&gt;&amp;");
  });
});

describe("a band that goes down to zero", () => {
  it("ends at the bottom of a logarithmic axis", async () => {
    const [frames, missRatios, errorBars] = [
      [1, 10, 100],
      [0.9, 0.1, 0.001],
      [0.05, 0.1, 0.01],
    ];
    const curve = { policy: "lru", canonical: "lru", frames, missRatios, errorBars };
    const document = { ...(await tiny.missRatioCurves()), curves: [curve] };
    const svg = await toSvg(document);
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(textsOf(svg)).toContain("miss ratio, logarithmic");
    expect(textsOf(svg)).toContain("Shaded: 95 % confidence intervals of sampled curves.");
  });
});

describe("the same result", () => {
  it("is the same picture, to the byte", async () => {
    for (const name of ["every policy at five sizes", "the curve of LRU"])
      expect(await toSvg(named(name))).toBe(await toSvg(named(name)));
  });

  it("is thinned where there are more sizes than pixels, with both ends kept", async () => {
    const values = (toVegaLite(named("the curve of LRU")) as { data: { values: { frames: number }[] } }).data.values;
    const { pages } = named("the curve of LRU");
    expect(values.length).toBeLessThan(1000);
    expect([values[0]!.frames, values.at(-1)!.frames]).toEqual([1, pages]);
  });

  it("has bars that say what they stand for even where they are cut", async () => {
    const result = await skewed.compare({ policy: "lru,clock,fifo", frames: "10%" });
    const long = {
      ...result,
      results: result.results.map((row) => (row.policy === "fifo" ? { ...row, misses: row.requests } : row)),
    };
    const few = { ...long, results: long.results.map((row) => (row.policy === "fifo" ? row : { ...row, misses: 40 })) };
    const texts = textsOf(await toSvg(few));
    expect(texts).toContain("» 100.0%");
    expect(texts.join(" ")).toContain("Bars with » are cut");
    expect(textsOf(await toSvg(result)).join(" ")).not.toContain("»");
  });
});

describe("what cannot be drawn", () => {
  it.each([
    undefined,
    null,
    7,
    "svg",
    {},
    { schema: "pagewalk.result/1" },
    { schema: "pagewalk.compare/1", results: [] },
  ])("%o is refused", async (document) => {
    const code = "ERR_PAGEWALK_INVALID_ARGUMENT";
    expect(thrownBy(() => toVegaLite(document as never)).code).toBe(code);
    expect((await rejectionOf(toSvg(document as never))).code).toBe(code);
    expect((await rejectionOf(toPng(document as never))).code).toBe(code);
  });

  it.each([0, -1, 9, Number.NaN, Number.POSITIVE_INFINITY, "2"])("nor at scale %s", async (scale) => {
    const error = await rejectionOf(toPng(named("tiny curves"), { scale: scale as number }));
    expect(error.code).toBe("ERR_PAGEWALK_OUT_OF_RANGE");
  });
});

describe("libraries for pictures", () => {
  it("are imported in one file, which is imported only when a picture is asked for", () => {
    const rendering = readFileSync(join(checkout, "lib", "plot", "render.ts"), "utf8");
    expect(rendering).toContain('from "@resvg/resvg-wasm"');
    for (const file of [
      "index.ts",
      "picture.ts",
      "plot/spec.ts",
      "plot/curve-spec.ts",
      "plot/comparison-spec.ts",
      "cli/plot.ts",
    ]) {
      const source = readFileSync(join(checkout, "lib", file), "utf8");
      expect(source).not.toMatch(/^import .*(vega|resvg|opentype|render\.js|font\.js)/m);
    }
  });
});

describe("--plot", () => {
  const file = (suffix: string) => join(tmpdir(), `pagewalk-plot-${process.pid}${suffix}`);

  it.each([
    ["compare", ["--policy", "lru,fifo", "--frames", "10%"]],
    ["mrc", ["--policy", "lru,opt"]],
  ])(
    "of %s writes SVG, PNG and Vega-Lite by the file's name, and prints what it prints without",
    async (command, flags) => {
      const plain = await pagewalk([command, tinyTrace, ...flags, "--quiet", "--json"]);
      for (const suffix of [".svg", ".PNG", ".vl.json"]) {
        const ran = await pagewalk([command, tinyTrace, ...flags, "--quiet", "--json", "--plot", file(suffix)]);
        expect([ran.code, ran.stderr]).toEqual([0, ""]);
        expect(ran.stdout.replace(/"seconds": [\d.e-]+/g, "")).toBe(plain.stdout.replace(/"seconds": [\d.e-]+/g, ""));
      }
      expect(readFileSync(file(".svg"), "utf8")).toMatch(/^<svg[\s\S]*<\/svg>\n$/);
      expect(readFileSync(file(".PNG")).subarray(1, 4).toString()).toBe("PNG");
      validate(JSON.parse(readFileSync(file(".vl.json"), "utf8")));
      expect(validate.errors ?? []).toEqual([]);
    },
  );

  it("prints a table of a few sizes beside a picture of all", async () => {
    const { stdout } = await pagewalk(["mrc", tinyTrace, "--quiet", "--plot", file(".vl.json")]);
    expect(stdout.trim().split("\n").length).toBeLessThan(25);
    expect(
      (JSON.parse(readFileSync(file(".vl.json"), "utf8")) as { data: { values: [] } }).data.values.length,
    ).toBeGreaterThan(100);
  });

  it("refuses another suffix before it reads anything, and says where it cannot write", async () => {
    const wrong = await pagewalk(["compare", "/nowhere.lackey", "--plot", "x.gif"]);
    expect([wrong.code, wrong.stdout]).toEqual([2, ""]);
    expect(wrong.stderr).toContain('expected a file that ends in .svg, .png, .vl.json; got "x.gif"');
    writeFileSync(file(".file"), "");
    const full = await pagewalk(["mrc", tinyTrace, "--quiet", "--plot", join(file(".file"), "x.svg")]);
    expect(full.code).toBe(1);
    expect(full.stderr).toContain("cannot write");
  });
});

it.skipIf(!sharedPath("traces"))("a real trace's curves span orders of magnitude, on logarithmic axes", async () => {
  using trace = await Trace.open(sharedPath("traces", "sqlite.lackey.zst")!);
  const spec = toVegaLite(await trace.missRatioCurves({ refs: "data", points: 100 }));
  expect(JSON.stringify(spec)).toMatch(/"miss ratio, logarithmic"/);
  expect(textsOf(await toSvg(await trace.missRatioCurves({ refs: "data", points: 100 })))).toContain("256 KiB");
});
