// SPDX-License-Identifier: MIT
// One run of a trace through a machine: on a native thread, or in slices on this one where handlers are asked.
import { setImmediate as nextTurn } from "node:timers/promises";
import { PagewalkError } from "./errors.js";
import type { FaultChain } from "./fault-handler.js";
import type { PolicyHost } from "./policy-host.js";
import { type NativeRun, type NativeRunOutcome, type NativeThreadRun, RunState } from "./native.js";

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

// The handler's answer, or nothing when the run is aborted before it comes.
async function answerOrAbort(faults: FaultChain, signal: AbortSignal | undefined): Promise<number | undefined> {
  const pending = faults.takePending();
  if (!signal) return pending;
  const abort = aborted(signal);
  try {
    return await Promise.race([pending, abort.promise]);
  } finally {
    abort.stop();
  }
}

async function runInSlices(run: NativeRun, asked: Hooks, reporter: Reporter, hooks: RunHooks): Promise<void> {
  const { faults, policy } = asked;
  for (;;) {
    faults.mayWait = true;
    const state = run.slice(sliceSeconds);
    faults.mayWait = false;
    if (policy?.hasFailed) return;
    if (state === RunState.Pending) {
      faults.mayWait = true; // a failure of the settled answer belongs to this run
      const answer = await answerOrAbort(faults, hooks.signal);
      if (answer === undefined || hooks.signal?.aborted) return; // an answer nobody takes would meet the next fault
      run.resume(answer);
    } else if (state === RunState.Running) {
      reporter.reportIfDue();
      await nextTurn();
    } else {
      return;
    }
  }
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
      : (): Promise<void> => runInSlices(run, asked, reporter, hooks);
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

/** The same for a run that asks nothing of JavaScript's. */
export async function driveOnThread<Outcome extends NativeRunOutcome>(
  run: NativeThreadRun<Outcome>,
  hooks: RunHooks,
): Promise<{ outcome: Outcome; error: Error | undefined }> {
  const reporter = new Reporter(run, hooks);
  const outcome = await finished(run, reporter, hooks, () => runOnThread(run, reporter));
  if (reporter.failure) throw reporter.failure.error;
  return { outcome, error: errorOf(outcome, undefined, hooks.signal) };
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
