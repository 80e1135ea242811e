// SPDX-License-Identifier: MIT
// What the lackey reader takes and refuses, line by line and across block boundaries.
#include "trace/formats/lackey.h"

#include <cstring>

#include "support.h"
#include "trace/formats/hex.h"
#include "trace/formats/text_line.h"

namespace pw::test {
namespace {

using trace::Batch;
using trace::End;
using trace::LackeyReader;
using trace::Sizes;
using trace::Stop;

constexpr std::string_view kSmall =
    "==12== Lackey\n"
    "I  0401ab70,3\n"
    " S 1fff0006b8,8\n"
    " L 04222fff,4\n"  // crosses a page
    "==12== \n"
    " M ffff800000001000,16\n"
    "I  0401ab70,3\n"
    "I  0401ab73,15\n";

// Feeds `text` to a reader in pieces cut at `cuts`, as a decoder of blocks would.
Result<std::vector<PackedAccess>> decode_in_pieces(std::string_view text, std::vector<std::size_t> cuts,
                                                   trace::ReaderOptions options = {}) {
  LackeyReader reader(options);
  Batch batch(Sizes::Kept);
  std::size_t begin = 0;
  cuts.push_back(text.size());
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    const bool last = i + 1 == cuts.size();
    // A copy with the slack and nothing more, so that a sanitizer sees reads past it.
    std::vector<char> piece(text.begin() + static_cast<std::ptrdiff_t>(begin),
                            text.begin() + static_cast<std::ptrdiff_t>(cuts[i]));
    const std::size_t bytes = piece.size();
    piece.resize(bytes + trace::kSlack, 'f');
    auto decoded = reader.decode({piece.data(), bytes}, last ? End::Last : End::MoreFollows, batch);
    if (!decoded.ok()) return decoded.error();
    begin += decoded.value().used;
    if (decoded.value().stop == Stop::Done) break;
  }
  return std::vector<PackedAccess>(batch.words.get(), batch.words.get() + batch.count);
}

std::vector<PackedAccess> expected_small() {
  return {pack(VirtAddr(0x0401ab70), AccessKind::Fetch),
          pack(VirtAddr(0x1fff0006b8), AccessKind::Store),
          pack(VirtAddr(0x04222fff), AccessKind::Load),
          pack(VirtAddr(0x04223000), AccessKind::Load, Half::Second),
          pack(VirtAddr(0xffff800000001000), AccessKind::Modify),
          pack(VirtAddr(0x0401ab70), AccessKind::Fetch),
          pack(VirtAddr(0x0401ab73), AccessKind::Fetch)};
}

Error refusal(std::string_view text) {
  auto decoded = decode_in_pieces(text, {});
  if (decoded.ok()) record_failure(__FILE__, __LINE__, "accepted " + trace::shown(text));
  REQUIRE(!decoded.ok());
  return decoded.error();
}

PW_TEST(every_pair_of_block_boundaries_gives_the_same_words) {
  for (std::size_t a = 0; a <= kSmall.size(); ++a) {
    for (std::size_t b = a; b <= kSmall.size(); b += 3) {
      auto words = decode_in_pieces(kSmall, {a, b});
      REQUIRE(words.ok());
      REQUIRE(words.value() == expected_small());
    }
  }
}

PW_TEST(last_newline_may_be_missing) {
  auto words = decode_in_pieces(kSmall.substr(0, kSmall.size() - 1), {});
  REQUIRE(words.ok());
  EXPECT(words.value() == expected_small());
}

PW_TEST(line_ends_of_windows_are_taken) {
  std::string text;
  for (const char c : kSmall) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
  auto words = decode_in_pieces(text, {});
  REQUIRE(words.ok());
  EXPECT(words.value() == expected_small());
}

PW_TEST(addresses_of_every_length_and_case_are_taken) {
  std::string digits;
  std::uint64_t value = 0;
  for (const char c : std::string_view("12aB3c4D5e6F70")) {
    digits += c;
    value = value << 4 | static_cast<unsigned>(trace::value_of_hex_digit(c));
    auto words = decode_in_pieces(" L " + digits + ",1\n", {});
    REQUIRE(words.ok());
    EXPECT_EQ(address_of(words.value().at(0)).value(), value);
  }
}

PW_TEST(hex_digits_in_a_register_agree_with_one_by_one) {
  for (int position = 0; position < 8; ++position) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = "0a1b9f36";
      text[static_cast<std::size_t>(position)] = static_cast<char>(byte);
      std::uint64_t loaded;
      std::memcpy(&loaded, text.data(), 8);
      const bool lower = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
      EXPECT_EQ(trace::are_hex_digits(loaded), lower);
      if (lower) EXPECT_EQ(trace::value_of_hex(loaded), std::stoull(text, nullptr, 16));
    }
  }
}

