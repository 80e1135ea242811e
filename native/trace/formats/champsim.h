// SPDX-License-Identifier: MIT
// ChampSim's form: records of 64 bytes without a header, one for each executed instruction: a fetch at its
// address, then loads from the memory it reads, then stores to the memory it writes. It has no sizes.
#pragma once

#include "trace/formats/reader.h"

namespace pw::trace {

class ChampSimReader final : public Reader {
 public:
  explicit ChampSimReader(ReaderOptions options) : options_(options) {}

  Result<Decoded> decode(std::string_view text, End end, Batch& batch) override;
  std::size_t longest_record() const override { return 64; }

  // There is no magic: records whose flags are 0 or 1 and whose addresses are canonical.
  static bool recognizes(std::string_view head);

 private:
  Status take_record(const char* record, Batch& batch);

  ReaderOptions options_;
  std::uint64_t record_ = 0;
};

}  // namespace pw::trace
