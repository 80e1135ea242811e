// SPDX-License-Identifier: MIT
// A trace as a value: where it comes from, what it is, and as many passes over it as its origin allows.
// All methods are const and may be called from several threads at once.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "trace/access_source.h"
#include "trace/decoder.h"
#include "trace/generators/generator.h"
#include "trace/info.h"
#include "trace/packed_file.h"
#include "trace/packed_writer.h"

namespace pw::trace {

struct OpenOptions {
  std::optional<std::string> format = std::nullopt;  // else told by content
  std::optional<std::string> compression =
      std::nullopt;  // else told by the first bytes; another one is refused
  OnError on_error = OnError::Stop;
};

// Of what is being read, in bytes or words; total 0 where it is not known.
using TraceProgress = std::function<void(std::uint64_t position, std::uint64_t total)>;

struct PassOptions {
  const std::atomic<bool>* abort = nullptr;  // checked between batches: ABORTED
  TraceProgress progress = nullptr;
  Digest digest = Digest::None;  // SHA-256 of the text costs about as much as decoding
};

class Trace {
 public:
  // `path` may be "-" for standard input. A pipe can be read once.
  static Result<std::shared_ptr<Trace>> open(const std::string& path, OpenOptions options = {});
  static Result<std::shared_ptr<Trace>> from_words(std::vector<PackedAccess> words, std::string name);
  // One access each. `kinds` and `sizes` are as long as `addresses`, or empty: loads, sizes not known.
  static Result<std::shared_ptr<Trace>> from_addresses(std::span<const std::uint64_t> addresses,
                                                       std::span<const std::uint8_t> kinds = {},
                                                       std::span<const std::uint32_t> sizes = {});
  static Result<std::shared_ptr<Trace>> generate(GeneratorConfig config);

  const std::string& name() const { return name_; }      // a file's name up to its first dot
  const std::string& path() const { return path_; }      // empty where there is no file
  const std::string& format() const { return format_; }  // lackey, packed, addresses, words, synthetic, ...
  Compression compression() const { return compression_; }
  bool seekable() const { return seekable_; }
  // Whether there are memory calls among the accesses: a packed trace tells, of text its first MiB.
  bool has_events() const { return has_events_; }

  Result<std::unique_ptr<AccessSource>> accesses(const Selection& selection) const;
  // From the index of a packed file, else by one pass.
  Result<TraceInfo> info(const PassOptions& options = {}) const;
  // Pages of first bytes in the selected stream, as a pass before the one that simulates.
  Result<std::uint64_t> distinct_pages(const Selection& selection, PageSize size,
                                       const std::atomic<bool>* abort = nullptr) const;

 private:
  friend struct Conversion;

  Trace() = default;
  Status adopt(OpenedTrace opened);
  Result<OpenedTrace> take_opened() const;
  Result<std::unique_ptr<Producer>> produce(std::optional<std::uint64_t> limit, Digest digest) const;
  Error read_already() const;

  std::string name_;
  std::string path_;
  std::string format_;
  Compression compression_ = Compression::None;
  bool seekable_ = true;
  bool has_events_ = false;
  OpenOptions options_;
  std::shared_ptr<const WordBlocks> blocks_;  // words in memory or in a mapped file
  std::shared_ptr<const PackedFile> packed_;  // the index of a packed file, whether or not in place
  std::optional<GeneratorConfig> generator_;
  mutable std::mutex mutex_;
  mutable std::optional<OpenedTrace> opened_;  // of a pipe, until its one pass takes it
};

struct ConvertOptions {
  Compress compress = Compress::No;
  std::optional<std::uint64_t> limit = std::nullopt;  // trace lines
  PassOptions pass{.digest = Digest::Sha256};
};
// Writes the packed form; `path` appears only once it is whole. Returns what it holds.
Result<TraceInfo> convert(const Trace& trace, const std::string& path, const ConvertOptions& options);
// The same as text of valgrind's lackey; `compress` has no meaning.
Result<TraceInfo> convert_to_text(const Trace& trace, const std::string& path, const ConvertOptions& options);

}  // namespace pw::trace
