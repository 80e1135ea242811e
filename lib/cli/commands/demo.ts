// SPDX-License-Identifier: MIT
// pagewalk demo: the trace that ships with the package, on the default machine, and what to try next.
import { join, relative } from "node:path";
import { packageRoot } from "../../version.js";
import { print } from "../output.js";
import { type OutputFlags, rendered, replay } from "./run.js";

const file = join(packageRoot, "examples", "traces", "python.lackey.zst");

function shortest(path: string): string {
  const here = relative(process.cwd(), path);
  return here.startsWith("..") ? path : here;
}

function nextSteps(): string {
  const trace = shortest(file);
  const line = (flags: string, asks: string): string => `  ${asks}\n    pagewalk run ${trace} ${flags}`;
  return [
    "",
    "This was a window of CPython at work. Try next:",
    line("--cpu amd-zen4", "Another processor's TLBs:"),
    line("--page-size 2MiB", "The same program on huge pages:"),
    line("--resident-limit 25%", "Memory for a quarter of its pages, and page replacement:"),
    "",
  ].join("\n");
}

export async function demo(flags: OutputFlags): Promise<void> {
  const text = rendered(await replay(file, flags), flags);
  await print(text);
  if (!flags.json && !flags.csv) await print(nextSteps());
}
