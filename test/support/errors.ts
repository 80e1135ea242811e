// SPDX-License-Identifier: MIT
// Catches what a call throws, so that a test can look at it.
export interface Coded extends Error {
  code: string;
  partial?: { partial?: boolean; trace: { records: number }; accesses: { total: number } };
}

/** The error that a function throws; a failure if it throws none. */
export function thrownBy(call: () => unknown): Coded {
  try {
    call();
  } catch (error) {
    return error as Coded;
  }
  throw new Error("expected an error, and none was thrown");
}

/** The error that a promise rejects with; a failure if it does not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<Coded> {
  try {
    await promise;
  } catch (error) {
    return error as Coded;
  }
  throw new Error("expected a rejection, and there was none");
}
