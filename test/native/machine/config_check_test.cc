// SPDX-License-Identifier: MIT
#include <algorithm>
#include <variant>

#include "machine/machine.h"
#include "support/test.h"

namespace pw::test {
namespace {

using machine::Config;

PW_TEST(the_default_configuration_boots) {
  EXPECT(machine::check(Config()).empty());
  EXPECT(std::holds_alternative<std::unique_ptr<machine::Machine>>(machine::Machine::boot(Config())));
}

PW_TEST(boot_reports_every_violation_of_a_configuration) {
  Config config;
  config.memory_bytes = 4097;
  config.levels = 3;
  config.policy = "lur";
  config.structure_caches.pde = 1u << 30;
  config.tlb.tlbs = {{"l1d", 1, {}, {{65, 4, {}}}}};
  const auto booted = machine::Machine::boot(config);
  REQUIRE(std::holds_alternative<std::vector<Error>>(booted));
  const auto& errors = std::get<std::vector<Error>>(booted);
  EXPECT_EQ(errors.size(), 5);
  for (const char* part :
       {"65 entries in 4 ways", "psc.pde", "memory", "levels: expected 4 to 5, got 3", "lur"})
    EXPECT(std::ranges::any_of(
        errors, [&](const Error& error) { return error.message.find(part) != std::string::npos; }));
}

PW_TEST(memory_must_hold_one_page_of_the_size_that_is_mapped) {
  for (const PageSize size : {PageSize::Size2MiB, PageSize::Size1GiB}) {
    Config config;
    config.page_size = size;
    config.memory_bytes = bytes_of(size) - 4096;
    REQUIRE(machine::check(config).size() == 1);
    EXPECT_EQ(machine::check(config)[0].code, ErrorCode::InvalidConfig);
    config.memory_bytes = bytes_of(size);
    EXPECT(machine::check(config).empty());
  }
}

PW_TEST(memory_beyond_what_policies_index_is_refused) {
  Config config;
  config.memory_bytes = (1ull << 43) + 4096;
  REQUIRE(machine::check(config).size() == 1);
  EXPECT_EQ(machine::check(config)[0].code, ErrorCode::OutOfRange);
}

}  // namespace
}  // namespace pw::test
