// SPDX-License-Identifier: MIT
// Frames in classes, each a queue by arrival: 9 bytes a frame. Which class a frame is in is known here.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/lazy_array.h"
#include "policy/frame_list.h"

namespace pw::policy {

template <std::size_t kClasses>
class FrameClasses {
  static_assert(kClasses <= 256);

 public:
  explicit FrameClasses(std::uint64_t frames) : queues_(frames), class_of_(frames) {}

  // REQUIRES: the frame is in no class.
  void push(std::uint8_t its_class, FrameIndex frame) {
    class_of_[frame.value()] = its_class;
    queues_.push_youngest(its_class, frame);
  }
  // REQUIRES: the frame is in a class.
  void remove(FrameIndex frame) { queues_.remove(class_of_[frame.value()], frame); }
  // To the end of a class, also of its own.
  void move(FrameIndex frame, std::uint8_t to) {
    remove(frame);
    push(to, frame);
  }

  std::uint64_t size(std::size_t its_class) const { return queues_.size(its_class); }
  FrameIndex oldest(std::size_t its_class) const { return queues_.oldest(its_class); }
  // The lowest class that has frames. REQUIRES: there is one.
  std::uint8_t lowest() const {
    std::uint8_t its_class = 0;
    while (queues_.is_empty(its_class)) ++its_class;
    return its_class;
  }

 private:
  FrameLists<kClasses> queues_;
  LazyArray<std::uint8_t> class_of_;
};

}  // namespace pw::policy
