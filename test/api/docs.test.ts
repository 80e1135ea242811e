// SPDX-License-Identifier: MIT
// The hand-written pages name what exists: every error code, flag, preset, generator and command.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { errors, generators, presets } from "../../lib/native.js";
import { pagewalk } from "../support/cli.js";
import { checkout } from "../support/shared.js";

const page = (...parts: string[]): string => readFileSync(join(checkout, "docs", ...parts), "utf8");

describe("the documentation", () => {
  it("lists every error code with its class, and no other", () => {
    const rows = page("reference", "errors.md").matchAll(/^\| `ERR_PAGEWALK_([A-Z_]+)` \| (\w+) \|/gm);
    const listed = [...rows].map(([, name, type]) => `${name} ${type}`);
    // Thrown where there is no addon to ask for its catalogue.
    const known = [...errors().map(({ name, type }) => `${name} ${type}`), "NO_BINARY PagewalkError"];
    expect(listed.map((row) => row.replace("ERR_PAGEWALK_", "")).sort()).toEqual(
      known.map((row) => row.replace("ERR_PAGEWALK_", "")).sort(),
    );
  });

  it.each(["run", "explain", "tables"])("names every flag of %s", async (command) => {
    const { stdout } = await pagewalk([command, "--help"]);
    const flags = [...stdout.matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm)].map(([, flag]) => `--${flag}`);
    expect(flags.length).toBeGreaterThan(command === "run" ? 20 : 6);
    for (const flag of flags.filter((one) => one !== "--help"))
      expect(page("guide", "command-line.md")).toContain(flag);
  });

  it.each(["mrc", "reuse"])("names every flag of %s", async (command) => {
    const { stdout } = await pagewalk([command, "--help"]);
    const flags = [...stdout.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, flag]) => `--${flag}`);
    expect(flags.length).toBeGreaterThan(8);
    for (const flag of flags.filter((one) => one !== "--no-color")) expect(page("guide", "curves.md")).toContain(flag);
  });

  it("names every generator", () => {
    for (const { name } of generators()) expect(page("guide", "traces.md")).toContain(`| \`${name}\` |`);
  });

  it("has the default preset that the table begins with", () => {
    expect(page("guide", "command-line.md")).toContain(`\`${presets()[0]!.name}\``);
  });
});
