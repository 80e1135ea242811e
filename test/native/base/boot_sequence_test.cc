// SPDX-License-Identifier: MIT
#include "base/boot_sequence.h"

#include <memory>

#include "support/test.h"

namespace pw::test {
namespace {

using Diary = std::vector<std::string>;

// A part that says when it is made and taken apart.
struct Part {
  Part(Diary& diary_of, std::string name_of) : diary(diary_of), name(std::move(name_of)) {
    diary.push_back("make " + name);
  }
  Part(const Part&) = delete;
  ~Part() { diary.push_back("undo " + name); }

  Diary& diary;
  std::string name;
};

struct House {
  House(Diary& diary, BootSequence& boot)
      : floor(boot.step(
            "floor", [&] { return Part(diary, "floor"); }, [this] { return floor.name; })),
        walls(boot.step(
            "walls", [&] { return Part(diary, "walls"); }, [] { return std::string("four"); })) {
    boot.begin("roof", [this] { return roof->name; });
    roof = std::make_unique<Part>(diary, "roof");
    if (diary.size() > 100) boot.fail({{ErrorCode::BootFailed, "too much was built"}});
    log = boot.finish();
  }

  Part floor;
  Part walls;
  std::unique_ptr<Part> roof;
  BootLog log;
};

PW_TEST(steps_are_made_in_order_and_say_what_they_made) {
  Diary diary;
  {
    BootSequence boot;
    const House house(diary, boot);
    REQUIRE(house.log.size() == 3);
    EXPECT_EQ(house.log[0].name, "floor");
    EXPECT_EQ(house.log[0].made, "floor");
    EXPECT_EQ(house.log[1].made, "four");
    EXPECT_EQ(house.log[2].made, "roof");
  }
  EXPECT(diary == Diary({"make floor", "make walls", "make roof", "undo roof", "undo walls", "undo floor"}));
}

PW_TEST(a_step_that_fails_undoes_those_before_it_in_reverse_order) {
  const std::vector<std::pair<const char*, Diary>> cases = {
      {"floor", {}},
      {"walls", {"make floor", "undo floor"}},
      {"roof", {"make floor", "make walls", "undo walls", "undo floor"}}};
  for (const auto& [step, expected] : cases) {
    Diary diary;
    BootSequence boot(step);
    bool failed = false;
    try {
      const House house(diary, boot);
    } catch (BootFailure& failure) {
      failed = true;
      const std::vector<Error> causes = boot.explain(failure.causes());
      REQUIRE(causes.size() == 1);
      EXPECT_EQ(causes[0].message.find(std::string("boot: ") + step + ": "), 0);
    }
    EXPECT(failed);
    EXPECT(diary == expected);
  }
}

PW_TEST(a_failure_names_what_was_undone_and_every_cause) {
  BootSequence boot;
  for (const char* name : {"a", "b", "c"}) boot.begin(name, [] { return std::string(); });
  const std::vector<Error> causes =
      boot.explain({{ErrorCode::OutOfRange, "one"}, {ErrorCode::BootFailed, "two"}});
  REQUIRE(causes.size() == 2);
  EXPECT_EQ(causes[0].message, "boot: c: one (undone: b, a)");
  EXPECT(causes[0].code == ErrorCode::OutOfRange);
  EXPECT_EQ(causes[1].message, "boot: c: two (undone: b, a)");
}

PW_TEST(the_first_step_has_nothing_to_undo) {
  BootSequence boot;
  boot.begin("a", [] { return std::string(); });
  EXPECT_EQ(boot.explain_host_memory()[0].message,
            "boot: a: the host has not enough memory or addresses for it");
}

}  // namespace
}  // namespace pw::test
