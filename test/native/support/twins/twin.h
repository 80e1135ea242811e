// SPDX-License-Identifier: MIT
// What naive twins of replacement policies share: they work on pages in plain vectors, oldest first.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

namespace pw::test {

using Pages = std::vector<std::uint64_t>;

inline bool contains(const Pages& pages, std::uint64_t page) {
  return std::find(pages.begin(), pages.end(), page) != pages.end();
}
inline bool take(Pages& pages, std::uint64_t page) { return std::erase(pages, page) > 0; }
inline std::uint64_t pop_oldest(Pages& pages) {
  const std::uint64_t page = pages.front();
  pages.erase(pages.begin());
  return page;
}
inline void make_youngest(Pages& pages, std::uint64_t page) {
  take(pages, page);
  pages.push_back(page);
}
inline void remember(Pages& ghosts, std::uint64_t page, std::size_t limit) {
  ghosts.push_back(page);
  if (ghosts.size() > limit) pop_oldest(ghosts);
}

class Twin {
 public:
  virtual ~Twin() = default;
  // One reference; whether it missed.
  virtual bool refer(std::uint64_t page, bool store) = 0;
};

}  // namespace pw::test
