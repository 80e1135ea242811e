// SPDX-License-Identifier: MIT
// pagewalk config: writes, checks and shows configuration files, and prints their schema.
import { existsSync, writeFileSync } from "node:fs";
import { configSchema } from "../../config/json-schema.js";
import { referenceText } from "../../config/reference.js";
import { type LoadedConfig, loadConfig } from "../../config/load.js";
import { shownObject, shownOptions, shownText } from "../../config/show.js";
import { configTemplate } from "../../config/template.js";
import { rangeError } from "../../errors.js";
import { Machine } from "../../machine.js";
import { jsonText } from "../../report/json.js";
import { exitCodeOf, exitCodes, reportError } from "../exit.js";
import { type MachineFlags, machineOptions } from "../machine-flags.js";
import { print } from "../output.js";

export async function init(file: string | undefined, flags: { force?: boolean }): Promise<void> {
  if (file === undefined) return print(configTemplate());
  if (existsSync(file) && !flags.force) {
    const text = `${file}: expected a file that does not exist yet; --force writes over it`;
    throw rangeError("ERR_PAGEWALK_INVALID_ARGUMENT", text);
  }
  writeFileSync(file, configTemplate());
  process.stderr.write(`pagewalk: wrote ${file}\n`);
}

// A machine boots, too, since a memory map may not hold what the options ask for.
function checkOne(file: string): LoadedConfig {
  const config = loadConfig(file);
  try {
    new Machine(config.options).close();
    return config;
  } catch (error) {
    throw config.located(error);
  }
}

export async function check(files: readonly string[]): Promise<void> {
  for (const file of files) {
    try {
      checkOne(file);
      await print(`${file}: a machine boots with it\n`);
    } catch (error) {
      reportError(error);
      process.exitCode = Math.max(Number(process.exitCode ?? exitCodes.ok), exitCodeOf(error));
    }
  }
}

export async function schema(flags: { markdown?: boolean }): Promise<void> {
  await print(flags.markdown ? referenceText() : jsonText(configSchema()));
}

const nothing: LoadedConfig = { options: {}, origin: () => undefined, located: (error) => error };

export async function show(file: string | undefined, flags: MachineFlags & { json?: boolean }): Promise<void> {
  const given = machineOptions(flags);
  const config: LoadedConfig =
    file === undefined
      ? { ...nothing, options: given, origin: (name) => (name in given ? "given" : undefined) }
      : loadConfig(file, given);
  try {
    const shown = shownOptions(config);
    await print(flags.json ? jsonText(shownObject(shown)) : shownText(shown));
  } catch (error) {
    throw config.located(error);
  }
}
