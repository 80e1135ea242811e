// SPDX-License-Identifier: MIT
// Progress of a run on stderr: a bar on a terminal, a plain line every ten seconds elsewhere, JSON lines on
// request, or nothing.
import { SingleBar } from "cli-progress";

/** How far a piece of work is: a run, or a conversion, which has no faults to tell of. */
export interface Progress {
  fraction: number | null;
  seconds: number;
  accesses?: number;
  faults?: number;
}

export interface ProgressReporter {
  /** Needs no `this`. */
  update: (progress: Progress) => void;
  /** Removes what is in the way of the result. */
  end(): void;
}

export type ProgressForm = "bar" | "lines" | "json" | "none";

const lineInterval = 10_000;
const jsonInterval = 1_000;

/** What --quiet, --progress and the kind of stderr ask for. A CI log gets no bar. */
export function progressForm(flags: { quiet?: boolean; progress?: string }): ProgressForm {
  if (flags.quiet) return "none";
  if (flags.progress === "json") return "json";
  return process.stderr.isTTY && !process.env.CI ? "bar" : "lines";
}

interface Figures extends Progress {
  accessesPerSecond?: number;
  etaSeconds: number | null;
}

function figuresOf(progress: Progress): Figures {
  const { fraction, seconds, accesses } = progress;
  const etaSeconds = fraction ? (seconds / fraction) * (1 - fraction) : null;
  if (accesses === undefined) return { ...progress, etaSeconds };
  return { ...progress, accessesPerSecond: seconds > 0 ? accesses / seconds : 0, etaSeconds };
}

const million = (value: number): string => (value / 1e6).toFixed(1);

function plainLine({ fraction, accesses, accessesPerSecond, faults, etaSeconds }: Figures): string {
  const parts = [
    fraction === null ? undefined : `${(fraction * 100).toFixed(0)} %`,
    accesses === undefined ? undefined : `${million(accesses)} M references`,
    accessesPerSecond === undefined ? undefined : `${million(accessesPerSecond)} Mref/s`,
    faults === undefined ? undefined : `${faults.toLocaleString("en-US")} faults`,
    etaSeconds === null ? undefined : `ETA ${etaSeconds.toFixed(0)} s`,
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

// Calls `write` at most once in `interval` milliseconds, the first time after one interval.
function everySoOften(interval: number, write: (figures: Figures) => void): ProgressReporter {
  let last = Date.now();
  const update = (progress: Progress): void => {
    if (Date.now() - last < interval) return;
    last = Date.now();
    write(figuresOf(progress));
  };
  return { update, end: () => undefined };
}

function bar(): ProgressReporter {
  const single = new SingleBar({
    format: " {bar} {line}",
    barsize: 24,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    clearOnComplete: true,
    hideCursor: true,
    stream: process.stderr,
    // Ctrl-C is the run's to handle: it prints what was counted so far.
    gracefulExit: false,
  });
  single.start(1000, 0, { line: "" });
  return {
    update(progress) {
      const figures = figuresOf(progress);
      single.update(Math.round((figures.fraction ?? 0) * 1000), { line: plainLine(figures) });
    },
    end: () => single.stop(),
  };
}

export function progressReporter(form: ProgressForm): ProgressReporter {
  if (form === "bar") return bar();
  if (form === "lines") return everySoOften(lineInterval, (figures) => process.stderr.write(`${plainLine(figures)}\n`));
  if (form === "json") {
    return everySoOften(jsonInterval, (figures) => process.stderr.write(`${JSON.stringify(figures)}\n`));
  }
  return { update: () => undefined, end: () => undefined };
}
