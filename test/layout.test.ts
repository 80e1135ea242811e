// SPDX-License-Identifier: MIT
// The house is as it was drawn: includes go down, files and functions stay small, generated files are up to date.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkout } from "./support/shared.js";

const longestFile = 600;
const longestFunction = 80;

const folders = ["native", "binding", "lib", "test", "bench", "examples"];
const sources = folders.flatMap((folder) =>
  existsSync(join(checkout, folder))
    ? readdirSync(join(checkout, folder), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`)
    : [],
);
const code = sources.filter((name) => /\.(h|cc|ts|mts|mjs|cjs)$/.test(name));
const linesOf = (name: string): string[] => readFileSync(join(checkout, name), "utf8").trimEnd().split("\n");

const layers = new Map(
  linesOf("native/layers.txt")
    .filter((line) => line.trim() && !line.startsWith("#"))
    .map((line) => line.split(":") as [string, string])
    .map(([layer, uses]) => [layer.trim(), uses.trim().split(/\s+/).filter(Boolean)]),
);

// A layer's own folder inside trace/ that has fewer rights than its layer.
const allowedFor = (name: string): string[] => {
  const layer = name.split("/")[1]!;
  if (name.startsWith("native/trace/formats/")) return ["base", "trace"];
  return [layer, ...(layers.get(layer) ?? [])];
};

const includesOf = (name: string): string[] =>
  linesOf(name).flatMap((line) => /^#include "([^"]+)"/.exec(line)?.[1] ?? []);

// The lengths of functions in the house's C++ layout: a body ends with a brace in the column where its head began.
function functionLengths(name: string): [string, number][] {
  const lines = linesOf(name);
  const lengths: [string, number][] = [];
  lines.forEach((line, start) => {
    const head = /^( {0,4})[A-Za-z_[~].*\)( const| override| noexcept)* \{$/.exec(line);
    if (!head || /^\s*(if|for|while|switch|namespace|class|struct)\b/.test(line)) return;
    const end = lines.findIndex((other, index) => index > start && other.startsWith(`${head[1]}}`));
    lengths.push([`${name}:${start + 1}`, end - start + 1]);
  });
  return lengths;
}

describe("layers", () => {
  it("have a line in layers.txt for every folder of native/", () => {
    const present = readdirSync(join(checkout, "native"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect([...layers.keys()].sort()).toEqual(present.sort());
  });

  it("include only themselves and what their line names", () => {
    const native = code.filter((name) => /^native\/.+\/.+\.(h|cc)$/.test(name));
    expect(native.length).toBeGreaterThan(50);
    const wrong = native.flatMap((name) =>
      includesOf(name)
        .filter((path) => !allowedFor(name).includes(path.split("/")[0]!))
        .map((path) => `${name} includes ${path}`),
    );
    expect(wrong).toEqual([]);
  });

  it("of trace formats include no machine", () => {
    const formats = code.filter((name) => name.startsWith("native/trace/formats/"));
    const wrong = formats.flatMap((name) =>
      includesOf(name)
        .filter((path) => !path.startsWith("base/") && !path.startsWith("trace/"))
        .map((path) => `${name} includes ${path}`),
    );
    expect(wrong).toEqual([]);
  });

  it("know nothing of Node", () => {
    const wrong = code.filter(
      (name) => name.startsWith("native/") && /napi|node_api|uv\.h/.test(linesOf(name).join("\n")),
    );
    expect(wrong).toEqual([]);
  });

  it("keep the addon in one file of lib/", () => {
    const wrong = code.filter(
      (name) =>
        name.startsWith("lib/") &&
        name !== "lib/native.ts" &&
        linesOf(name).some((line) => /from "node-gyp-build"/.test(line)),
    );
    expect(wrong).toEqual([]);
  });
});

describe("sizes", () => {
  it(`of files stay below ${longestFile} lines`, () => {
    const long = code.map((name) => [name, linesOf(name).length] as const).filter(([, lines]) => lines > longestFile);
    expect(long).toEqual([]);
  });

  it(`of C++ functions stay below ${longestFunction} lines`, () => {
    const lengths = code.filter((name) => /\.(h|cc)$/.test(name)).flatMap(functionLengths);
    expect(lengths.length).toBeGreaterThan(200);
    expect(lengths.filter(([, lines]) => lines > longestFunction)).toEqual([]);
  });
});

describe("every source file", () => {
  it("begins with its license and says in a sentence what it is for", () => {
    const wrong = code.filter((name) => {
      const [license, purpose] = linesOf(name);
      if (license?.startsWith("#!")) return false;
      if (!license?.includes("SPDX-License-Identifier: MIT")) return true;
      const tellsItself = name.endsWith(".cc") && linesOf(name).some((line) => line.includes(`${stem(name)}.h"`));
      return !purpose?.startsWith("//") && !tellsItself && !name.endsWith("_test.cc");
    });
    expect(wrong).toEqual([]);
  });

  it("leaves nothing to do for later", () => {
    const word = new RegExp(["TO", "DO|FIX", "ME|XX", "X"].join(""));
    expect(code.filter((name) => linesOf(name).some((line) => word.test(line)))).toEqual([]);
  });
});

const stem = (name: string): string => name.slice(name.lastIndexOf("/") + 1, name.lastIndexOf("."));

describe("generated files", () => {
  it("are what the native tables give", () => {
    expect(() =>
      execFileSync(process.execPath, ["binding/generate.cjs", "--check"], { cwd: checkout, stdio: "pipe" }),
    ).not.toThrow();
  });
});
