// SPDX-License-Identifier: MIT
#include "base/param.h"

#include <array>

#include "support/test.h"

namespace pw {
namespace {

constexpr std::array kSpecs = {
    ParamSpec{.name = "bits",
              .default_value = 1,
              .minimum = 1,
              .maximum = 8,
              .unit = "bits",
              .summary = "width of the counter",
              .alias = "n-bit-counter"},
    ParamSpec{.name = "share",
              .default_value = 0.25,
              .minimum = 0,
              .maximum = 1,
              .unit = "",
              .summary = "part of the frames",
              .type = ParamType::Real},
};

void expect_error(std::string_view text, ErrorCode code, std::string_view message) {
  const auto result = parse_params(text, kSpecs);
  REQUIRE(!result.ok());
  EXPECT_EQ(result.error().code, code);
  EXPECT_EQ(result.error().message, message);
}

}  // namespace

PW_TEST(name_alone_gives_the_defaults) {
  const auto values = parse_params("clock", kSpecs);
  REQUIRE(values.ok());
  EXPECT_EQ(values.value().size(), 2);
  EXPECT_EQ(values.value().integer(0), 1);
  EXPECT_EQ(values.value().real(1), 0.25);
  EXPECT_EQ(name_of_spec("clock"), "clock");
}

PW_TEST(keys_and_aliases_set_values_in_any_order) {
  const auto values = parse_params("clock:share=1e-1,n-bit-counter=8", kSpecs);
  REQUIRE(values.ok());
  EXPECT_EQ(values.value().integer(0), 8);
  EXPECT_EQ(values.value().real(1), 0.1);
  EXPECT_EQ(name_of_spec("clock:share=1"), "clock");
}

PW_TEST(unknown_key_names_the_nearest) {
  expect_error("clock:bit=2", ErrorCode::UnknownName,
               "parameter of clock: expected one of bits, share, got \"bit\"; did you mean \"bits\"?");
  expect_error("clock:zzzz=2", ErrorCode::UnknownName,
               "parameter of clock: expected one of bits, share, got \"zzzz\"");
}

PW_TEST(policy_without_parameters_refuses_one) {
  const auto result = parse_params("lru:bits=2", {});
  REQUIRE(!result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::UnknownName);
  EXPECT_EQ(result.error().message, "lru: expected no parameters, got \"bits\"");
}

PW_TEST(range_errors_say_what_was_expected_and_what_came) {
  expect_error("clock:bits=9", ErrorCode::OutOfRange,
               "clock: bits: expected an integer from 1 to 8 bits, got 9");
  expect_error("clock:bits=0", ErrorCode::OutOfRange,
               "clock: bits: expected an integer from 1 to 8 bits, got 0");
  expect_error("clock:share=-0.5", ErrorCode::OutOfRange,
               "clock: share: expected a number from 0 to 1, got -0.5");
}

PW_TEST(what_is_not_a_number_is_refused) {
  for (const char* text :
       {"clock:bits=", "clock:bits=two", "clock:bits=2.5", "clock:bits= 2", "clock:bits=2 ",
        "clock:bits=99999999999999999999", "clock:share=", "clock:share=x", "clock:share=0.5x",
        "clock:share= 0.5", "clock:share=nan", "clock:share=inf"}) {
    const auto result = parse_params(text, kSpecs);
    REQUIRE(!result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::InvalidArgument);
  }
}

PW_TEST(malformed_lists_are_refused) {
  expect_error("clock:", ErrorCode::InvalidArgument, "clock: expected key=value, got \"\"");
  expect_error("clock:bits", ErrorCode::InvalidArgument, "clock: expected key=value, got \"bits\"");
  expect_error("clock:=2", ErrorCode::InvalidArgument, "clock: expected key=value, got \"=2\"");
  expect_error("clock:bits=2,", ErrorCode::InvalidArgument, "clock: expected key=value, got \"\"");
  expect_error("clock:bits=2,n-bit-counter=2", ErrorCode::InvalidArgument,
               "clock: bits: expected one value, got a second one");
}

}  // namespace pw
