// SPDX-License-Identifier: MIT
// `trace info` of every golden trace equals the numbers that an independent program counted.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { pagewalk } from "../support/cli.js";
import { checkout, sharedPath } from "../support/shared.js";

// What the golden files hold besides counts: how the trace was recorded.
const provenance = ["name", "program", "description", "command", "window", "valgrind"];

interface Golden {
  name: string;
  counts: Record<string, unknown>;
  files: string[];
}

function goldenOf(json: string): Golden {
  const all = JSON.parse(readFileSync(json, "utf8")) as Record<string, unknown>;
  const counts = Object.fromEntries(Object.entries(all).filter(([key]) => !provenance.includes(key)));
  const name = basename(json, ".json");
  const files = ["", ".gz", ".xz", ".zst"].map((suffix) => join(dirname(json), `${name}.lackey${suffix}`));
  return { name, counts, files: files.filter((file) => existsSync(file)) };
}

function goldensIn(folder: string): Golden[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return names.map((name) => goldenOf(join(folder, name))).filter((golden) => golden.files.length > 0);
}

async function infoOf(file: string): Promise<unknown> {
  const { code, stdout, stderr } = await pagewalk(["trace", "info", file, "--json"]);
  if (code !== 0 || stderr !== "") throw new Error(`exit code ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

describe("trace info of the trace in the repository", () => {
  for (const { counts, files } of goldensIn(join(checkout, "test", "golden", "traces"))) {
    it.each(files.map((file) => [basename(file), file]))("%s equals its golden counts", async (_name, file) => {
      expect(await infoOf(file)).toMatchObject(counts);
    });
  }
});

const shared = sharedPath("traces");

describe.skipIf(!shared)("trace info of the shared traces", () => {
  for (const { counts, files } of shared ? goldensIn(shared) : []) {
    it.each(files.map((file) => [basename(file), file]))(
      "%s equals its golden counts",
      async (_name, file) => {
        expect(await infoOf(file)).toMatchObject(counts);
      },
      300_000,
    );
  }
});
