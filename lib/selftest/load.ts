// SPDX-License-Identifier: MIT
// The self-test as callers of the library see it: its parts are loaded when it runs.
import type { MachineOptions } from "../options/types.js";
import type { SelfTestReport } from "./index.js";

/**
 * Tests this build on machines of a configuration. Rejects only where the configuration itself is wrong; what fails is
 * in the report. Parts that need memory to run out take 4 MiB.
 */
export async function selfTest(options: MachineOptions = {}): Promise<SelfTestReport> {
  const { runSelfTest } = await import("./index.js");
  return runSelfTest(options);
}
