// SPDX-License-Identifier: MIT
// What an install costs: bytes, packages, and the time to load and to print the help, as the smallest of many runs. Times
// are those of the processor, which other work on the machine changes little; what the clock says is printed beside them.
//   node test/pack/figures.mjs      packs the checkout, installs it and prints the figures
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Consumer, pack } from "./consumer.mjs";

/** What must hold; times in milliseconds. */
export const bounds = { tarballMB: 12, packages: 8, importMs: 30, helpMs: 150 };

const rounds = 15;

// Writes what the process took of the processor, in microseconds, when it ends.
const probe = `
process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  require("node:fs").writeFileSync(process.env.PAGEWALK_PROBE, String(user + system));
});
`;

// The smallest times of each command, in turns.
function smallest(consumer, commands) {
  const output = path.join(consumer.project, "probe.txt");
  const options = {
    cwd: consumer.project,
    env: { ...consumer.env, NODE_OPTIONS: `--require ${consumer.write("probe.cjs", probe)}`, PAGEWALK_PROBE: output },
    encoding: "utf8",
  };
  const times = commands.map(() => ({ processor: Infinity, clock: Infinity }));
  for (let round = 0; round < rounds; ++round) {
    commands.forEach(([program, ...args], index) => {
      const begin = performance.now();
      const { status, stderr } = spawnSync(program, args, options);
      const clock = performance.now() - begin;
      if (status !== 0) throw new Error(`${program} ${args.join(" ")} failed: ${stderr}`);
      const best = times[index];
      best.clock = Math.min(best.clock, clock);
      best.processor = Math.min(best.processor, Number(fs.readFileSync(output, "utf8")) / 1000);
    });
  }
  return times;
}

/** The figures of an installed package. */
export function measure(consumer, account) {
  consumer.write("nothing.mjs", "");
  consumer.write("import.mjs", 'import "pagewalk";');
  const [bare, loaded, help] = smallest(consumer, [
    [consumer.node, "nothing.mjs"],
    [consumer.node, "import.mjs"],
    [path.join(consumer.project, "node_modules", ".bin", "pagewalk"), "--help"],
  ]);
  const lock = JSON.parse(fs.readFileSync(path.join(consumer.project, "package-lock.json"), "utf8"));
  return {
    tarballMB: account.size / 1e6,
    unpackedMB: account.unpackedSize / 1e6,
    packages: Object.keys(lock.packages).filter((name) => name && name !== "node_modules/pagewalk").length,
    importMs: loaded.processor - bare.processor,
    helpMs: help.processor,
    bareMs: bare.processor,
    importClockMs: loaded.clock - bare.clock,
    helpClockMs: help.clock,
  };
}

/** Throws when a figure is out of bounds. */
export function checkFigures(figures) {
  for (const [name, value] of Object.entries(figures)) console.log(`${name}: ${Number(value.toFixed(2))}`);
  const wrong = Object.entries(bounds).filter(([name, bound]) => figures[name] > bound);
  if (wrong.length > 0)
    throw new Error(
      wrong.map(([name, bound]) => `${name} is ${figures[name].toFixed(1)}, at most ${bound}`).join("\n"),
    );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pagewalk-tarball-"));
  const { tarball, account } = pack(folder);
  const consumer = new Consumer(tarball);
  try {
    checkFigures(measure(consumer, account));
  } finally {
    consumer.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
