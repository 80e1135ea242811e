// SPDX-License-Identifier: MIT
// Standard output: results only, and no complaint when the reader has gone.
import pc from "picocolors";

/** `pagewalk run … | head` ends without a word: whoever closed the pipe has what they wanted. */
export function endQuietlyOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(0);
    });
  }
}

/** Writes results and waits until they are out, so that ending the process loses none. */
export function print(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}

/** Whether stdout gets colors: a terminal that wants them, or FORCE_COLOR; never with --no-color. */
export const wantsColor = (flag: boolean): boolean => flag && pc.isColorSupported && !process.env.NO_COLOR;

/** Whether stdout gets aligned tables. */
export const isTerminal = (): boolean => process.stdout.isTTY;

/** Columns of the terminal behind stdout. */
export const terminalWidth = (): number => process.stdout.columns ?? 80;
