// SPDX-License-Identifier: MIT
// Every command with its arguments and flags. Actions import their code on first use.
import { type Command, Option } from "commander";
import {
  addressNumber,
  numberBetween,
  realNumber,
  seedNumber,
  sizeInBytes,
  wholeNumber,
  wholeNumbers,
  wideAddress,
} from "./arguments.js";
import { optionTable } from "../options/table.js";

const choice = (flags: string, text: string, choices: readonly string[]): Option =>
  new Option(flags, text).choices([...choices]);

const standard = (name: keyof typeof optionTable): string => String(optionTable[name].standard);

/** Flags that describe the machine; their names are those of MachineOptions. */
function addMachineFlags(command: Command): Command {
  return command
    .option(
      "--cpu <preset>",
      `processor whose TLBs and costs to use (see: pagewalk presets; default: ${standard("cpu")})`,
    )
    .option("--tlb <spec>", "TLBs that differ, as entries x ways: l1i=128x8,l1d=64x4,l2=1536x12, or none")
    .option("--psc <spec>", "paging-structure caches that differ: pml4e=2,pdpte=4,pde=32, or none")
    .addOption(choice("--tlb-policy <name>", "way choice of the TLBs", ["lru", "fifo", "tree-plru", "random", "srrip"]))
    .option("--memory <size>", `physical memory, such as 4GiB (default: ${standard("memory")})`)
    .option("--resident-limit <limit>", "resident pages allowed: a number, a size, or 25% of the trace's pages")
    .option("--policy <name>", `page replacement (see: pagewalk policies; default: ${standard("policy")})`)
    .addOption(choice("--refs <which>", "references to simulate (default: all)", ["all", "data", "fetch"]))
    .addOption(choice("--modify <how>", "a modify is one access or two (default: once)", ["once", "twice"]))
    .addOption(choice("--crossing <how>", "pages that a crossing access touches (default: both)", ["both", "first"]))
    .option("--page-size <size>", `what demand paging maps: 4KiB, 2MiB or 1GiB (default: ${standard("pageSize")})`)
    .addOption(choice("--observe <how>", "what the policy sees (default: exact)", ["exact", "hardware"]))
    .addOption(choice("--psc-on-evict <how>", "structure-cache entries that an eviction drops", ["all", "none"]))
    .addOption(new Option("--levels <n>", "levels of page tables (default: 4)").choices(["4", "5"]))
    .option("--seed <n>", "source of every random choice (default: 0)", seedNumber)
    .option("--validate-every <n>", "faults between two checks of every invariant (default: none)", wholeNumber(0));
}

const vmaSources = ["recorded", "guess", "none"];

function addReplayFlags(command: Command): Command {
  return command
    .option("--warmup <n>", "selected accesses that are simulated first, uncounted", wholeNumber(0))
    .option("--limit <n>", "stop after this many trace lines", wholeNumber(1))
    .option("--format <name>", "format of the trace, instead of detecting it (see: pagewalk formats)")
    .addOption(choice("--on-error <how>", "a line that does not parse is skipped, or stops the run", ["skip", "stop"]))
    .addOption(
      choice("--vma <source>", "where mappings come from (default: recorded, if the trace has calls)", vmaSources),
    );
}

function addOutputFlags(command: Command): Command {
  return command
    .addOption(new Option("--json", "print one JSON document").conflicts("csv"))
    .option("--csv", "print a CSV header and one row")
    .option("--quiet", "no progress on stderr")
    .addOption(choice("--progress <form>", "progress on stderr as JSON lines", ["json"]).conflicts("quiet"))
    .option("--no-color", "no colors in the report");
}

