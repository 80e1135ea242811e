// SPDX-License-Identifier: MIT
// Runs every test of the checkout, C++ and TypeScript, and sums them up in one line.
//   node test/run.mjs [--native | --api] [--sanitize] [vitest arguments]
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const options = new Set(["--native", "--api", "--sanitize"]);
const given = process.argv.slice(2);
const asked = new Set(given.filter((argument) => options.has(argument)));
const vitestArguments = given.filter((argument) => !options.has(argument));

const nothing = { passed: 0, failed: 0, skipped: 0 };
const sum = (a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped });

function run(command, args, stdio = "inherit") {
  return spawnSync(command, args, { cwd: root, stdio, encoding: "utf8", maxBuffer: 1 << 28 });
}

// Shows a build's output only when it fails.
function runQuietly(title, command, args) {
  const { status, error, stdout, stderr } = run(command, args, "pipe");
  if (status === 0) return true;
  console.error(`${stdout ?? ""}${stderr ?? ""}${title} failed: ${error?.message ?? `exit code ${status}`}`);
  return false;
}

function buildNativeTests(folder, sanitize) {
  const generator = run("ninja", ["--version"], "pipe").status === 0 ? ["-G", "Ninja"] : [];
  const type = sanitize ? "RelWithDebInfo" : "Release";
  const configure = [`-DCMAKE_BUILD_TYPE=${type}`, "-DPAGEWALK_BUILD_TESTS=ON"];
  configure.push(`-DPAGEWALK_SANITIZE=${sanitize ? "address,undefined" : ""}`);
  // Compiles in half the time of the default, and traces still name lines.
  if (sanitize) configure.push("-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1 -DNDEBUG");
  const jobs = String(os.availableParallelism());
  return (
    runQuietly("configuring the C++ tests", "cmake", ["-S", ".", "-B", folder, ...generator, ...configure]) &&
    runQuietly("building the C++ tests", "cmake", ["--build", folder, "-j", jobs])
  );
}

// One executable: its own summary line, or one failure if it did not live to print it or ran nothing.
function runExecutable({ name, command }) {
  const { stdout, stderr, status } = run(command[0], command.slice(1), "pipe");
  const summary = /^native \S+: (\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(stdout ?? "");
  if (status !== 0) console.error(`${stdout ?? ""}${stderr ?? ""}`);
  else console.log(summary ? summary[0] : stdout);
  if (!summary) {
    console.error(`native ${name}: no summary, exit code ${status}: counted as one failure`);
    return { ...nothing, failed: 1 };
  }
  const [passed, failed, skipped] = summary.slice(1).map(Number);
  return { passed, failed: failed || (status === 0 ? 0 : 1), skipped };
}

function runNative(sanitize) {
  const folder = sanitize ? "build-native-tests-sanitized" : "build-native-tests";
  console.log(`C++ tests${sanitize ? " (address and undefined-behavior sanitizers)" : ""}: building in ${folder}/`);
  if (!buildNativeTests(folder, sanitize)) return { ...nothing, failed: 1 };
  const listing = run("ctest", ["--test-dir", folder, "--show-only=json-v1"], "pipe");
  const executables = JSON.parse(listing.stdout).tests;
  if (executables.length === 0) return { ...nothing, failed: 1 };
  return executables.map(runExecutable).reduce(sum, nothing);
}

// Files that failed without a failed test (they did not load, or died) count as one failure each.
function countVitest(report) {
  const died = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + died.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function runVitest() {
  if (run(process.execPath, ["binding/install.cjs"]).status !== 0) return { ...nothing, failed: 1 };
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pagewalk-test-"));
  const output = path.join(folder, "vitest.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${output}`];
  try {
    const { status } = run(process.execPath, [
      "node_modules/vitest/vitest.mjs",
      "run",
      ...reporters,
      ...vitestArguments,
    ]);
    const counts = countVitest(JSON.parse(fs.readFileSync(output, "utf8")));
    return status === 0 || counts.failed ? counts : { ...counts, failed: 1 };
  } catch (error) {
    console.error(`vitest left no report: ${error.message}`);
    return { ...nothing, failed: 1 };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

let total = nothing;
if (!asked.has("--api")) total = sum(total, runNative(asked.has("--sanitize")));
if (!asked.has("--native")) total = sum(total, runVitest());
const skipped = total.skipped ? `, ${total.skipped} skipped` : "";
console.log(`tests: ${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
