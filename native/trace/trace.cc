// SPDX-License-Identifier: MIT
#include "trace/trace.h"

#include <algorithm>

#include "trace/block_source.h"
#include "trace/decoding_source.h"
#include "trace/generator_producer.h"

namespace pw::trace {
namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

std::string name_from(const std::string& path) {
  if (path == kStandardInput) return "stdin";
  const std::size_t slash = path.find_last_of("/\\");
  const std::string file = slash == std::string::npos ? path : path.substr(slash + 1);
  return file.substr(0, file.find('.', 1));
}

Error at_element(ErrorCode code, std::size_t index, const std::string& message) {
  return Error{.code = code, .message = "access " + std::to_string(index) + ": " + message};
}

std::string hex(std::uint64_t value) {
  std::string digits;
  do digits.insert(digits.begin(), "0123456789abcdef"[value & 15]);
  while (value >>= 4);
  return "0x" + digits;
}

Status check_element(std::size_t index, VirtAddr address, unsigned kind, std::uint64_t size) {
  if (kind >= kAccessKinds) {
    return at_element(ErrorCode::OutOfRange, index,
                      "expected a kind from 0 to 3, got " + std::to_string(kind));
  }
  if (size == 0 || size > kMaxAccessBytes) {
    return at_element(ErrorCode::OutOfRange, index,
                      "expected a size of 1 to 4096 bytes, got " + std::to_string(size));
  }
  if (check_access(address, size) != AccessFault::None) {
    return at_element(ErrorCode::NotCanonical, index,
                      "expected an address that is canonical for 57 bits, got " + hex(address.value()));
  }
  return Done{};
}

Status check_lengths(std::size_t addresses, std::size_t others, std::string_view name) {
  if (others == 0 || others == addresses) return Done{};
  return Error{.code = ErrorCode::InvalidArgument,
               .message = "expected as many " + std::string(name) + " as addresses (" +
                          std::to_string(addresses) + "), got " + std::to_string(others)};
}

}  // namespace

Result<std::shared_ptr<Trace>> Trace::open(const std::string& path, OpenOptions options) {
  PW_TRY_ASSIGN(OpenedTrace opened, open_trace(path, options.format, options.compression));
  std::shared_ptr<Trace> trace(new Trace);
  trace->path_ = path;
  trace->name_ = name_from(path);
  trace->options_ = std::move(options);
  PW_TRY(trace->adopt(std::move(opened)));
  return trace;
}

Status Trace::adopt(OpenedTrace opened) {
  format_ = opened.format->name;
  compression_ = opened.compression;
  seekable_ = opened.file->is_seekable();
  has_events_ = opened.format->has_events != nullptr && opened.format->has_events(opened.head);
  // Later passes must not find another format because the file changed meanwhile.
  options_.format = format_;
  if (!seekable_) {
    opened_ = std::move(opened);
  } else if (format_ == kPackedFormat && compression_ == Compression::None) {
    PW_TRY_ASSIGN(packed_, PackedFile::open(path_));
    if (packed_->is_in_place()) blocks_ = packed_;
  }
  return Done{};
}

Result<std::shared_ptr<Trace>> Trace::from_words(std::vector<PackedAccess> words, std::string name) {
  const Status legal = packed::verify_words(words, 0);
  if (!legal.ok()) {
    return Error{.code = ErrorCode::InvalidArgument,
                 .message = "expected packed accesses, second halves after their first"};
  }
  std::shared_ptr<Trace> trace(new Trace);
  trace->name_ = std::move(name);
  trace->format_ = "words";
  trace->blocks_ = std::make_shared<MemoryBlocks>(std::move(words), std::vector<std::uint16_t>());
  return trace;
}

