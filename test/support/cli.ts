// SPDX-License-Identifier: MIT
// Runs the built command line as a user would, and collects what it says.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "./shared.js";

const main = join(checkout, "dist", "cli", "main.js");

export interface Ran {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  /** What standard input holds; null leaves it open. */
  input?: Buffer | string | null;
  cwd?: string;
  /** Called once the process runs. */
  during?: (child: ChildProcess) => void;
}

const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString("utf8");

/** Runs `pagewalk` with these arguments; never throws for a bad exit. */
export function pagewalk(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  if (!existsSync(main)) throw new Error("the command line is not built: npm run build");
  const env = { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, CI: undefined, ...options.env };
  const child = spawn(process.execPath, [main, ...args], { env, cwd: options.cwd ?? checkout });
  child.stdin.on("error", () => undefined);
  if (options.input !== null) child.stdin.end(options.input ?? "");
  options.during?.(child);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve({ code, signal, stdout: text(out), stderr: text(err) });
    });
  });
}

export const tinyTrace = join(checkout, "test", "golden", "traces", "ls-tiny.lackey.zst");
export const demoTrace = join(checkout, "examples", "traces", "python.lackey.zst");
