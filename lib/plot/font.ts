// SPDX-License-Identifier: MIT
// The font of pictures: measures text before it is set, and goes into pictures, so that no text depends on what the
// viewer's system has. Inter, in the forms in which npm has it: one TrueType file, and web fonts by range of characters.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Font, parse } from "opentype.js";
import { fontFamily } from "./spec.js";

// Where the build puts them (binding/assets.cjs). Both lib/plot/ and dist/plot/ are two below the package's root.
const folder = join(dirname(dirname(__dirname)), "dist", "assets");

/** A file that the build has put beside the code. */
export const asset = (name: string): Buffer => readFileSync(join(folder, name));

let trueType: { bytes: Buffer; font: Font } | undefined;

function load(): { bytes: Buffer; font: Font } {
  if (trueType) return trueType;
  const bytes = asset("inter.ttf");
  const { buffer, byteOffset, byteLength } = bytes;
  trueType = { bytes, font: parse(buffer.slice(byteOffset, byteOffset + byteLength)) };
  return trueType;
}

export const trueTypeBytes = (): Uint8Array => load().bytes;

const widths = new Map<string, number>();

/** The width of a text in pixels. */
export function textWidth(text: string, pixels: number): number {
  const key = `${pixels} ${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  const width = load().font.getAdvanceWidth(text, pixels);
  if (widths.size < 10_000) widths.set(key, width);
  return width;
}

/** The text with a question mark for each character that the font lacks. */
export const drawable = (text: string): string =>
  text.replace(/[^\n\x20-\x7e]/gu, (character) => (load().font.charToGlyphIndex(character) === 0 ? "?" : character));

interface WebFont {
  file: string;
  /** As CSS writes it: "U+0000-00FF,U+0131". */
  range: string;
}

function holds(range: string, text: string): boolean {
  const spans = range.split(",").map((span) => {
    const [first, last] = span.replace("U+", "").split("-") as [string, string?];
    return [Number.parseInt(first, 16), Number.parseInt(last ?? first, 16)] as const;
  });
  return Array.from(text).some((character) => {
    const code = character.codePointAt(0)!;
    return spans.some(([first, last]) => code >= first && code <= last);
  });
}

/** CSS that embeds what a text needs of the font. */
export function embeddedFont(text: string): string {
  const fonts = JSON.parse(asset("web-fonts.json").toString()) as WebFont[];
  return fonts
    .filter(({ range }) => holds(range, text))
    .map(({ file, range }) => {
      const source = `url(data:font/woff2;base64,${asset(file).toString("base64")}) format("woff2")`;
      return `@font-face{font-family:"${fontFamily}";font-weight:400;src:${source};unicode-range:${range}}`;
    })
    .join("");
}