Result<std::shared_ptr<Trace>> Trace::from_addresses(std::span<const std::uint64_t> addresses,
                                                     std::span<const std::uint8_t> kinds,
                                                     std::span<const std::uint32_t> sizes) {
  PW_TRY(check_lengths(addresses.size(), kinds.size(), "kinds"));
  PW_TRY(check_lengths(addresses.size(), sizes.size(), "sizes"));
  std::vector<PackedAccess> words;
  std::vector<std::uint16_t> word_sizes;
  words.reserve(addresses.size());
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const VirtAddr address(addresses[i]);
    const unsigned kind = kinds.empty() ? static_cast<unsigned>(AccessKind::Load) : kinds[i];
    const std::uint64_t size = sizes.empty() ? 1 : sizes[i];
    PW_TRY(check_element(i, address, kind, size));
    words.push_back(pack(address, static_cast<AccessKind>(kind)));
    if (!sizes.empty()) word_sizes.push_back(static_cast<std::uint16_t>(size));
    if (!crosses_page(address, size)) continue;
    words.push_back(pack(next_page_start(address), static_cast<AccessKind>(kind), Half::Second));
    word_sizes.push_back(0);
  }
  std::shared_ptr<Trace> trace(new Trace);
  trace->name_ = trace->format_ = "addresses";
  trace->blocks_ = std::make_shared<MemoryBlocks>(std::move(words), std::move(word_sizes));
  return trace;
}

Result<std::shared_ptr<Trace>> Trace::generate(GeneratorConfig config) {
  PW_TRY(check_generator(config));
  std::shared_ptr<Trace> trace(new Trace);
  trace->name_ = config.name;
  trace->format_ = "synthetic";
  trace->generator_ = std::move(config);
  return trace;
}

Error Trace::read_already() const {
  return Error{
      .code = ErrorCode::TraceNotSeekable,
      .message = "trace " + path_ + " is a pipe, which can be read only once; write it to a file first",
      .file = path_};
}

Result<OpenedTrace> Trace::take_opened() const {
  if (seekable_) return open_trace(path_, options_.format, std::string(name_of(compression_)));
  const std::lock_guard lock(mutex_);
  if (!opened_) return read_already();
  OpenedTrace opened = std::move(*opened_);
  opened_.reset();
  return opened;
}

Result<std::unique_ptr<Producer>> Trace::produce(std::optional<std::uint64_t> limit, Digest digest) const {
  const std::uint64_t records = limit.value_or(kNoLimit);
  if (blocks_) return std::unique_ptr<Producer>(std::make_unique<BlockProducer>(blocks_, records));
  if (generator_) {
    PW_TRY_ASSIGN(const GeneratorInfo* info, check_generator(*generator_));
    return std::unique_ptr<Producer>(std::make_unique<GeneratorProducer>(*info, *generator_, records));
  }
  PW_TRY_ASSIGN(OpenedTrace opened, take_opened());
  const ReaderOptions reader{.on_error = options_.on_error, .limit = records};
  return std::unique_ptr<Producer>(std::make_unique<Decoder>(std::move(opened), reader, digest));
}

Result<std::unique_ptr<AccessSource>> Trace::accesses(const Selection& selection) const {
  const std::string& called = path_.empty() ? name_ : path_;
  if (blocks_)
    return std::unique_ptr<AccessSource>(std::make_unique<BlockSource>(blocks_, selection, called));
  PW_TRY_ASSIGN(auto producer, produce(selection.limit, Digest::None));
  return std::unique_ptr<AccessSource>(
      std::make_unique<DecodingSource>(std::move(producer), selection, called));
}

Result<std::uint64_t> Trace::distinct_pages(const Selection& selection, PageSize size,
                                            const std::atomic<bool>* abort) const {
  if (!seekable_) return read_already();
  Selection first_bytes = selection;
  first_bytes.crossing = Crossing::First;
  PW_TRY_ASSIGN(const auto source, accesses(first_bytes));
  PageSet pages;
  for (;;) {
    if (abort && abort->load())
      return Error{.code = ErrorCode::Aborted, .message = "counting pages was aborted"};
    PW_TRY_ASSIGN(const auto words, source->next());
    if (words.empty()) return pages.size();
    for (const PackedAccess word : words) pages.add(page_of(address_of(word), size).value());
  }
}

}  // namespace pw::trace
