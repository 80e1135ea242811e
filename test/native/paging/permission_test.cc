// SPDX-License-Identifier: MIT
#include "paging/permission.h"

#include "support/test.h"

namespace pw::test {
namespace {

using namespace paging;

constexpr AlignmentCheck kAc = AlignmentCheck::Set;
constexpr Operation kOperations[] = {Operation::Read, Operation::Write, Operation::Fetch};
constexpr Entry kKernelPage{flag::kPresent | flag::kWritable};
constexpr Entry kUserPage = kKernelPage.with(flag::kUser);

constexpr AccessType user(Operation operation) { return {operation, Privilege::User}; }
constexpr AccessType kernel(Operation operation, AlignmentCheck ac = AlignmentCheck::Clear) {
  return {operation, Privilege::Supervisor, ac};
}
constexpr bool allows(Entry page, AccessType access, const Control& control = {}) {
  return refusal(page, access, control) == 0;
}
constexpr Entry with_key(Entry page, unsigned key) {
  return Entry(page.bits() | static_cast<std::uint64_t>(key) << kKeyShift);
}

PW_TEST(user_mode_needs_the_user_bit_and_for_writes_the_writable_bit_whatever_wp_says) {
  for (const bool wp : {false, true}) {
    const Control control{.write_protect = wp};
    for (const Operation operation : kOperations) {
      EXPECT(allows(kUserPage, user(operation), control));
      EXPECT(!allows(kKernelPage, user(operation), control));
    }
    EXPECT(allows(kUserPage.without(flag::kWritable), user(Operation::Read), control));
    EXPECT(!allows(kUserPage.without(flag::kWritable), user(Operation::Write), control));
  }
}

PW_TEST(supervisors_write_read_only_pages_unless_wp_is_set) {
  for (const Entry page : {kUserPage, kKernelPage}) {
    const Entry read_only = page.without(flag::kWritable);
    EXPECT(!allows(read_only, kernel(Operation::Write)));
    EXPECT(allows(read_only, kernel(Operation::Write), Control{.write_protect = false}));
    EXPECT(allows(read_only, kernel(Operation::Read)));
    EXPECT(allows(page, kernel(Operation::Write)));
  }
}

PW_TEST(smep_keeps_supervisors_from_executing_user_pages_alone) {
  const Control control{.smep = true};
  EXPECT(!allows(kUserPage, kernel(Operation::Fetch, kAc), control));
  EXPECT(allows(kUserPage, kernel(Operation::Read), control));
  EXPECT(allows(kKernelPage, kernel(Operation::Fetch), control));
  EXPECT(allows(kUserPage, user(Operation::Fetch), control));
}

PW_TEST(smap_keeps_supervisors_from_the_data_of_user_pages_while_ac_is_clear) {
  const Control control{.smap = true};
  for (const Operation operation : {Operation::Read, Operation::Write}) {
    EXPECT(!allows(kUserPage, kernel(operation), control));
    EXPECT(allows(kUserPage, kernel(operation, kAc), control));
    EXPECT(allows(kKernelPage, kernel(operation), control));
    EXPECT(allows(kUserPage, user(operation), control));
  }
  EXPECT(allows(kUserPage, kernel(Operation::Fetch), control));
  EXPECT(!allows(kUserPage.without(flag::kWritable), kernel(Operation::Write, kAc), control));
}

PW_TEST(no_execute_refuses_fetches_of_both_modes_where_it_is_enabled) {
  const Entry page = kUserPage.with(flag::kNoExecute);
  EXPECT(!allows(page, user(Operation::Fetch)));
  EXPECT(!allows(page, kernel(Operation::Fetch)));
  EXPECT(allows(page, user(Operation::Write)));
  EXPECT(allows(page, user(Operation::Fetch), Control{.no_execute = false}));
}

PW_TEST(keys_of_user_pages_are_pkru_and_of_supervisor_pages_pkrs) {
  for (unsigned key = 0; key < 16; ++key) {
    const std::uint32_t disable = 1u << (2 * key);
    const Control users{.protection_keys_user = true, .pkru = disable, .pkrs = ~disable};
    const Control kernels{.protection_keys_supervisor = true, .pkru = ~disable, .pkrs = disable};
    EXPECT(!allows(with_key(kUserPage, key), user(Operation::Read), users));
    EXPECT(!allows(with_key(kUserPage, key), kernel(Operation::Read), users));
    EXPECT(allows(with_key(kUserPage, (key + 1) % 16), user(Operation::Read), users));
    EXPECT(allows(with_key(kKernelPage, key), kernel(Operation::Read), users));
    EXPECT(!allows(with_key(kKernelPage, key), kernel(Operation::Read), kernels));
    EXPECT(allows(with_key(kKernelPage, (key + 1) % 16), kernel(Operation::Read), kernels));
    EXPECT(allows(with_key(kUserPage, key), user(Operation::Read), kernels));
  }
}

PW_TEST(write_disable_refuses_writes_and_supervisors_only_under_wp) {
  for (const bool wp : {false, true}) {
    const Control control{.write_protect = wp,
                          .protection_keys_user = true,
                          .protection_keys_supervisor = true,
                          .pkru = 2,
                          .pkrs = 2};
    EXPECT(allows(kUserPage, user(Operation::Read), control));
    EXPECT(!allows(kUserPage, user(Operation::Write), control));
    EXPECT_EQ(allows(kUserPage, kernel(Operation::Write), control), !wp);
    EXPECT_EQ(allows(kKernelPage, kernel(Operation::Write), control), !wp);
    EXPECT(allows(kKernelPage, kernel(Operation::Read), control));
  }
}

PW_TEST(access_disable_refuses_all_data_accesses_and_no_fetch) {
  const Control control{.write_protect = false, .protection_keys_user = true, .pkru = 1};
  EXPECT(!allows(kUserPage, user(Operation::Read), control));
  EXPECT(!allows(kUserPage, kernel(Operation::Write), control));
  EXPECT(allows(kUserPage, user(Operation::Fetch), control));
}

PW_TEST(the_error_code_names_the_key_also_where_another_rule_refuses_as_well) {
  const Control control{.protection_keys_user = true, .pkru = 1};
  const std::uint32_t both = error_code::kPresent | error_code::kProtectionKey;
  EXPECT_EQ(refusal(kUserPage, user(Operation::Write), control), both);
  EXPECT_EQ(refusal(kUserPage.without(flag::kWritable), user(Operation::Write), control), both);
  EXPECT_EQ(refusal(kUserPage.without(flag::kWritable), user(Operation::Write), Control{}),
            error_code::kPresent);
}

PW_TEST(the_error_code_tells_a_fetch_only_where_no_execute_or_smep_is_enabled) {
  for (const bool nxe : {false, true})
    for (const bool smep : {false, true}) {
      const Control control{.no_execute = nxe, .smep = smep};
      EXPECT_EQ(error_code_of(user(Operation::Fetch), control),
                error_code::kUser | (nxe || smep ? error_code::kFetch : 0));
      EXPECT_EQ(error_code_of(kernel(Operation::Write), control), error_code::kWrite);
      EXPECT_EQ(error_code_of(kernel(Operation::Read), control), 0);
    }
}

PW_TEST(a_path_grants_what_every_entry_grants) {
  const auto after = [](std::initializer_list<std::uint64_t> path) {
    Entry upper(flag::kWritable | flag::kUser);
    for (const std::uint64_t bits : path) upper = along(upper, Entry(bits));
    return upper.bits() & kPathRights;
  };
  constexpr std::uint64_t kAll = flag::kWritable | flag::kUser;
  EXPECT_EQ(after({~flag::kNoExecute, kAll}), kAll);
  EXPECT_EQ(after({kAll, flag::kUser, kAll}), flag::kUser);
  EXPECT_EQ(after({flag::kWritable, flag::kUser}), 0);
  EXPECT_EQ(after({kAll, kAll | flag::kNoExecute, kAll}), kAll | flag::kNoExecute);
}

}  // namespace
}  // namespace pw::test
