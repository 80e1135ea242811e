// SPDX-License-Identifier: MIT
// Every program in examples/ runs against the built package and prints what it promises.
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { checkout } from "../support/shared.js";

const folder = join(checkout, "examples");
const run = promisify(execFile);

// What each program prints, in order.
const promises: Record<string, RegExp> = {
  "replay.mjs":
    /^l1i: \d+ misses\nl1d: \d+ misses\nl2: \d+ misses\n\d+ walks read \d+ .*\n\d{4} minor and 0 major faults\n$/,
  "compare-tlbs.mjs":
    /^(l1d \d+x\d +\d+\.\d\d misses and +\d+\.\d\d cycles of translation per thousand accesses\n){5}$/,
  "lazy-file.mjs":
    /^246 pages in the file\njumping: 36 faults loaded 36 pages\nin order: 69 faults loaded 210 more\nevery byte equal: true; loaded once each: true\nuser-fault: 105; healthy: true\n$/,
  "write-barrier.mjs":
    /^(cycle \d: \d{3} stores of references, \d{1,2} of \d{3} pages scanned, \d{3,4} of 4096 objects survive\n){4}remembered sets equal full scans: true; dangling references: 0; values kept: true\nhealthy: true\n$/,
  "checkpoint.mjs":
    /^(checkpoint \d: \d{3,4} pages, \d+ in turn and \d+ before a store; equal to the moment it began: true\n){3}restored image equal: true; pages of swap used: true\nhealthy: true\n$/,
  "fault-handler.mjs": /^\{ store: 1, fetch: 1 \}\nERR_PAGEWALK_SEGV\nminor\n$/,
  "page-tables.mjs":
    /^0x\w+ is 0x600678 in a page of 4096 bytes\n(P\w+E 0x\w+ = 0x\w+ user, writable\n){3}PTE 0x\w+ = 0x\w+ user\na write: vector 14, error code 0b111\n$/,
  "policies.mjs": /^((exact|hardware) +(fifo|lru|sieve|clock) +(\d+) faults, in JavaScript \4\n){8}$/,
  "processes.mjs":
    /^parent: morning; child: evening; 1 page copied\nchild: write-to-read-only at \+3\nchild: eveting\nmunmap: EINVAL\nERR_PAGEWALK_OUT_OF_MEMORY; it ended with SIGKILL\n256 pages went to swap, 1 process was killed\nhealthy: true; 0 pages, 0 slots in use\n$/,
  "synthetic.mjs": /^([a-z-]+ +walks per access: \d\.\d{4} \(4 KiB\), \d\.\d{4} \(2 MiB\)\n){5}$/,
};

describe("examples", () => {
  it("are all listed here", () => {
    expect(
      readdirSync(folder)
        .filter((name) => name.endsWith("js"))
        .sort(),
    ).toEqual(Object.keys(promises).sort());
  });

  it.each(Object.entries(promises))("%s runs and prints what it promises", async (name, output) => {
    const { stdout, stderr } = await run(process.execPath, [join(folder, name)], { cwd: checkout });
    expect(stderr).toBe("");
    expect(stdout).toMatch(output);
  });
});
