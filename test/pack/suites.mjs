// SPDX-License-Identifier: MIT
// The API's tests on the other Nodes that the package promises, with the prebuilt binary and no other.
import { spawnSync } from "node:child_process";
import { checkout } from "./consumer.mjs";
import { nodesHere } from "./nodes.mjs";

const suites = ["test/api", "test/stress", "test/regress"];

for (const [major, node] of Object.entries(nodesHere())) {
  if (node === process.execPath) continue;
  const { status, stdout, stderr } = spawnSync(
    node,
    ["node_modules/vitest/vitest.mjs", "run", "--reporter=dot", ...suites],
    { cwd: checkout, env: { ...process.env, PREBUILDS_ONLY: "1" }, encoding: "utf8", maxBuffer: 1 << 28 },
  );
  const [summary] = /^.*Tests .*$/m.exec(stdout ?? "") ?? [];
  if (status !== 0 || !summary) {
    console.error(`${stdout ?? ""}${stderr ?? ""}the tests fail on Node ${major}`);
    process.exitCode = 1;
  } else {
    console.log(`Node ${major}, prebuilt binary: ${summary.trim()}`);
  }
}
