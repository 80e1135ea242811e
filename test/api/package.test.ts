// SPDX-License-Identifier: MIT
// The built package: ES modules and CommonJS give the same classes, and a missing binary is explained.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { checkout } from "../support/shared.js";

const node = (source: string, env: NodeJS.ProcessEnv = {}) =>
  promisify(execFile)(process.execPath, ["-e", source], { cwd: checkout, env: { ...process.env, ...env } });

describe("the package", () => {
  it("gives import and require the same classes", async () => {
    const { stdout } = await node(
      `const required = require("pagewalk");
       import("pagewalk").then((imported) => {
         const names = Object.keys(required);
         console.log(names.length > 5 && names.every((name) => imported[name] === required[name]));
       });`,
    );
    expect(stdout.trim()).toBe("true");
  });

  it("exports nothing besides what is public", async () => {
    const { stdout } = await node(`console.log(Object.keys(require("pagewalk")).sort().join(" "))`);
    expect(stdout.trim().split(" ")).toEqual(
      [
        "BitmapFrameAllocator",
        "Machine",
        "MachineState",
        "Mapper",
        "Mmu",
        "MmuGroup",
        "NestedMmu",
        "PagewalkError",
        "PhysicalMemory",
        "PolicySimulation",
        "Tlb",
        "Trace",
        "build",
        "errors",
        "formats",
        "generators",
        "policies",
        "presets",
        "selfTest",
        "statsDelta",
        "toPng",
        "toSvg",
        "toVegaLite",
      ].sort(),
    );
  });

  it("names the platform and the one command when no binary loads", async () => {
    const { stdout } = await node(
      `const { Machine } = require("pagewalk");
       try { new Machine(); } catch (error) { console.log(error.name, error.code, error.message); }`,
      { PAGEWALK_PREBUILD: "/nowhere", PREBUILDS_ONLY: "1" },
    );
    expect(stdout).toContain("PagewalkError ERR_PAGEWALK_NO_BINARY");
    expect(stdout).toContain(`${process.platform}-${process.arch}`);
    expect(stdout).toContain("npx pagewalk build-native");
  });

  it("reads no file and loads no binary before it is used", async () => {
    const { stderr } = await node(`require("pagewalk")`, { PAGEWALK_PREBUILD: "/nowhere", PREBUILDS_ONLY: "1" });
    expect(stderr).toBe("");
  });
});
