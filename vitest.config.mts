// SPDX-License-Identifier: MIT
// Tests run against lib/ directly; one process a file, so that a crash in native code ends one file's process.
import { defineConfig } from "vitest/config";

// lib/parts.ts has require() of its neighbors, which the compiler's output has and ES modules have not.
const partsAsImports = {
  name: "parts-as-imports",
  transform(code: string, id: string): string | undefined {
    if (!id.endsWith("/lib/parts.ts")) return undefined;
    const imports: string[] = [];
    const body = code.replaceAll(/require\((".*?")\)/g, (_, path: string) => {
      imports.push(`import * as part${imports.length} from ${path};`);
      return `part${imports.length - 1}`;
    });
    return `${imports.join("")}${body}`;
  },
};

export default defineConfig({
  plugins: [partsAsImports],
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
