// SPDX-License-Identifier: MIT
// The report's sections about the processes of a trace with memory calls.
import type { ProgramsResult, ViolationRow } from "../programs.js";
import type { RunResult } from "../result.js";
import { count, decimal, type Section, words } from "./table.js";

type WithPrograms = RunResult & { programs: ProgramsResult };

const pageColumns = ["virtual", "anonymous", "file", "shared", "swapped", "tables", "vmas"] as const;

function processSection({ programs }: WithPrograms): Section {
  const rows = programs.processes.map(({ pid, accesses, state, endSignal, exitStatus, faults }) => {
    const end = endSignal > 0 ? `signal ${endSignal}` : `status ${exitStatus}`;
    const counts = [accesses, faults.minor, faults.major, faults.refused].map(count);
    return { name: `process ${pid}`, cells: [...counts, words(state === "ended" ? end : state)] };
  });
  return { title: "Processes", columns: ["accesses", "minor", "major", "refused", "end"], rows };
}

// Of processes that have not ended.
function pageSection({ programs }: WithPrograms): Section | undefined {
  const rows = programs.processes.flatMap(({ pid, memory }) =>
    memory ? [{ name: `process ${pid}`, cells: pageColumns.map((name) => count(memory[name])) }] : [],
  );
  return rows.length === 0 ? undefined : { title: "Pages at the end", columns: pageColumns, rows };
}

function reasonSection({ kernel }: WithPrograms): Section | undefined {
  const reasons = Object.entries(kernel!.faults.byReason).filter(([, faults]) => faults > 0);
  if (reasons.length === 0) return undefined;
  const cells = reasons.map(([, faults]) => count(faults));
  return { title: "Reasons", columns: reasons.map(([name]) => name), rows: [{ name: "page faults", cells }] };
}

function kernelSection({ kernel }: WithPrograms): Section {
  const { copyOnWrite, swap, zeroedPages, time } = kernel!;
  const columns = ["copied", "reused", "zeroed", "swapped out", "swapped in", "fault ms"];
  const counts = [copyOnWrite.copied, copyOnWrite.reused, zeroedPages, swap.out, swap.in].map(count);
  return { title: "Kernel", columns, rows: [{ name: "pages", cells: [...counts, decimal(time / 1e6, 3)] }] };
}

function callSection({ programs }: WithPrograms): Section {
  const calls = Object.entries(programs.events).filter(([, made]) => made > 0);
  const cells = [...calls.map(([, made]) => count(made)), count(programs.differing)];
  return { title: "Events", columns: [...calls.map(([name]) => name), "differing"], rows: [{ name: "trace", cells }] };
}

function leftOverSection({ programs }: WithPrograms): Section | undefined {
  const { refused, skipped, guessedRegions } = programs;
  if (refused + skipped + guessedRegions === 0) return undefined;
  const cells = [count(refused), count(skipped), count(guessedRegions)];
  return { title: "Not as recorded", columns: ["refused", "skipped", "guessed"], rows: [{ name: "accesses", cells }] };
}

/** Nothing for a run without processes. */
export function programSections(document: RunResult): Section[] {
  if (document.programs === undefined) return [];
  const whole = document as WithPrograms;
  const sections = [processSection(whole), pageSection(whole), reasonSection(whole), kernelSection(whole)];
  return [...sections, callSection(whole), leftOverSection(whole)].filter((section) => section !== undefined);
}

const violationRow = ({ pid, address, instructionPointer, kind, reason }: ViolationRow): Section["rows"][0] => ({
  name: address,
  cells: [words(String(pid)), words(kind), words(reason), words(instructionPointer)],
});

const mostRows = 100;

/** The latest violations, and what is to be said besides. */
export function violationReport({ programs }: RunResult): { list?: Section; text: string } {
  if (programs === undefined) return { text: "No violations: a trace without memory calls ends at its first one." };
  const { violations } = programs;
  if (violations.length === 0) return { text: "No violations." };
  const rows = violations.slice(-mostRows).map(violationRow);
  const list = { title: "Violations", columns: ["process", "access", "reason", "instruction"], rows };
  const left = violations.length - rows.length;
  return { list, text: left > 0 ? `${left.toLocaleString("en-US")} before these are in the document of --json.` : "" };
}
