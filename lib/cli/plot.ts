// SPDX-License-Identifier: MIT
// --plot FILE: writes a picture of a result beside what is printed.
import { writeFile } from "node:fs/promises";
import { PagewalkError, rangeError } from "../errors.js";
import { show } from "../options/problems.js";
import { type Drawable, toPng, toSvg, toVegaLite } from "../picture.js";

const forms: Record<string, (document: Drawable) => Promise<string | Uint8Array> | string> = {
  ".svg": toSvg,
  ".png": (document) => toPng(document),
  ".vl.json": (document) => `${JSON.stringify(toVegaLite(document), undefined, 1)}\n`,
};

const formOf = (path: string) => Object.entries(forms).find(([suffix]) => path.toLowerCase().endsWith(suffix))?.[1];

/** Throws unless the file's name says what picture it is; to be asked before the work begins. */
export function checkPlot(path: string | undefined): void {
  if (path === undefined || formOf(path)) return;
  const expected = `expected a file that ends in ${Object.keys(forms).join(", ")}`;
  throw rangeError("ERR_PAGEWALK_UNKNOWN_NAME", `--plot: ${expected}; got ${show(path)}`);
}

/** Draws the document into the file, if there is one. */
export async function writePlot(document: Drawable, path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const picture = await formOf(path)!(document);
  try {
    await writeFile(path, picture);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PagewalkError("ERR_PAGEWALK_WRITE_FAILED", `cannot write ${path}: ${why}`, { file: path, cause });
  }
}
