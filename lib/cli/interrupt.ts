// SPDX-License-Identifier: MIT
// Ctrl-C: the first asks the work to end with what it has, the second ends the process.
import { exitCodes } from "./exit.js";

export interface Interrupt {
  signal: AbortSignal;
  /** Gives Ctrl-C its usual meaning back. */
  release: () => void;
}

export function abortOnInterrupt(): Interrupt {
  const controller = new AbortController();
  const onInterrupt = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
  };
  process.on("SIGINT", onInterrupt);
  return { signal: controller.signal, release: () => void process.off("SIGINT", onInterrupt) };
}
