// SPDX-License-Identifier: MIT
// pagewalk selftest: drives every part of a machine under continuous checks and says what held.
import { loadConfig } from "../../config/load.js";
import { jsonText } from "../../report/json.js";
import { runSelfTest, type SelfTestReport, type UsedMachine } from "../../selftest/index.js";
import { exitCodes } from "../exit.js";
import { listing } from "../listing.js";
import { type MachineFlags, machineOptions } from "../machine-flags.js";
import { print } from "../output.js";

type SelfTestFlags = MachineFlags & { config?: string; json?: boolean; verbose?: boolean };

// Times of the host are not the same twice, so documents are without them.
const documentOf = ({ machines, ...report }: SelfTestReport): object => ({
  schema: "pagewalk.selftest/1",
  ...report,
  machines: machines.map(({ boot, ...machine }) => ({
    ...machine,
    boot: boot.map(({ name, made }) => ({ name, made })),
  })),
});

function details({ use, boot, health }: UsedMachine): string {
  const steps = boot.map(({ name, made, hostMilliseconds }) => [name, `${hostMilliseconds.toFixed(3)} ms`, made]);
  const checks = health.checks.map(({ name, checked, unit, problems }) => [
    name,
    problems.length === 0 ? "ok" : "FAILED",
    `${unit}: ${checked}`,
  ]);
  return `Boot of ${titles[use]}\n${listing(steps)}\nHealth of it\n${listing(checks)}\n`;
}

const titles = { "one space": "a machine as one space", processes: "a machine that runs processes" };

function textOf(report: SelfTestReport, verbose: boolean): string {
  const rows = report.parts.map(({ name, ok, did }) => [name, ok ? "ok" : "FAILED", did]);
  const passed = report.parts.filter(({ ok }) => ok).length;
  const end = `${passed} of ${report.parts.length} parts passed; every invariant checked each ${report.validateEvery} faults\n`;
  return `${verbose ? `${report.machines.map(details).join("")}Parts\n` : ""}${listing(rows)}${end}`;
}

export async function selftest(flags: SelfTestFlags): Promise<void> {
  const given = machineOptions(flags);
  const config = flags.config === undefined ? undefined : loadConfig(flags.config, given);
  let report: SelfTestReport;
  try {
    report = runSelfTest(config?.options ?? given);
  } catch (error) {
    throw config?.located(error) ?? error;
  }
  await print(flags.json ? jsonText(documentOf(report)) : textOf(report, flags.verbose === true));
  if (!report.ok) process.exitCode = exitCodes.failed;
}
