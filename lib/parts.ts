// SPDX-License-Identifier: MIT
// Parts that are loaded at first use: an import does not wait for what a script may never need. The output of the TypeScript
// compiler has require(); tests, which run this folder as ES modules, have imports in its place (vitest.config.ts).

/** Configuration files. */
export const configPart = () => require("./config/load.js") as typeof import("./config/load.js");
/** Explained walks. */
export const explanationPart = () => require("./explanation.js") as typeof import("./explanation.js");
/** Options, with their defaults and presets. */
export const optionsPart = () => require("./options/resolve.js") as typeof import("./options/resolve.js");
/** Specifications of pictures. */
export const comparisonSpecPart = () =>
  require("./plot/comparison-spec.js") as typeof import("./plot/comparison-spec.js");
export const curveSpecPart = () => require("./plot/curve-spec.js") as typeof import("./plot/curve-spec.js");
/** Policies in JavaScript. */
export const policyHostPart = () => require("./policy-host.js") as typeof import("./policy-host.js");
/** Machines that run processes. */
export const processesPart = () => require("./processes.js") as typeof import("./processes.js");
