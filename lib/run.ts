// SPDX-License-Identifier: MIT
// One run of a trace through a machine: on a native thread, or in slices on this one where handlers are asked.
import { setImmediate as nextTurn } from "node:timers/promises";
import { PagewalkError } from "./errors.js";
import type { FaultChain } from "./fault-handler.js";
import type { PolicyHost } from "./policy-host.js";
import {
  type NativeRun,
  type NativeRunOutcome,
  type NativeSlicedRun,
  type NativeThreadRun,
  RunState,
} from "./native-run.js";

/** How far a run is. */
export interface RunProgress {
  /** Share of the trace read, 0 to 1; null where its length is not known. */
  fraction: number | null;
  accesses: number;
  faults: number;
  /** Since the run began. */
  seconds: number;
}

/** What of JavaScript's a run asks; with any of it the run stays on this thread. */
export interface Hooks {
  faults: FaultChain;
  policy: PolicyHost | undefined;
}

export interface RunHooks {
  signal: AbortSignal | undefined;
  onProgress: ((progress: RunProgress) => void) | undefined;
}

/** The outcome of a run, and the error that ended it early if one did. */
export interface RunEnd {
  outcome: NativeRunOutcome;
  error: Error | undefined;
}

// At most so long on the JavaScript thread before it may do other things.
const sliceSeconds = 0.01;
const progressMilliseconds = 100;

/** Calls onProgress now and then. What it throws ends the run. */
class Reporter {
  failure: { error: unknown } | undefined;
  readonly #run: NativeThreadRun;
  readonly #hooks: RunHooks;
  readonly #start = performance.now();
  #last = performance.now();

  constructor(run: NativeThreadRun, hooks: RunHooks) {
    this.#run = run;
    this.#hooks = hooks;
  }

  report(): void {
    if (!this.#hooks.onProgress || this.failure) return;
    const { position, total, accesses, faults } = this.#run.progress();
    const fraction = total > 0 ? Math.min(1, position / total) : null;
    const seconds = (performance.now() - this.#start) / 1000;
    try {
      this.#hooks.onProgress({ fraction, accesses, faults, seconds });
    } catch (error) {
      this.failure = { error };
      this.#run.abort();
    }
  }

  reportIfDue(): void {
    if (performance.now() - this.#last < progressMilliseconds) return;
    this.#last = performance.now();
    this.report();
  }
}

async function runOnThread(run: NativeThreadRun, reporter: Reporter): Promise<void> {
  const timer = setInterval(() => reporter.report(), progressMilliseconds);
  timer.unref();
  try {
    await new Promise<void>((resolve) => run.start(resolve));
  } finally {
    clearInterval(timer);
  }
}

const aborted = (signal: AbortSignal): { promise: Promise<undefined>; stop: () => void } => {
  let stop = (): void => {};
  const promise = new Promise<undefined>((resolve) => {
    const listener = (): void => resolve(undefined);
    signal.addEventListener("abort", listener, { once: true });
    stop = () => signal.removeEventListener("abort", listener);
    if (signal.aborted) resolve(undefined);
  });
  return { promise, stop };
};

/** What the promise settles to, or nothing when the run is aborted before it does. */
export async function unlessAborted<T>(pending: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (!signal) return pending;
  const abort = aborted(signal);
  try {
    return await Promise.race([pending, abort.promise]);
  } finally {
    abort.stop();
  }
}

/** How a run goes on this thread, where JavaScript is asked. */
export interface Slices {
  /** Goes on for about so long; the state, or nothing when a handler has ended the run. */
  slice: (seconds: number) => number | undefined;
  /** Until a handler has answered that put it off. False: the run is over. */
  answered: (signal: AbortSignal | undefined) => Promise<boolean>;
}

async function runInSlices({ slice, answered }: Slices, reporter: Reporter, { signal }: RunHooks): Promise<void> {
  for (;;) {
    const state = slice(sliceSeconds);
    if (state === RunState.Pending) {
      if (!(await answered(signal))) return;
    } else if (state === RunState.Running) {
      reporter.reportIfDue();
      await nextTurn();
    } else {
      return;
    }
  }
}

function slicesOf(run: NativeRun, { faults, policy }: Hooks): Slices {
  return {
    slice: (seconds) => {
      faults.mayWait = true;
      const state = run.slice(seconds);
      faults.mayWait = false;
      return policy?.hasFailed ? undefined : state;
    },
    answered: async (signal) => {
      faults.mayWait = true; // a failure of the settled answer belongs to this run
      const answer = await unlessAborted(faults.takePending(), signal);
      if (answer === undefined || signal?.aborted) return false; // an answer nobody takes would meet the next fault
      run.resume(answer);
      return true;
    },
  };
}

// Whatever happens: the machine must be free again, which finish() does.
async function finished<Outcome extends NativeRunOutcome>(
  run: NativeThreadRun<Outcome>,
  reporter: Reporter,
  { signal }: RunHooks,
  work: () => Promise<void>,
): Promise<Outcome> {
  const abort = (): void => run.abort();
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted) abort();
  let outcome: Outcome;
  try {
    await work();
    reporter.report();
  } finally {
    signal?.removeEventListener("abort", abort);
    outcome = run.finish();
  }
  return outcome;
}

/** Runs to the end, an abort or an error; the machine is free afterwards. */
export async function drive(run: NativeRun, asked: Hooks, hooks: RunHooks): Promise<RunEnd> {
  const { faults, policy } = asked;
  const reporter = new Reporter(run, hooks);
  const work =
    faults.isEmpty && !policy
      ? (): Promise<void> => runOnThread(run, reporter)
      : (): Promise<void> => runInSlices(slicesOf(run, asked), reporter, hooks);
  let outcome: NativeRunOutcome;
  try {
    outcome = await finished(run, reporter, hooks, work);
  } finally {
    faults.mayWait = false;
  }
  const failures = [faults.takeFailure(), policy?.takeFailure()]; // taken even if another error goes before
  if (reporter.failure) throw reporter.failure.error;
  return { outcome, error: errorOf(outcome, failures[0] ?? failures[1], hooks.signal) };
}

/** The same for a run over processes: on a thread, or in slices where JavaScript is asked. */
export async function driveProcesses<Outcome extends NativeRunOutcome>(
  run: NativeSlicedRun<Outcome>,
  asked: (Slices & { takeFailure: () => Error | undefined }) | undefined,
  hooks: RunHooks,
): Promise<{ outcome: Outcome; error: Error | undefined }> {
  const reporter = new Reporter(run, hooks);
  const work = (): Promise<void> => (asked ? runInSlices(asked, reporter, hooks) : runOnThread(run, reporter));
  const outcome = await finished(run, reporter, hooks, work);
  const failure = asked?.takeFailure();
  if (reporter.failure) throw reporter.failure.error;
  return { outcome, error: errorOf(outcome, failure, hooks.signal) };
}

function errorOf(
  outcome: NativeRunOutcome,
  failure: Error | undefined,
  signal: AbortSignal | undefined,
): Error | undefined {
  if (outcome.state === RunState.Done && !failure) return undefined;
  if (outcome.aborted && signal?.aborted) {
    const message = `the run was aborted after ${outcome.accesses} accesses`;
    return new PagewalkError("ERR_PAGEWALK_ABORTED", message, { cause: signal.reason });
  }
  return failure ?? outcome.error;
}
