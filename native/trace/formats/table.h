// SPDX-License-Identifier: MIT
// The table of trace formats, and detection by content.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "trace/formats/reader.h"

namespace pw::trace {

inline constexpr std::string_view kPackedFormat = "packed";

struct FormatInfo {
  std::string_view name;
  std::string_view summary;
  bool (*recognizes)(std::string_view head);
  // Whether the first bytes show memory calls; null where the format has none.
  bool (*has_events)(std::string_view head);
  std::unique_ptr<Reader> (*make)(ReaderOptions options);
};

std::span<const FormatInfo> formats();
// UNKNOWN_NAME with the names there are.
Result<const FormatInfo*> find_format(std::string_view name);
// By the first bytes of the decompressed trace. TRACE_FORMAT says what was found instead.
Result<const FormatInfo*> detect_format(std::string_view head);

}  // namespace pw::trace