// Flags of the commands that go over a trace's pages instead of running a machine.
function addStreamFlags(command: Command): Command {
  return command
    .addOption(choice("--refs <which>", "references to simulate (default: all)", ["all", "data", "fetch"]))
    .option("--limit <n>", "stop after this many trace lines", wholeNumber(1))
    .option("--format <name>", "format of the trace, instead of detecting it (see: pagewalk formats)")
    .addOption(choice("--on-error <how>", "a line that does not parse is skipped, or stops", ["skip", "stop"]))
    .option("--json", "print one JSON document")
    .option("--plot <file>", "also draw a picture: FILE.svg, FILE.png or FILE.vl.json (Vega-Lite)")
    .option("--quiet", "no progress on stderr")
    .addOption(choice("--progress <form>", "progress on stderr as JSON lines", ["json"]).conflicts("quiet"))
    .option("--no-color", "no colors in the report");
}

// And that simulate policies over them.
function addPageFlags(command: Command): Command {
  return addStreamFlags(command)
    .option("--seed <n>", "source of every random choice (default: 0)", seedNumber)
    .option("--threads <n>", "threads to simulate on (default: one a core)", wholeNumber(1));
}

function addAnalysisCommands(program: Command): void {
  const compare = program
    .command("compare")
    .description("Replays a trace's pages under several replacement policies at several sizes.")
    .argument("<trace>", "trace file, or - for standard input")
    .option("--policy <list>", "policies with their parameters: lru,clock:bits=2 (see: pagewalk policies)", "all")
    .option("--frames <list>", "frames: numbers, or shares of the trace's pages", "1%,5%,10%,25%,50%")
    .addOption(choice("--observe <how>", "what policies see (default: exact)", ["exact", "hardware"]));
  addPageFlags(compare).action(async (trace: string, flags) =>
    (await import("./commands/compare.js")).compare(trace, flags),
  );
  const mrc = program
    .command("mrc")
    .description("Draws up miss-ratio curves: how often policies miss at every size.")
    .argument("<trace>", "trace file, or - for standard input")
    .option("--policy <list>", "policies with their parameters: lru,clock:bits=2 (see: pagewalk policies)", "lru")
    .addOption(choice("--method <name>", "how to make them (default: exact)", ["exact", "shards", "miniature"]))
    .option(
      "--rate <share>",
      "of a method that samples: the share of the pages that it takes, such as 0.01",
      realNumber,
    )
    .addOption(
      new Option("--samples <n>", "instead: at most so many pages (default: 8192)")
        .argParser(wholeNumber(1))
        .conflicts("rate"),
    )
    .option("--frames <list>", "frames: numbers, shares of the trace's pages, or all for every size")
    .addOption(
      new Option("--points <n>", "so many sizes instead (default: 20 in a table, 200 elsewhere)")
        .argParser(wholeNumber(2))
        .conflicts("frames"),
    )
    .addOption(new Option("--csv", "print a CSV header and a row for each size").conflicts("json"));
  addPageFlags(mrc).action(async (trace: string, flags) => (await import("./commands/mrc.js")).mrc(trace, flags));
  const reuse = program
    .command("reuse")
    .description("Counts how a trace comes back to its pages: reuse times, reuse distances, working sets.")
    .argument("<trace>", "trace file, or - for standard input")
    .option("--bins <n>", "ranges for each power of two, 1 to 64 (default: 1)", numberBetween(1, 64))
    .option("--windows <list>", "working-set windows in references (default: as the ranges begin)", wholeNumbers(1))
    .addOption(new Option("--csv", "print a CSV header and a row for each range and window").conflicts("json"));
  addStreamFlags(reuse).action(async (trace: string, flags) =>
    (await import("./commands/reuse.js")).reuse(trace, flags),
  );
}

