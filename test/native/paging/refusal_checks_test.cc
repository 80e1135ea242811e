// SPDX-License-Identifier: MIT
#include "paging/refusal_checks.h"

#include <tuple>

#include "support/test.h"

namespace pw::test {
namespace {

using namespace paging;

constexpr Entry page_of_bits(unsigned bits) {
  Entry page(flag::kPresent);
  if (bits & 1) page = page.with(flag::kWritable);
  if (bits & 2) page = page.with(flag::kUser);
  if (bits & 4) page = page.with(flag::kNoExecute);
  return Entry(page.bits() | static_cast<std::uint64_t>(bits >> 3 & 3) << kKeyShift);
}

// The keys 0 to 3 have every combination of AD and WD.
constexpr Control control_of_bits(unsigned bits) {
  return {.write_protect = (bits & 1) != 0,
          .no_execute = (bits & 2) != 0,
          .smep = (bits & 4) != 0,
          .smap = (bits & 8) != 0,
          .protection_keys_user = (bits & 16) != 0,
          .protection_keys_supervisor = (bits & 32) != 0,
          .pkru = 0b11'10'01'00,
          .pkrs = 0b00'01'10'11};
}

constexpr AccessType access_of_bits(unsigned bits) {
  return {static_cast<Operation>(bits >> 2), bits & 1 ? Privilege::User : Privilege::Supervisor,
          bits & 2 ? AlignmentCheck::Set : AlignmentCheck::Clear};
}

bool names(const std::vector<Check>& checks, Check check) {
  for (const Check one : checks)
    if (one == check) return true;
  return false;
}

PW_TEST(checks_are_named_exactly_where_an_access_is_refused) {
  for (unsigned page = 0; page < 32; ++page)
    for (unsigned control = 0; control < 64; ++control)
      for (unsigned access = 0; access < 12; ++access) {
        const auto [p, a, c] =
            std::tuple(page_of_bits(page), access_of_bits(access), control_of_bits(control));
        const std::uint32_t code = refusal(p, a, c);
        const std::vector<Check> checks = refusing_checks(p, a, c);
        EXPECT_EQ(checks.empty(), code == 0);
        const bool keyed = names(checks, Check::KeyAccess) || names(checks, Check::KeyWrite);
        EXPECT_EQ(keyed, (code & error_code::kProtectionKey) != 0);
      }
}

// What a check is about, granted: then it is no longer named, and the others stay as they were.
PW_TEST(a_check_goes_when_what_it_asks_for_is_granted) {
  const auto granted = [](Check check, Entry page, AccessType& access, Control& control) {
    switch (check) {
      case Check::UserSupervisor: return page.with(flag::kUser);
      case Check::ReadWrite: return page.with(flag::kWritable);
      case Check::NoExecute: return page.without(flag::kNoExecute);
      case Check::Smep: control.smep = false; break;
      case Check::Smap: access.ac = AlignmentCheck::Set; break;
      case Check::KeyAccess:
      case Check::KeyWrite: control.pkru = control.pkrs = 0; break;
    }
    return page;
  };
  for (unsigned page = 0; page < 8; ++page)
    for (unsigned control = 0; control < 16; ++control)
      for (unsigned access = 0; access < 12; ++access) {
        const Entry p = page_of_bits(page);
        for (const Check check : refusing_checks(p, access_of_bits(access), control_of_bits(control))) {
          AccessType a = access_of_bits(access);
          Control c = control_of_bits(control);
          std::vector<Check> rest = refusing_checks(p, a, c);
          std::erase(rest, check);
          EXPECT(refusing_checks(granted(check, p, a, c), a, c) == rest);
        }
      }
}

PW_TEST(checks_have_the_names_of_what_refuses) {
  const Entry user(flag::kPresent | flag::kUser);
  const Control control{.smep = true, .smap = true, .protection_keys_user = true, .pkru = 0b10'01'00};
  const auto first = [&](Entry page, AccessType access) {
    const std::vector<Check> checks = refusing_checks(page, access, control);
    return checks.empty() ? std::string_view() : name_of(checks.front());
  };
  const auto kernel = [](Operation operation) { return AccessType{operation, Privilege::Supervisor}; };
  EXPECT_EQ(first(Entry(flag::kPresent), {}), "user-supervisor");
  EXPECT_EQ(first(user, {Operation::Write}), "read-write");
  EXPECT_EQ(first(user.with(flag::kNoExecute), {Operation::Fetch}), "no-execute");
  EXPECT_EQ(first(user, kernel(Operation::Fetch)), "smep");
  EXPECT_EQ(first(user, kernel(Operation::Read)), "smap");
  EXPECT_EQ(first(user.with(1ull << kKeyShift), {}), "key-access-disable");
  EXPECT_EQ(first(user.with(flag::kWritable | 2ull << kKeyShift), {Operation::Write}), "key-write-disable");
}

}  // namespace
}  // namespace pw::test
