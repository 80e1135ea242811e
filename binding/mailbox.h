// SPDX-License-Identifier: MIT
// Eight 64-bit words shared by a machine and its wrapper in lib/machine.ts: small arguments and answers
// travel in them, so that a call crosses once and creates no object on the native side. The layout
// is repeated in lib/mailbox.ts.
#pragma once

#include <napi.h>

#include <bit>
#include <cstdint>

namespace pw::binding {

class Mailbox {
 public:
  static constexpr std::size_t kWords = 8;

  // Takes an ArrayBuffer of kWords words that JavaScript never detaches; nothing outside lib/ sees it.
  void attach(Napi::ArrayBuffer buffer) {
    words_ = static_cast<std::uint64_t*>(buffer.Data());
    keep_ = Napi::Persistent(Napi::Object(buffer));
  }

  // One access: arguments.
  std::uint64_t address() const { return words_[0]; }
  std::uint64_t kind() const { return words_[1]; }
  // One access: the outcome.
  void put_outcome(std::uint64_t physical, unsigned page_size, unsigned fault) {
    words_[0] = physical;
    words_[1] = page_size | std::uint64_t{fault} << 32;
  }
  // One access of a process: why it faulted, and how much was done before it was refused.
  void put_end(unsigned reason, std::uint64_t done) {
    words_[2] = reason;
    words_[3] = done;
  }
  // A system call: arguments in order, and the value that it answers.
  std::uint64_t argument(std::size_t index) const { return words_[index]; }
  void put_value(std::uint64_t value) { words_[0] = value; }
  // A batch: what it added to the counters.
  void put_batch(const double (&deltas)[4]) {
    for (std::size_t i = 0; i < 4; ++i) words_[i] = std::bit_cast<std::uint64_t>(deltas[i]);
  }
  // A page fault on its way to the handler. Not where an access keeps its arguments.
  void put_fault(std::uint64_t address, std::uint32_t error_code, unsigned access, unsigned kind,
                 bool has_pointer, std::uint64_t pointer) {
    words_[4] = address;
    words_[5] = error_code | std::uint64_t{access} << 32;
    words_[6] = kind | std::uint64_t{has_pointer} << 32;
    words_[7] = pointer;
  }

 private:
  std::uint64_t* words_ = nullptr;
  Napi::ObjectReference keep_;
};

}  // namespace pw::binding
