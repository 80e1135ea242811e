// SPDX-License-Identifier: MIT
// A stranger's folder: the packed package installed without its scripts, on a PATH with Node and npm and nothing else.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const checkout = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const npmCli = fs.realpathSync(path.join(path.dirname(process.execPath), "npm"));

/** Packs the checkout into the folder; gives the tarball's path and npm's account of it. */
export function pack(folder) {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const text = execFileSync(process.execPath, [npmCli, ...args], { cwd: checkout, encoding: "utf8" });
  const [account] = JSON.parse(text);
  return { tarball: path.join(folder, account.filename), account };
}

// Node, npm, npx and the shell that npm needs.
function makePath(folder, node) {
  const bin = path.join(folder, "bin");
  fs.mkdirSync(bin);
  const programs = {
    node,
    npm: npmCli,
    npx: path.join(path.dirname(npmCli), "npx-cli.js"),
    sh: "/bin/sh",
    env: "/usr/bin/env",
  };
  for (const [name, target] of Object.entries(programs)) fs.symlinkSync(target, path.join(bin, name));
  return bin;
}

// What npm hands to its scripts names the checkout; of that only the registry is wanted here.
const withoutNpm = (env) =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^npm_/i.test(name) || /^npm_config_registry$/i.test(name)),
  );

/** An empty folder with the tarball installed, for one Node. `close` removes it. */
export class Consumer {
  constructor(tarball, node = process.execPath) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "pagewalk-pack-"));
    this.node = node;
    this.env = { ...withoutNpm(process.env), PATH: makePath(this.folder, node) };
    this.project = path.join(this.folder, "project");
    fs.mkdirSync(this.project);
    this.write("package.json", "{}\n");
    this.run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", tarball]);
  }

  /** A program of this folder's PATH; throws with its output when it fails. */
  run(program, args, env = {}) {
    const { status, stdout, stderr, error } = this.tryRun(program, args, env);
    if (status === 0) return stdout;
    const why = error?.message ?? `exit code ${status}`;
    throw new Error(`${program} ${args.join(" ")} on Node ${this.version}: ${why}\n${stdout}${stderr}`);
  }

  tryRun(program, args, env = {}) {
    return spawnSync(path.join(this.env.PATH, program), args, {
      cwd: this.project,
      env: { ...this.env, ...env },
      encoding: "utf8",
    });
  }

  get version() {
    return execFileSync(this.node, ["-p", "process.versions.node"], { encoding: "utf8" }).trim();
  }

  write(name, text) {
    const file = path.join(this.project, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    return file;
  }

  /** A file of the installed package. */
  installed(...names) {
    return path.join(this.project, "node_modules", "pagewalk", ...names);
  }

  close() {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
