// SPDX-License-Identifier: MIT
// Where the shared traces and conformance files are: PAGEWALK_SHARED if set, else ../shared beside the checkout.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "support/test.h"

namespace pw::test {

inline std::optional<std::filesystem::path> shared_folder() {
  const char* from_environment = std::getenv("PAGEWALK_SHARED");
  std::filesystem::path path = from_environment && *from_environment
                                   ? std::filesystem::path(from_environment)
                                   : std::filesystem::path(PAGEWALK_SOURCE_DIR).parent_path() / "shared";
  if (!std::filesystem::is_directory(path)) return std::nullopt;
  return path;
}

// The file or folder below the shared folder; skips the test, saying so, where it is not there.
inline std::filesystem::path require_shared(const std::string& relative) {
  const auto folder = shared_folder();
  if (!folder || !std::filesystem::exists(*folder / relative)) {
    SKIP("shared " + relative + " is not there (set PAGEWALK_SHARED)");
  }
  return *folder / relative;
}

}  // namespace pw::test
