// SPDX-License-Identifier: MIT
// A value or an Error, for wrong arguments and failing environments.
#pragma once

#include <utility>
#include <variant>

#include "base/check.h"
#include "base/error.h"

namespace pw {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  // REQUIRES: ok()
  T& value() & {
    PW_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    PW_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    PW_CHECK(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  // REQUIRES: !ok()
  const Error& error() const {
    PW_CHECK(!ok());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

struct Done {};
using Status = Result<Done>;

}  // namespace pw

#define PW_CONCAT_(a, b) a##b
#define PW_CONCAT(a, b) PW_CONCAT_(a, b)
// Returns the error of `expression` from the enclosing function, if it has one.
#define PW_TRY(expression) \
  if (auto pw_status_ = (expression); !pw_status_.ok()) return pw_status_.error()
// The same, and binds the value otherwise.
#define PW_TRY_ASSIGN(declaration, expression)                                               \
  auto PW_CONCAT(pw_result_, __LINE__) = (expression);                                       \
  if (!PW_CONCAT(pw_result_, __LINE__).ok()) return PW_CONCAT(pw_result_, __LINE__).error(); \
  declaration = std::move(PW_CONCAT(pw_result_, __LINE__)).value()
