// SPDX-License-Identifier: MIT
// Events as the payload of a section of the packed form; docs/reference/packed-trace.md has the layout.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "trace/event.h"

namespace pw::trace::packed {

// No section of events is longer; more events take more sections.
inline constexpr std::size_t kMaxEventBytes = std::size_t{1} << 17;
inline constexpr std::size_t kMaxFileName = 4096;

// Appends one event; `before` is the position of the one before it in the section, 0 for the first.
void append_event(std::string& to, const Event& event, std::uint64_t before);

// Appends the events of a payload to `events`, which has those of the same block before them. `last_position` is the highest position that the block allows.
Status decode_events(std::string_view payload, std::uint32_t count, std::uint64_t last_position,
                     std::vector<Event>& events, std::uint64_t offset);

}  // namespace pw::trace::packed
