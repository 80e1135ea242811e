// SPDX-License-Identifier: MIT
// A short run of the fuzz target's programs on seeded random bytes, so that it runs with every compiler
// and, in CI, under its sanitizers.
#include <vector>

#include "../../fuzz/mmu_program.h"
#include "base/rng.h"
#include "support/test.h"

namespace pw::test {
namespace {

PW_TEST(an_mmu_that_caches_agrees_with_one_that_does_not_on_random_programs) {
  phys::PhysicalMemory memory(fuzz::kFuzzMemory);
  Rng rng(1);
  std::uint64_t completed = 0, refused = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::vector<std::uint8_t> bytes(rng.below(400));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(256));
    fuzz::MmuProgram program(memory, bytes);
    program.run();
    completed += program.completed;
    refused += program.refused;
  }
  EXPECT(completed > 5'000);  // else the programs would prove little
  EXPECT(refused > completed);
}

}  // namespace
}  // namespace pw::test