PW_TEST(sizes_from_1_to_4096_are_taken_and_no_others) {
  for (const unsigned size : {1u, 9u, 10u, 99u, 100u, 512u, 999u, 1000u, 4095u, 4096u}) {
    auto words = decode_in_pieces(" L 00001000," + std::to_string(size) + "\n", {});
    REQUIRE(words.ok());
    EXPECT_EQ(words.value().size(), 1u);
  }
  for (const char* size : {"0", "00", "4097", "99999999999999999999999", "", "x", "8x", "-1", "8 "}) {
    EXPECT_EQ(refusal(" L 00001000," + std::string(size) + "\n").code, ErrorCode::TraceMalformed);
  }
}

PW_TEST(lines_that_do_not_parse_are_refused_with_number_and_text) {
  const Error error = refusal("I  0401ab70,3\n==1== x\n L 0401\x01zz\"ab70,3\n");
  EXPECT_EQ(error.code, ErrorCode::TraceMalformed);
  EXPECT_EQ(error.line.value_or(0), 3u);
  EXPECT(error.message.find("\" L 0401\\x01zz\\\"ab70,3\"") != std::string::npos);
  for (const char* line : {"",
                           " ",
                           "I",
                           "I ",
                           "I  ",
                           "I  ,3",
                           "I  0401ab70",
                           "I  0401ab70;3",
                           "L  0401ab70,3",
                           " I 0401ab70,3",
                           " X 0401ab70,3",
                           "   0401ab70,3",
                           "i  0401ab70,3",
                           "I  0x401ab70,3",
                           "I  00000000000000401,3",
                           "I  11112222333344445,3",
                           "=",
                           "I  0401ab70,3,4",
                           "hello",
                           "\t L 00000000,1"}) {
    EXPECT_EQ(refusal("I  0401ab70,3\n" + std::string(line) + "\nI  0401ab70,3\n").line.value_or(0), 2u);
  }
}

PW_TEST(text_of_a_long_line_is_cut_in_the_message) {
  const Error error = refusal(std::string(5000, 'q') + "\n");
  EXPECT(error.message.find(std::string(80, 'q') + "\" and more") != std::string::npos);
  EXPECT(error.message.find(std::string(81, 'q')) == std::string::npos);
}

PW_TEST(addresses_that_are_not_canonical_for_57_bits_are_refused) {
  for (const char* address :
       {"0100000000000000", "feffffffffffffff", "8000000000000000", "fffffffffffffff"}) {
    EXPECT(refusal(" L " + std::string(address) + ",1\n").message.find("canonical for 57 bits") !=
           std::string::npos);
  }
  for (const char* address : {"00ffffffffffffff", "ff00000000000000", "ffffffffffffffff", "ffffffffffffff"}) {
    EXPECT(decode_in_pieces(" L " + std::string(address) + ",1\n", {}).ok());
  }
}

PW_TEST(accesses_that_leave_the_canonical_addresses_are_refused) {
  for (const char* line :
       {" L ffffffffffffffff,2\n", " S 00ffffffffffffff,2\n", " M fffffffffffff001,4096\n"}) {
    EXPECT(refusal(line).message.find("ends within the canonical addresses") != std::string::npos);
  }
}

PW_TEST(skipped_lines_are_counted_and_the_rest_is_kept) {
  const std::string text = std::string(kSmall) + "rubbish\n\nI  0401ab70,3\nmore rubbish";
  const TextTrace small(text, {.format = "lackey", .on_error = trace::OnError::Skip});
  const Drained found = drain(*small.trace);
  EXPECT(!found.error);
  EXPECT_EQ(found.words.size(), expected_small().size() + 1);
  auto info = small.trace->info();
  REQUIRE(info.ok());
  EXPECT_EQ(info.value().skipped, 3u);
  EXPECT_EQ(info.value().other, 2u);
}

PW_TEST(a_file_s_refused_line_names_the_file) {
  const TextTrace bad("I  0401ab70,3\nrubbish\n");
  const Drained found = drain(*bad.trace);
  REQUIRE(found.error.has_value());
  EXPECT_EQ(found.error->code, ErrorCode::TraceMalformed);
  EXPECT_EQ(found.error->file.value_or(""), bad.file.path());
  EXPECT(found.error->message.find(bad.file.path() + ":2: expected a line") == 0);
}

PW_TEST(a_line_without_end_is_refused_in_bounded_memory) {
  const TextTrace endless("I  0401ab70,3\n==" + std::string(std::size_t{8} << 20, '='));
  const Drained found = drain(*endless.trace);
  REQUIRE(found.error.has_value());
  EXPECT_EQ(found.error->code, ErrorCode::TraceMalformed);
}

PW_TEST(instructions_leave_out_fetches_that_repeat_the_fetch_before) {
  const TextTrace rep(
      "I  00001000,2\n S 00002000,8\nI  00001000,2\n S 00002008,8\nI  00001002,1\nI  00001000,2\n");
  const Drained found = drain(*rep.trace);
  EXPECT_EQ(found.counts.fetches, 4u);
  EXPECT_EQ(found.counts.instructions, 3u);
  EXPECT_EQ(found.counts.records, 6u);
}

}  // namespace
}  // namespace pw::test
