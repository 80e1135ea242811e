// SPDX-License-Identifier: MIT
// Records a program's accesses and memory calls: runs it under valgrind's lackey, whose log becomes a packed trace at once.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PagewalkError } from "./errors.js";
import { addon } from "./native.js";
import { follow, type TaskHooks } from "./task.js";
import type { TraceInfo } from "./trace.js";

export interface RecordOptions extends TaskHooks {
  /** The packed trace to write. */
  output: string;
  compress: boolean;
  /** Whether programs that the program executes are recorded too, and not only processes that it forks. */
  children: boolean;
}

/** How the program ended; and what was recorded, or why nothing was. */
export interface Recorded {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  info: TraceInfo | undefined;
  error: unknown;
}

const recorder = "valgrind";

function requireRecorder(): void {
  const asked = spawnSync(recorder, ["--version"], { stdio: "ignore" });
  if (asked.error === undefined && asked.status === 0) return;
  const text = `expected ${recorder} with its tool lackey, which records traces; on Debian and Ubuntu: apt install valgrind`;
  throw new PagewalkError("ERR_PAGEWALK_RECORDER_MISSING", text);
}

// The log is a FIFO with the number of the process, which the shell knows before it becomes valgrind.
const launch = 'mkfifo -m 600 "$0/$$" && exec "$@"';

function start(folder: string, command: readonly string[], children: boolean): ChildProcess {
  const flags = ["--tool=lackey", "--trace-mem=yes", "--trace-syscalls=yes", "--basic-counts=no", "--vgdb=no"];
  const log = `--log-file=${folder.replaceAll("%", "%%")}/%p`;
  const all = [recorder, ...flags, `--trace-children=${children ? "yes" : "no"}`, log, ...command];
  return spawn("sh", ["-c", launch, folder, ...all], { stdio: "inherit" });
}

const forwarded = ["SIGTERM", "SIGHUP"] as const;

// A terminal sends Ctrl-C to the program as well: what it does then is recorded. Other signals are passed on.
function passSignals(child: ChildProcess): () => void {
  const ignore = (): void => undefined;
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on("SIGINT", ignore);
  for (const signal of forwarded) process.on(signal, pass);
  return () => {
    process.off("SIGINT", ignore);
    for (const signal of forwarded) process.off(signal, pass);
  };
}

const ended = (child: ChildProcess): Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }> =>
  new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  });

/** Runs a program and writes what it did to `output`, which appears only once the program has ended. */
export async function record(command: readonly string[], options: RecordOptions): Promise<Recorded> {
  requireRecorder();
  const { output, compress, children } = options;
  const folder = await mkdtemp(join(tmpdir(), "pagewalk-record-"));
  try {
    const child = start(folder, command, children);
    const release = passSignals(child);
    const end = ended(child);
    const task = addon().recordTrace({ folder, pid: child.pid!, output, compress });
    const recorded = follow(task, "recording", options).then(
      (info) => ({ info: info as unknown as TraceInfo, error: undefined }),
      (error: unknown) => ({ info: undefined, error }),
    );
    const { exitCode, signal } = await end.finally(release);
    await writeFile(join(folder, "ended"), "");
    return { exitCode, signal, ...(await recorded) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
