// SPDX-License-Identifier: MIT
// The fuzz target of libFuzzer: an MMU on any bytes (mmu_program.h). Builds with Clang:
//   cmake -S . -B build-fuzz -DCMAKE_CXX_COMPILER=clang++ -DPAGEWALK_BUILD_FUZZ=ON
//   cmake --build build-fuzz --target mmu_fuzz && build-fuzz/test/fuzz/mmu_fuzz -runs=1000000
#include "mmu_program.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static pw::phys::PhysicalMemory memory(pw::fuzz::kFuzzMemory);
  pw::fuzz::MmuProgram(memory, {data, size}).run();
  return 0;
}