function addTraceCommands(program: Command): void {
  const trace = program.command("trace").description("Inspects, converts, records and generates traces.");
  trace
    .command("info")
    .description("Counts what a trace holds: references by kind, distinct pages, address range.")
    .argument("<file>", "trace file")
    .option("--format <name>", "format of the trace, instead of detecting it")
    .addOption(choice("--on-error <how>", "a line that does not parse is skipped, or stops", ["skip", "stop"]))
    .option("--json", "print one JSON document")
    .action(async (file: string, flags) => (await import("./commands/trace-info.js")).traceInfo(file, flags));
  trace
    .command("convert")
    .description("Writes a trace in the packed binary form, which replays fastest.")
    .argument("<in>", "trace file")
    .argument("<out>", "file to write")
    .option("--format <name>", "format of the trace, instead of detecting it")
    .addOption(choice("--on-error <how>", "a line that does not parse is skipped, or stops", ["skip", "stop"]))
    .addOption(new Option("--compress", "write the compressed variant: smaller, slower to read").conflicts("text"))
    .option("--text", "write text as valgrind's lackey prints it instead")
    .option("--limit <n>", "stop after this many trace lines", wholeNumber(1))
    .option("--quiet", "no progress on stderr")
    .action(async (from: string, to: string, flags) =>
      (await import("./commands/trace-convert.js")).traceConvert(from, to, flags),
    );
  trace
    .command("record")
    .description("Runs a program under valgrind and writes its accesses and memory calls as a trace.")
    .argument("<command...>", "program and its arguments, behind --")
    .option("-o, --output <file>", "file to write", "trace.pwt")
    .option("--children", "also record programs that the program executes")
    .option("--no-compress", "write the larger variant that is mapped into memory")
    .option("--quiet", "no summary on stderr")
    .action(async (command: string[], flags) =>
      (await import("./commands/trace-record.js")).traceRecord(command, flags),
    );
  trace
    .command("generate")
    .description("Writes a synthetic trace in the packed binary form.")
    .argument("<name>", "generator: sequential, strided, uniform, zipf, pointer-chase, gups or phases")
    .argument("<out>", "file to write")
    .option("--accesses <n>", "number of accesses", wholeNumber(1))
    .option("--bytes <size>", "memory that the accesses lie in, such as 64MiB", sizeInBytes)
    .option("--base <address>", "first byte of that memory", addressNumber)
    .option("--stores <share>", "share of stores, 0 to 1", realNumber)
    .option("--stride <bytes>", "distance of one access from the next (strided)", wholeNumber(1))
    .option("--exponent <s>", "exponent of the distribution (zipf)", realNumber)
    .option("--phase <n>", "accesses of one phase (phases)", wholeNumber(1))
    .option("--seed <n>", "source of every random choice (default: 0)", seedNumber)
    .option("--compress", "write the compressed variant: smaller, slower to read")
    .action(async (name: string, out: string, flags) =>
      (await import("./commands/trace-generate.js")).traceGenerate(name, out, flags),
    );
}

/** Where page tables come from. */
function addStateFlags(command: Command): Command {
  return command
    .addOption(
      new Option("--state <file>", "saved state, - for standard input (see: pagewalk run --save-state)").conflicts(
        "vectors",
      ),
    )
    .addOption(new Option("--vectors <file>", "cases of paging as JSON lines, plain or gzip").conflicts("state"))
    .option("--case <id>", "which case of the vectors")
    .option("--step <n>", "before which step of the case (default: its last access)", wholeNumber(0))
    .option("--json", "print one JSON document")
    .option("--no-color", "no colors");
}

function addTableCommands(program: Command): void {
  const explain = program
    .command("explain")
    .description("Shows the page walk for an address: entries, rights, where it stops and why.")
    .argument("[address]", "virtual address; with --vectors by default the case's", wideAddress)
    .addOption(choice("--access <how>", "kind of access (default: read, or the case's)", ["read", "write", "fetch"]))
    .option("--cpl <n>", "privilege level, 3 is user mode (default: 3, or the case's)", numberBetween(0, 3))
    .option("--size <n>", "bytes, 1 to 64 (default: 1, or the case's)", numberBetween(1, 64))
    .option("--ac", "with EFLAGS.AC set, which lifts SMAP");
  addStateFlags(explain).action(async (address: bigint | undefined, flags) =>
    (await import("./commands/explain.js")).explain(address, flags),
  );
  const tables = program
    .command("tables")
    .description("Dumps page tables: ranges of adjacent pages with one size and one set of rights.")
    .option("--tree", "a line for every table, before what it maps")
    .option("--physical", "end a range where its frames are not contiguous");
  addStateFlags(tables).action(async (flags) => (await import("./commands/tables.js")).tables(flags));
}

