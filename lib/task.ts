// SPDX-License-Identifier: MIT
// Native work on a thread of its own, followed with a signal and a progress callback.
import { PagewalkError, typeError } from "./errors.js";
import type { NativeTask } from "./native.js";

/** How far a piece of work is. */
export interface TaskProgress {
  /** Share of the work done, 0 to 1; null where its extent is not known. */
  fraction: number | null;
  seconds: number;
}

export interface TaskHooks {
  /** Ends the work early: it rejects with ERR_PAGEWALK_ABORTED. */
  signal?: AbortSignal | undefined;
  /** Called about ten times a second. */
  onProgress?: ((progress: TaskProgress) => void) | undefined;
}

const progressMilliseconds = 100;

/** Throws unless the hooks are what they should be. */
export function checkHooks({ signal, onProgress }: TaskHooks): void {
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", "signal: expected an AbortSignal");
  if (onProgress !== undefined && typeof onProgress !== "function")
    throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", "onProgress: expected a function");
}

/** Waits for the task; `what` names it in the error of an abort. What onProgress throws ends it. */
export async function follow<T>(task: NativeTask<T>, what: string, { signal, onProgress }: TaskHooks): Promise<T> {
  const start = performance.now();
  let failure: { error: unknown } | undefined;
  const report = (): void => {
    const { position, total } = task.progress();
    const fraction = total > 0 ? Math.min(1, position / total) : null;
    try {
      onProgress?.({ fraction, seconds: (performance.now() - start) / 1000 });
    } catch (error) {
      failure ??= { error };
      task.cancel();
    }
  };
  const cancel = (): void => task.cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  if (signal?.aborted) cancel();
  const timer = setInterval(report, progressMilliseconds);
  timer.unref();
  try {
    return await task.promise;
  } catch (error) {
    if (failure) throw failure.error;
    if (!signal?.aborted) throw error;
    throw new PagewalkError("ERR_PAGEWALK_ABORTED", `the ${what} was aborted`, { cause: signal.reason });
  } finally {
    clearInterval(timer);
    signal?.removeEventListener("abort", cancel);
  }
}
