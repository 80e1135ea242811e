// SPDX-License-Identifier: MIT
// Which words of a stream a run wants; the events among them keep their places.
#pragma once

#include <span>

#include "trace/access_source.h"

namespace pw::trace {

inline bool selects_all(const Selection& selection) {
  return selection.refs == Refs::All && selection.crossing == Crossing::Both;
}

// Copies the selected words of `from` to `to`, which may be the same place; returns how many.
// REQUIRES: room for from.size() words.
inline std::size_t copy_selected(const Selection& selection, std::span<const PackedAccess> from,
                                 PackedAccess* to) {
  const bool keep_fetches = selection.refs != Refs::Data;
  const bool keep_data = selection.refs != Refs::Fetch;
  const bool keep_second = selection.crossing == Crossing::Both;
  bool keep[kSelectors] = {};
  for (unsigned i = 0; i < kSelectors; ++i) {
    const PackedAccess word = static_cast<PackedAccess>(i) << kKindShift;
    const bool kind = kind_of(word) == AccessKind::Fetch ? keep_fetches : keep_data;
    keep[i] = kind && (keep_second || !is_second_half(word));
  }
  std::size_t count = 0;
  for (const PackedAccess word : from) {
    to[count] = word;
    count += keep[selector(word)];
  }
  return count;
}

// The same for words with events, whose positions become those among the selected words.
inline std::size_t copy_selected(const Selection& selection, std::span<const PackedAccess> from,
                                 PackedAccess* to, std::span<Event> events) {
  std::size_t done = 0;
  std::size_t count = 0;
  for (Event& event : events) {
    count += copy_selected(selection, from.subspan(done, event.position - done), to + count);
    done = event.position;
    event.position = count;
  }
  return count + copy_selected(selection, from.subspan(done), to + count);
}

}  // namespace pw::trace
