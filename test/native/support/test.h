// SPDX-License-Identifier: MIT
// The test harness of the native layers: no dependency, so that a bare machine builds the tests.
//
//   PW_TEST(walk_stops_at_non_present_pde) { EXPECT_EQ(walk.references, 3); }
//
// EXPECT and EXPECT_EQ record a failure and go on, REQUIRE ends the test, SKIP ends it and is counted.
#pragma once

#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace pw::test {

struct Test {
  const char* name;
  const char* file;
  int line;
  void (*body)();
};

// Thrown by REQUIRE (the failure is recorded already) and by SKIP.
struct Ended {};
struct Skipped {
  std::string reason;
};

std::vector<Test>& registry();
void record_failure(const char* file, int line, const std::string& what);

struct Registrar {
  explicit Registrar(const Test& test) { registry().push_back(test); }
};

template <class T>
constexpr bool kIsNumber = std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, char>;

// Equality that compares integers of different signedness by value.
template <class A, class B>
bool equal(const A& a, const B& b) {
  if constexpr (kIsNumber<A> && kIsNumber<B>) {
    return std::cmp_equal(a, b);
  } else {
    return a == b;
  }
}

template <class T>
std::string show(const T& value) {
  std::ostringstream out;
  if constexpr (std::is_enum_v<T>) {
    out << "enumerator " << +static_cast<std::underlying_type_t<T>>(value);
  } else if constexpr (std::is_same_v<T, bool>) {
    out << (value ? "true" : "false");
  } else if constexpr (kIsNumber<T>) {
    out << +value;  // also 8-bit integers as numbers
  } else if constexpr (requires { out << value; }) {
    out << value;
  } else if constexpr (requires { out << value.value(); }) {
    out << "0x" << std::hex << value.value();
  } else {
    out << "(not printable)";
  }
  return out.str();
}

template <class A, class B>
void expect_equal(const A& a, const B& b, const char* what, const char* file, int line) {
  if (!equal(a, b)) record_failure(file, line, std::string(what) + ": " + show(a) + " is not " + show(b));
}

}  // namespace pw::test

#define PW_TEST(name)                                                                      \
  static void name();                                                                      \
  static const ::pw::test::Registrar registrar_##name({#name, __FILE__, __LINE__, &name}); \
  static void name()
#define EXPECT(...) \
  ((__VA_ARGS__) ? void() : ::pw::test::record_failure(__FILE__, __LINE__, "expected " #__VA_ARGS__))
#define EXPECT_EQ(a, b) ::pw::test::expect_equal((a), (b), #a " == " #b, __FILE__, __LINE__)
#define REQUIRE(...)                                                            \
  do {                                                                          \
    if (!(__VA_ARGS__)) {                                                       \
      ::pw::test::record_failure(__FILE__, __LINE__, "required " #__VA_ARGS__); \
      throw ::pw::test::Ended{};                                                \
    }                                                                           \
  } while (false)
#define SKIP(reason) \
  throw ::pw::test::Skipped { reason }
