// SPDX-License-Identifier: MIT
#include "base/decimal.h"

#include <clocale>
#include <cmath>
#include <limits>

#include "support/test.h"

namespace pw {

PW_TEST(a_number_has_the_digits_it_needs) {
  EXPECT_EQ(decimal(0), "0");
  EXPECT_EQ(decimal(-3), "-3");
  EXPECT_EQ(decimal(0.1), "0.1");
  EXPECT_EQ(decimal(0.25), "0.25");
  EXPECT_EQ(decimal(281474976710656.0), "281474976710656");
  EXPECT_EQ(decimal(1e300), "1e+300");
  EXPECT_EQ(decimal(-1.0 / 3), "-0.333333333333333");
}

PW_TEST(what_is_written_is_read_back) {
  for (const double value : {0.0, 1.0, -1.0, 0.1, 2.5e-9, 12345678.5, 9.00719925474099e15, -1e-300}) {
    const auto read = parse_decimal(decimal(value));
    REQUIRE(read.has_value());
    EXPECT_EQ(*read, value);
  }
}

PW_TEST(exponents_and_signs_are_read) {
  EXPECT_EQ(parse_decimal("1e-1"), 0.1);
  EXPECT_EQ(parse_decimal("+2.5E3"), 2500.0);
  EXPECT_EQ(parse_decimal("-.5"), -0.5);
  EXPECT_EQ(parse_decimal("7."), 7.0);
  EXPECT_EQ(parse_decimal("1e-400"), 0.0);
}

PW_TEST(what_is_no_decimal_number_is_refused) {
  for (const char* text : {"", " 1", "1 ", "1,5", "0x10", "0x1p3", "inf", "-inf", "nan", "1e", "e1", ".", "+",
                           "-+1", "1.2.3", "1-2", "1e999", "-1e999", "1f"}) {
    EXPECT(!parse_decimal(text).has_value());
  }
  EXPECT(!parse_decimal(std::string_view("1\0002", 3)).has_value());
}

PW_TEST(the_locale_does_not_change_numbers) {
  bool was_set = false;
  for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "German_Germany"}) {
    was_set = was_set || std::setlocale(LC_NUMERIC, name) != nullptr;
  }
  EXPECT_EQ(decimal(0.25), "0.25");
  EXPECT_EQ(parse_decimal("0.25"), 0.25);
  EXPECT(!parse_decimal("0,25").has_value());
  if (was_set) std::setlocale(LC_NUMERIC, "C");
}

}  // namespace pw
