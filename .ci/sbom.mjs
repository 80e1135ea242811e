// SPDX-License-Identifier: MIT
// The bill of materials (CycloneDX) of the published package: its dependencies as npm knows them, and what it carries:
// bundled packages, and the libraries that are compiled into the binaries.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { libraries } = createRequire(import.meta.url)("../binding/fetch-sources.cjs");

const licenseOf = (license) =>
  /^[\w.+-]+$/.test(license) ? [{ license: { id: license } }] : [{ license: { name: license } }];

function bundledComponents() {
  const list = path.join(root, "build", "bundled.json");
  return JSON.parse(fs.readFileSync(list, "utf8")).map(({ name, version, license }) => ({
    type: "library",
    name,
    version,
    purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    licenses: licenseOf(license),
    properties: [{ name: "pagewalk:carried", value: "bundled" }],
  }));
}

const compiledComponents = () =>
  Object.values(libraries).map(({ title, license }) => {
    const [name, version] = title.split(" ");
    const properties = [{ name: "pagewalk:carried", value: "compiled into the binaries" }];
    return {
      type: "library",
      name,
      version,
      purl: `pkg:generic/${name}@${version}`,
      licenses: licenseOf(license),
      properties,
    };
  });

/** The document, as an object. */
export function sbom() {
  const text = execFileSync(
    "npm",
    ["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "library", "--omit", "dev", "--package-lock-only"],
    { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
  );
  const document = JSON.parse(text);
  document.components.push(...bundledComponents(), ...compiledComponents());
  return document;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(sbom(), null, 2));
