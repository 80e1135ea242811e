// SPDX-License-Identifier: MIT
// The packed package as strangers get it: installed in empty folders without scripts and without a compiler, used on
// every Node that it promises, and refused clearly where its binary is broken or missing.
//   node test/pack/run.mjs [--from-source]      --from-source: also compiles the addon from the tarball (minutes)
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { checkBinaries, prebuilds } from "./binaries.mjs";
import { Consumer, checkout, pack } from "./consumer.mjs";
import { checkFigures, measure } from "./figures.mjs";
import { nodesHere } from "./nodes.mjs";
import { buildsFromTarball, compiles, explainsMissingBinaries, hasCommandLine, runs } from "./use.mjs";

// What the command that compiles needs, and what licenses ask for.
const required = ["CMakeLists.txt", "LICENSE", "native/layers.txt", "binding/addon.cc", "binding/fetch-sources.cjs"];

function checkContents(account) {
  const names = new Set(account.files.map((file) => file.path));
  const missing = [...required, "dist/NOTICES.txt"].filter((name) => !names.has(name));
  if (missing.length > 0) throw new Error(`the package lacks ${missing.join(", ")}`);
  const notices = fs.readFileSync(path.join(checkout, "dist", "NOTICES.txt"), "utf8");
  const unnamed = ["zstd", "zlib", "liblzma", "node-addon-api", "zod"].filter(
    (name) => !notices.includes(`\n${name} `),
  );
  if (unnamed.length > 0) throw new Error(`the notices do not name ${unnamed.join(", ")}: npm run prebuilds`);
  const { scripts = {} } = JSON.parse(fs.readFileSync(path.join(checkout, "package.json"), "utf8"));
  const hooks = ["preinstall", "install", "postinstall"].filter((name) => scripts[name]);
  if (hooks.length > 0) throw new Error(`the package runs scripts when it is installed: ${hooks.join(", ")}`);
}

function useOn(tarball, account, [major, node], isFirst) {
  const consumer = new Consumer(tarball, node);
  try {
    const compilers = ["cc", "gcc", "g++", "clang", "cl", "cmake"].filter((name) =>
      fs.existsSync(path.join(consumer.env.PATH, name)),
    );
    if (compilers.length > 0) throw new Error(`on the PATH of the install: ${compilers.join(", ")}`);
    runs(consumer);
    hasCommandLine(consumer);
    if (isFirst) {
      compiles(consumer);
      checkFigures(measure(consumer, account));
      explainsMissingBinaries(consumer);
      if (process.argv.includes("--from-source")) buildsFromTarball(consumer);
    }
    console.log(`packed package: works on Node ${consumer.version} (${major})`);
  } finally {
    consumer.close();
  }
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pagewalk-tarball-"));
try {
  checkBinaries(prebuilds());
  const { tarball, account } = pack(folder);
  checkContents(account);
  Object.entries(nodesHere()).forEach((entry, index) => useOn(tarball, account, entry, index === 0));
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
