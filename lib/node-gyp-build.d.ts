// SPDX-License-Identifier: MIT
// node-gyp-build ships no types.
declare module "node-gyp-build" {
  function load(packageRoot: string): unknown;
  export = load;
}
