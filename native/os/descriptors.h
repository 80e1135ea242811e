// SPDX-License-Identifier: MIT
// The open files of a process, by descriptor.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "mm/calls/calls.h"

namespace pw::os {

class Descriptors {
 public:
  // The lowest number that is free.
  std::uint64_t open(mm::OpenFile file) {
    std::uint64_t number = 0;
    for (const auto& [taken, open] : files_) {
      if (taken != number) break;
      ++number;
    }
    files_.emplace(number, std::move(file));
    return number;
  }
  bool close(std::uint64_t number) { return files_.erase(number) != 0; }
  // nullptr: not open.
  const mm::OpenFile* find(std::uint64_t number) const {
    const auto found = files_.find(number);
    return found == files_.end() ? nullptr : &found->second;
  }
  void close_all() { files_.clear(); }

 private:
  std::map<std::uint64_t, mm::OpenFile> files_;
};

}  // namespace pw::os
