// SPDX-License-Identifier: MIT
#include "base/boot_sequence.h"

#include <chrono>

namespace pw {
namespace {

std::uint64_t now_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

}  // namespace

void BootSequence::begin(std::string_view name, Describe describe) {
  begun_.push_back({name, std::move(describe), now_ns()});
  if (name == fails_at_) fail({{ErrorCode::BootFailed, "made to fail"}});
}

BootLog BootSequence::finish() {
  const std::uint64_t end = now_ns();
  BootLog log;
  for (std::size_t i = 0; i < begun_.size(); ++i) {
    const std::uint64_t next = i + 1 < begun_.size() ? begun_[i + 1].at_ns : end;
    log.push_back({begun_[i].name, begun_[i].describe(), next - begun_[i].at_ns});
  }
  begun_.clear();
  return log;
}

std::vector<Error> BootSequence::explain(std::vector<Error> causes) const {
  std::string undone;
  for (std::size_t i = begun_.size(); i-- > 1;) {
    if (!undone.empty()) undone += ", ";
    undone += begun_[i - 1].name;
  }
  const std::string where = "boot: " + std::string(begun_.back().name) + ": ";
  for (Error& cause : causes) {
    cause.message = where + cause.message;
    if (!undone.empty()) cause.message += " (undone: " + undone + ")";
  }
  return causes;
}

std::vector<Error> BootSequence::explain_host_memory() const {
  return explain({{ErrorCode::BootFailed, "the host has not enough memory or addresses for it"}});
}

}  // namespace pw
