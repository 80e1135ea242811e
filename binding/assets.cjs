// SPDX-License-Identifier: MIT
// Puts the files of packages that the code reads as they are into dist/assets/: the font of pictures and the rasterizer.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const root = path.dirname(__dirname);
const folder = path.join(root, "dist", "assets");

const packageFile = (name, file) => path.join(root, "node_modules", name, file);

// Every range of characters that the web font comes in.
function webFonts() {
  const ranges = JSON.parse(fs.readFileSync(packageFile("@fontsource/inter", "unicode.json"), "utf8"));
  return Object.entries(ranges).map(([subset, range]) => ({ file: `inter-${subset}.woff2`, subset, range }));
}

/** Copies them; gives the paths that were copied, whose packages' licenses go along. */
function copyAssets() {
  const fonts = webFonts();
  const sources = {
    "inter.ttf": packageFile("@expo-google-fonts/inter", "400Regular/Inter_400Regular.ttf"),
    "resvg.wasm": packageFile("@resvg/resvg-wasm", "index_bg.wasm"),
    ...Object.fromEntries(
      fonts.map(({ file, subset }) => [
        file,
        packageFile("@fontsource/inter", `files/inter-${subset}-400-normal.woff2`),
      ]),
    ),
  };
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, source] of Object.entries(sources)) fs.copyFileSync(source, path.join(folder, name));
  const list = fonts.map(({ file, range }) => ({ file, range }));
  fs.writeFileSync(path.join(folder, "web-fonts.json"), JSON.stringify(list));
  return Object.values(sources);
}

module.exports = { copyAssets };
