// SPDX-License-Identifier: MIT
// pagewalk demo: the trace that ships with the package, on the default machine, and what to try next.
import { join, relative } from "node:path";
import { packageRoot } from "../version.js";
import { print } from "../output.js";
import { type OutputFlags, rendered, replay } from "./run.js";

const file = join(packageRoot, "examples", "traces", "python.lackey.zst");

function shortest(path: string): string {
  const here = relative(process.cwd(), path);
  return here.startsWith("..") ? path : here;
}

function nextSteps(): string {
  const trace = shortest(file);
  return [
    "",
    "This was a window of CPython at work. Try next:",
    `  pagewalk run ${trace} --cpu amd-zen4                another processor's TLBs`,
    `  pagewalk run ${trace} --page-size 2MiB              the same program on huge pages`,
    `  pagewalk run ${trace} --resident-limit 25%          memory too small for it, and page replacement`,
    "",
  ].join("\n");
}

export async function demo(flags: OutputFlags): Promise<void> {
  const text = rendered(await replay(file, flags), flags);
  await print(text);
  if (!flags.json && !flags.csv) await print(nextSteps());
}
