// SPDX-License-Identifier: MIT
// Ordered, named steps from a configuration to something that runs.
//
// Each step makes one part, which its caller holds as a member: parts are made in the order of members, and a step
// that fails throws, so that the parts made before it are taken apart in reverse order, each by its destructor.
// Whoever boots catches that and answers with explain(). Nothing of a boot that failed is left.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace pw {

struct BootStep {
  std::string_view name;
  std::string made;           // a phrase, the same for the same configuration
  std::uint64_t host_ns = 0;  // what it took here: not the same twice
};

using BootLog = std::vector<BootStep>;

// Thrown by BootSequence alone.
class BootFailure : public std::exception {
 public:
  explicit BootFailure(std::vector<Error> causes) : causes_(std::move(causes)) {}
  const char* what() const noexcept override { return "a step of the boot failed"; }
  std::vector<Error>& causes() { return causes_; }

 private:
  std::vector<Error> causes_;
};

class BootSequence {
 public:
  // What a step made, asked when all steps are done.
  using Describe = std::function<std::string()>;

  BootSequence() = default;
  // Of a test: the step of this name fails before it makes anything.
  explicit BootSequence(std::string_view fails_at) : fails_at_(fails_at) {}

  // The part that make() gives. `name` is a literal.
  template <class Make>
  auto step(std::string_view name, Make make, Describe describe) {
    begin(name, std::move(describe));
    return make();
  }
  // The same for what is not made as one object.
  void begin(std::string_view name, Describe describe);
  // The step under way cannot be done.
  [[noreturn]] void fail(std::vector<Error> causes) const { throw BootFailure(std::move(causes)); }

  // Every step is done: what each made. REQUIRES: the parts live.
  BootLog finish();
  // After a failure: each cause with the step that failed and the steps that were undone for it.
  std::vector<Error> explain(std::vector<Error> causes) const;
  // The same where the host had no memory for the step.
  std::vector<Error> explain_host_memory() const;

 private:
  struct Begun {
    std::string_view name;
    Describe describe;
    std::uint64_t at_ns;
  };

  std::string_view fails_at_;
  std::vector<Begun> begun_;
};

}  // namespace pw
