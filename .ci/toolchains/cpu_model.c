// SPDX-License-Identifier: MIT
// What compilers ask for a processor's features, which Zig's runtime library lacks: a processor with none, so that
// binaries made with it take the paths that every processor has.
struct CpuModel {
  unsigned vendor, type, subtype, features[1];
};

__attribute__((visibility("hidden"))) struct CpuModel __cpu_model = {0, 0, 0, {0}};
__attribute__((visibility("hidden"))) int __cpu_indicator_init(void) { return 0; }
