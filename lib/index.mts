// SPDX-License-Identifier: MIT
// The entry of ES modules: the same objects as index.ts, never a second copy.
export * from "./index.js";