function addListCommands(program: Command): void {
  const json = ["--json", "print one JSON document"] as const;
  program
    .command("policies")
    .description("Lists the page replacement policies and their parameters.")
    .option(...json)
    .action(async (flags) => (await import("./commands/policies.js")).policies(flags));
  program
    .command("presets")
    .description("Lists the processors that --cpu knows; with a name, its TLBs, costs and their sources.")
    .argument("[name]", "preset to show in full")
    .option(...json)
    .action(async (name: string | undefined, flags) => (await import("./commands/presets.js")).presets(name, flags));
  program
    .command("formats")
    .description("Lists the trace formats and compressions that this build reads.")
    .option(...json)
    .action(async (flags) => (await import("./commands/formats.js")).formats(flags));
}

function addConfigCommands(program: Command): void {
  const config = program.command("config").description("Writes, checks and shows configuration files of machines.");
  config
    .command("init")
    .description("Writes a commented file with every option and its default.")
    .argument("[file]", "file to write; standard output without one")
    .option("--force", "write over a file that exists")
    .action(async (file: string | undefined, flags) => (await import("./commands/config.js")).init(file, flags));
  config
    .command("check")
    .description("Boots a machine of each file, or names everything that is wrong with it.")
    .argument("<files...>", "YAML or JSON, - for standard input")
    .action(async (files: string[]) => (await import("./commands/config.js")).check(files));
  config
    .command("schema")
    .description("Prints the JSON Schema of configuration files.")
    .option("--markdown", "print the tables of the reference instead")
    .action(async (flags) => (await import("./commands/config.js")).schema(flags));
  const show = config
    .command("show")
    .description("Prints a configuration with every option resolved, and where each value came from.")
    .argument("[file]", "YAML or JSON; without one the defaults")
    .option("--json", "print one JSON document");
  addMachineFlags(show).action(async (file: string | undefined, flags) =>
    (await import("./commands/config.js")).show(file, flags),
  );
}

/** Adds every command. */
export function addCommands(program: Command): void {
  const run = program
    .command("run")
    .description("Replays a trace and reports what TLBs, page tables, faults and replacement did.")
    .argument("<trace>", "trace file, or - for standard input")
    .option("--config <file>", "YAML or JSON with the machine's options; flags stand before it")
    .option("--save-state <file>", "write memory and registers afterwards (see: pagewalk explain, tables)")
    .option("--violations", "also list the accesses that were refused");
  addOutputFlags(addReplayFlags(addMachineFlags(run))).action(async (trace: string, flags) =>
    (await import("./commands/run.js")).run(trace, flags),
  );
  addOutputFlags(program.command("demo").description("Replays the trace that ships with pagewalk.")).action(
    async (flags) => (await import("./commands/demo.js")).demo(flags),
  );
  addAnalysisCommands(program);
  addTraceCommands(program);
  addTableCommands(program);
  addListCommands(program);
  addConfigCommands(program);
  const selftest = program
    .command("selftest")
    .description("Drives every part of a machine under continuous checks of its invariants, and says what held.")
    .option("--config <file>", "YAML or JSON with the machine's options; flags stand before it")
    .option("--verbose", "also the steps of the boot and what the checks looked at")
    .option("--json", "print one JSON document");
  addMachineFlags(selftest).action(async (flags) => (await import("./commands/selftest.js")).selftest(flags));
  program
    .command("build-native")
    .description("Compiles the native addon from this package's sources, where no prebuilt binary fits.")
    .action(async () => (await import("./commands/build-native.js")).buildNative());
}
