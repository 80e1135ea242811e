#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// The command line: dispatch only. Each command's code is loaded when it runs, so that --help is quick.
import { Command, CommanderError } from "commander";
import { addCommands } from "./commands.js";
import { exitCodes, exitCodeOf, reportError } from "./exit.js";
import { endQuietlyOnBrokenPipe } from "./output.js";
import { version } from "../version.js";

function program(): Command {
  const command = new Command("pagewalk")
    .description("Replays memory traces through simulated TLBs, page tables, page faults and page replacement.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, "pagewalk:")) });
  addCommands(command);
  return command;
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    const command = program();
    if (argv.length <= 2) {
      command.outputHelp({ error: true });
      return exitCodes.usage;
    }
    await command.parseAsync([...argv]);
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    // Help and version end by an exception too; commander has printed what there is to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    reportError(error);
    return exitCodeOf(error);
  }
}

endQuietlyOnBrokenPipe();
void main(process.argv).then((code) => {
  process.exitCode = code;
});
