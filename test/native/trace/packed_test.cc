// SPDX-License-Identifier: MIT
// The packed form: kept whole through writing and reading, and no damage goes unnoticed.
#include "trace/formats/packed.h"

#include <cstring>

#include "base/rng.h"
#include "support.h"
#include "trace/formats/bytes.h"
#include "trace/source.h"

namespace pw::test {
namespace {

using trace::Compress;
using trace::TraceInfo;

// Words of every kind, crossing ones among them, far apart and near.
std::shared_ptr<trace::Trace> mixed_trace(std::size_t accesses, std::uint64_t seed = 1) {
  Rng rng(seed);
  std::vector<std::uint64_t> addresses;
  std::vector<std::uint8_t> kinds;
  std::vector<std::uint32_t> sizes;
  for (std::size_t i = 0; i < accesses; ++i) {
    const std::uint64_t near = 0x400000 + rng.below(1 << 14);
    const std::uint64_t far = sign_extend(rng.next(), kMaxVirtBits).value();
    const std::uint64_t address = rng.below(8) ? near : far;
    addresses.push_back(
        (address | 0xfff) == ~0ull || (address & 0x00fffffffffff000) == 0x00fffffffffff000 ? near : address);
    kinds.push_back(static_cast<std::uint8_t>(rng.below(4)));
    sizes.push_back(static_cast<std::uint32_t>(1 + rng.below(rng.below(50) ? 16 : 4096)));
  }
  auto trace = trace::Trace::from_addresses(addresses, kinds, sizes);
  REQUIRE(trace.ok());
  return trace.value();
}

std::string packed_bytes(const trace::Trace& trace, Compress compress) {
  const TemporaryFile file(".pwt");
  REQUIRE(trace::convert(trace, file.path(), {.compress = compress}).ok());
  return file.read();
}

std::vector<Compress> variants() {
  if (!has_decoder(trace::Compression::Zstd)) return {Compress::No};
  return {Compress::No, Compress::Yes};
}

bool same_info(const TraceInfo& a, const TraceInfo& b) {
  return trace::encode_info(a) == trace::encode_info(b);
}

// What a file holds, by the mapped and by the streaming reader; an error of either.
std::optional<Error> read_in_place(const std::string& path, Drained& out) {
  auto opened = trace::Trace::open(path);
  if (!opened.ok()) return opened.error();
  out = drain(*opened.value());
  return out.error;
}

std::optional<Error> read_as_stream(std::string_view bytes, std::vector<PackedAccess>& words) {
  trace::PackedReader reader({});
  trace::Batch batch(trace::Sizes::Dropped);
  std::string padded(bytes);
  padded.append(trace::kSlack, '\0');
  std::string_view text(padded.data(), bytes.size());
  for (;;) {
    batch.count = 0;
    auto decoded = reader.decode(text, trace::End::Last, batch);
    if (!decoded.ok()) return decoded.error();
    words.insert(words.end(), batch.words.get(), batch.words.get() + batch.count);
    text.remove_prefix(decoded.value().used);
    if (decoded.value().stop == trace::Stop::Done) return std::nullopt;
  }
}

PW_TEST(packing_keeps_words_counts_and_info) {
  const auto original = mixed_trace(200'000);
  const Drained expected = drain(*original);
  const TraceInfo info = std::move(original->info()).value();
  for (const Compress compress : variants()) {
    const TemporaryFile file(".pwt");
    REQUIRE(trace::convert(*original, file.path(), {.compress = compress}).ok());
    const auto packed = open_or_fail(file.path());
    const Drained found = drain(*packed);
    EXPECT(!found.error);
    EXPECT(found.words == expected.words);
    EXPECT(same_counts(found.counts, expected.counts));
    EXPECT(same_info(packed->info().value(), info));
    std::vector<PackedAccess> streamed;
    EXPECT(!read_as_stream(file.read(), streamed));
    EXPECT(streamed == expected.words);
  }
}

PW_TEST(words_of_an_uncompressed_file_are_used_in_place) {
  const TemporaryFile file(".pwt", packed_bytes(*mixed_trace(100'000), Compress::No));
  const auto packed = open_or_fail(file.path());
  auto first = packed->accesses({});
  auto second = packed->accesses({});
  const auto a = first.value()->next();
  const auto b = second.value()->next();
  EXPECT(a.value().data() == b.value().data());
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a.value().data()) % 64, 0u);
}

PW_TEST(every_changed_byte_is_an_error_or_changes_nothing) {
  const auto original = mixed_trace(60);
  const Drained expected = drain(*original);
  for (const Compress compress : variants()) {
    const std::string whole = packed_bytes(*original, compress);
    const TemporaryFile file(".pwt");
    std::size_t errors = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      for (const char flip : {'\x01', '\x80', '\xff'}) {
        std::string damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ flip);
        file.write(damaged);
        Drained found;
        const auto error = read_in_place(file.path(), found);
        errors += error.has_value();
        EXPECT(error || (found.words == expected.words && same_counts(found.counts, expected.counts)));
        std::vector<PackedAccess> streamed;
        EXPECT(read_as_stream(damaged, streamed) || streamed == expected.words);
      }
    }
    EXPECT_EQ(errors, 3 * whole.size());
  }
}

PW_TEST(every_truncation_is_an_error) {
  const auto original = mixed_trace(60);
  for (const Compress compress : variants()) {
    const std::string whole = packed_bytes(*original, compress);
    const TemporaryFile file(".pwt");
    for (std::size_t left = 0; left < whole.size(); ++left) {
      file.write(std::string_view(whole).substr(0, left));
      Drained found;
      EXPECT(read_in_place(file.path(), found).has_value());
      std::vector<PackedAccess> streamed;
      const auto error = read_as_stream(std::string_view(whole).substr(0, left), streamed);
      REQUIRE(error.has_value());
      EXPECT_EQ(error->code, ErrorCode::TraceTruncated);
      EXPECT(error->offset.has_value());
    }
  }
}

// A header with one field changed and its checksum made right.
template <class Change>
Error refusal_of_header(Change change) {
  std::string bytes = packed_bytes(*mixed_trace(10), Compress::No);
  auto header = trace::load<trace::packed::FileHeader>(bytes.data());
  change(header);
  header.checksum = trace::packed::checksum_of_structure(header);
  std::memcpy(bytes.data(), &header, sizeof header);
  const TemporaryFile file(".pwt", bytes);
  auto opened = trace::Trace::open(file.path());
  REQUIRE(!opened.ok());
  return opened.error();
}

PW_TEST(versions_flags_and_columns_that_are_not_known_are_refused_by_name) {
  const Error version = refusal_of_header([](auto& header) { header.version = 3; });
  EXPECT_EQ(version.code, ErrorCode::TraceFormat);
  EXPECT(version.message.find("version 3, this build reads versions 1 and 2") != std::string::npos);
  const Error flags = refusal_of_header([](auto& header) { header.flags = 6; });
  EXPECT_EQ(flags.code, ErrorCode::TraceFormat);
  EXPECT(flags.message.find("flags 6") != std::string::npos);
  const Error columns = refusal_of_header(
      [](auto& header) { header.columns = 2, header.column_ids[0] = 1, header.column_ids[1] = 4; });
  EXPECT_EQ(columns.code, ErrorCode::TraceFormat);
  EXPECT(columns.message.find("side columns (ids 1, 4)") != std::string::npos);
}

PW_TEST(errors_of_blocks_tell_the_byte) {
  std::string bytes = packed_bytes(*mixed_trace(100'000), Compress::No);
  const std::size_t second_block =
      trace::packed::kUnit + trace::packed::kUnit +
      trace::packed::padded(trace::load<std::uint64_t>(bytes.data() + trace::packed::kUnit + 8));
  bytes[second_block + 1000] ^= 1;
  const TemporaryFile file(".pwt", bytes);
  const auto error = drain(*open_or_fail(file.path())).error;
  REQUIRE(error.has_value());
  EXPECT_EQ(error->code, ErrorCode::TraceCorrupt);
  EXPECT_EQ(error->offset.value_or(0), second_block);
}

PW_TEST(legal_checksums_do_not_make_illegal_words_legal) {
  const PackedAccess load = pack(VirtAddr(0x1ff0), AccessKind::Load);
  const PackedAccess second = pack(VirtAddr(0x2000), AccessKind::Load, Half::Second);
  const auto legal = [](std::vector<PackedAccess> words) {
    return trace::packed::verify_words(words, 0).ok();
  };
  EXPECT(legal({load, second, load}));
  EXPECT(!legal({second}));
  EXPECT(!legal({load, second, second}));
  EXPECT(!legal({load, second + 1}));
  EXPECT(!legal({pack(VirtAddr(0x1ff0), AccessKind::Store), second}));
  EXPECT(!legal({load | 1ull << 60}));
  EXPECT(!legal({load | 1ull << 63}));
  EXPECT(!trace::Trace::from_words({second}, "bad").ok());
}

PW_TEST(a_limit_on_a_packed_file_counts_the_words_up_to_it) {
  const auto original = mixed_trace(150'000);
  for (const Compress compress : variants()) {
    const TemporaryFile file(".pwt", packed_bytes(*original, compress));
    const auto packed = open_or_fail(file.path());
    for (const std::uint64_t limit : {0ull, 1ull, 65'535ull, 65'536ull, 100'001ull, 150'000ull, 999'999ull}) {
      const Drained expected = drain(*original, {.limit = limit});
      const Drained found = drain(*packed, {.limit = limit});
      EXPECT(found.words == expected.words);
      EXPECT(same_counts(found.counts, expected.counts));
      EXPECT_EQ(found.counts.records, std::min<std::uint64_t>(limit, 150'000));
    }
  }
}

PW_TEST(converting_with_a_limit_keeps_the_first_lines) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += " L 00" + std::to_string(100000 + i) + "0,8\n";
  const TextTrace source(text);
  const TemporaryFile file(".pwt");
  auto info = trace::convert(*source.trace, file.path(), {.limit = 1234});
  REQUIRE(info.ok());
  EXPECT_EQ(info.value().counts.records, 1234u);
  EXPECT_EQ(info.value().text_bytes.value_or(0), 1234u * 15);
  EXPECT_EQ(drain(*open_or_fail(file.path())).words.size(), 1234u);
}

PW_TEST(a_conversion_that_fails_leaves_nothing_behind) {
  const TextTrace bad(" L 00001000,8\nrubbish\n");
  const auto folder =
      std::filesystem::temp_directory_path() / ("pagewalk-convert-" + std::to_string(std::uintptr_t(&bad)));
  std::filesystem::create_directory(folder);
  EXPECT_EQ(trace::convert(*bad.trace, (folder / "out.pwt").string(), {}).error().code,
            ErrorCode::TraceMalformed);
  std::atomic<bool> abort{true};
  EXPECT_EQ(trace::convert(*mixed_trace(10), (folder / "out.pwt").string(), {.pass = {.abort = &abort}})
                .error()
                .code,
            ErrorCode::Aborted);
  EXPECT(std::filesystem::is_empty(folder));
  std::filesystem::remove_all(folder);
  EXPECT_EQ(trace::convert(*mixed_trace(10), (folder / "out.pwt").string(), {}).error().code,
            ErrorCode::WriteFailed);
}

}  // namespace
}  // namespace pw::test
