// SPDX-License-Identifier: MIT
// Synthetic traces: the same everywhere, within their footprint, and of the shape they claim.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "support.h"
#include "trace/formats/checksum.h"
#include "trace/generators/fixed_math.h"
#include "trace/generators/generator.h"
#include "trace/generators/permutation.h"

namespace pw::test {
namespace {

using trace::GeneratorConfig;
using trace::Trace;

std::vector<PackedAccess> words_of(const GeneratorConfig& config) {
  return drain(*Trace::generate(config).value()).words;
}

std::vector<std::uint64_t> pages_of(const GeneratorConfig& config) {
  std::vector<std::uint64_t> pages;
  for (const PackedAccess word : words_of(config))
    pages.push_back((address_of(word).value() - config.base) / kFrameBytes);
  return pages;
}

std::uint64_t checksum_of_words(const std::vector<PackedAccess>& words) {
  return trace::checksum_of(
      {reinterpret_cast<const char*>(words.data()), words.size() * sizeof(PackedAccess)});
}

PW_TEST(every_generator_stays_in_its_footprint_and_gives_its_accesses) {
  for (const auto& info : trace::generators()) {
    for (const std::uint64_t bytes : {8ull, 4096ull, 4104ull, 1'000'000ull}) {
      const GeneratorConfig config{
          .name = std::string(info.name), .accesses = 10'000, .bytes = bytes, .base = 0x7000, .phase = 100};
      const auto words = words_of(config);
      EXPECT_EQ(words.size(), 10'000u);
      for (const PackedAccess word : words) {
        const std::uint64_t address = address_of(word).value();
        REQUIRE(address >= 0x7000 && address + 8 <= 0x7000 + bytes && address % 8 == 0);
      }
    }
  }
}

PW_TEST(every_generator_repeats_itself_and_gives_a_prefix_under_a_limit) {
  for (const auto& info : trace::generators()) {
    const GeneratorConfig config{
        .name = std::string(info.name), .accesses = 100'000, .stores = 0.3, .seed = 5};
    const auto trace = Trace::generate(config).value();
    const auto words = drain(*trace).words;
    EXPECT(words == drain(*trace).words);
    const auto part = drain(*trace, {.limit = 70'001}).words;
    EXPECT(std::equal(part.begin(), part.end(), words.begin()));
    EXPECT_EQ(part.size(), 70'001u);
  }
}

PW_TEST(zipf_draws_by_the_law) {
  constexpr std::uint64_t kPages = 100;
  constexpr std::size_t kDraws = 400'000;
  for (const double exponent : {0.0, 0.6, 1.0, 1.3, 3.0}) {
    std::map<std::uint64_t, std::size_t> by_page;
    for (const auto page :
         pages_of({.name = "zipf", .accesses = kDraws, .bytes = kPages * 4096, .exponent = exponent}))
      ++by_page[page];
    std::vector<std::size_t> counts;
    for (const auto& [page, count] : by_page) counts.push_back(count);
    std::ranges::sort(counts, std::greater<>());
    double sum = 0;
    for (std::uint64_t k = 1; k <= kPages; ++k) sum += std::pow(static_cast<double>(k), -exponent);
    for (const std::uint64_t k : {1u, 2u, 5u, 20u}) {
      const double expected = kDraws * std::pow(static_cast<double>(k), -exponent) / sum;
      // Five standard deviations; sorting alone moves equal counts apart, so exponent 0 is given more.
      const double slack = (exponent == 0 ? 8 : 5) * std::sqrt(expected) + 5;
      if (counts.size() >= k) EXPECT(std::abs(static_cast<double>(counts[k - 1]) - expected) < slack);
    }
  }
}

PW_TEST(pointer_chase_visits_every_page_once_per_cycle) {
  const auto pages = pages_of({.name = "pointer-chase", .accesses = 3000, .bytes = 1000 * 4096, .seed = 3});
  EXPECT_EQ(std::set<std::uint64_t>(pages.begin(), pages.begin() + 1000).size(), 1000u);
  EXPECT(std::equal(pages.begin(), pages.begin() + 1000, pages.begin() + 1000));
  EXPECT(!std::is_sorted(pages.begin(), pages.begin() + 1000));
}

PW_TEST(strided_and_sequential_step_as_they_say) {
  const auto strided =
      words_of({.name = "strided", .accesses = 5, .bytes = 4 * 4096, .base = 0, .stride = 4096});
  const std::uint64_t expected[] = {0, 4096, 8192, 12288, 8};
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(address_of(strided[static_cast<std::size_t>(i)]).value(), expected[i]);
  const auto sequential = words_of({.name = "sequential", .accesses = 4, .bytes = 24, .base = 0});
  EXPECT_EQ(address_of(sequential[2]).value(), 16u);
  EXPECT_EQ(address_of(sequential[3]).value(), 0u);
}

PW_TEST(gups_modifies_and_the_others_store_the_fraction_asked_for) {
  EXPECT_EQ(drain(*Trace::generate({.name = "gups", .accesses = 1000}).value()).counts.modifies, 1000u);
  for (const double stores : {0.0, 0.25, 1.0}) {
    const auto counts = drain(*Trace::generate({.accesses = 100'000, .stores = stores}).value()).counts;
    EXPECT(std::abs(static_cast<double>(counts.stores) - 100'000 * stores) < 1000);
    EXPECT_EQ(counts.loads + counts.stores, 100'000u);
  }
  // The fraction does not move the addresses.
  const auto loads = words_of({.accesses = 1000});
  const auto mixed = words_of({.accesses = 1000, .stores = 0.5});
  for (std::size_t i = 0; i < 1000; ++i)
    EXPECT_EQ(address_of(loads[i]).value(), address_of(mixed[i]).value());
}

PW_TEST(phases_stay_in_one_eighth_at_a_time) {
  const auto pages = pages_of({.name = "phases", .accesses = 10'000, .bytes = 800 * 4096, .phase = 1000});
  std::set<std::uint64_t> parts;
  for (std::size_t i = 0; i < pages.size(); i += 1000) {
    const auto [low, high] = std::minmax_element(pages.begin() + static_cast<std::ptrdiff_t>(i),
                                                 pages.begin() + static_cast<std::ptrdiff_t>(i) + 1000);
    EXPECT(*low / 100 == *high / 100);
    parts.insert(*low / 100);
  }
  EXPECT(parts.size() > 1);
}

PW_TEST(permutations_are_bijections) {
  for (const std::uint64_t size : {1u, 2u, 3u, 17u, 1024u, 4097u}) {
    const trace::Permutation permutation(size, 9);
    std::set<std::uint64_t> images;
    for (std::uint64_t i = 0; i < size; ++i) images.insert(permutation.at(i));
    EXPECT_EQ(images.size(), size);
    EXPECT(*images.rbegin() < size);
  }
}

PW_TEST(own_mathematics_agrees_with_the_library) {
  for (double x = 1e-6; x < 1e12; x *= 1.37)
    EXPECT(std::abs(trace::fixed_log(x) - std::log(x)) < 1e-13 * (1 + std::abs(std::log(x))));
  for (double x = -600; x < 600; x += 0.713) EXPECT(std::abs(trace::fixed_exp(x) / std::exp(x) - 1) < 1e-12);
}

PW_TEST(configurations_that_cannot_be_are_refused) {
  EXPECT_EQ(Trace::generate({.name = "zipff"}).error().code, ErrorCode::UnknownName);
  EXPECT_EQ(Trace::generate({.accesses = 0}).error().code, ErrorCode::OutOfRange);
  EXPECT_EQ(Trace::generate({.bytes = 12}).error().code, ErrorCode::OutOfRange);
  EXPECT_EQ(Trace::generate({.base = 1}).error().code, ErrorCode::OutOfRange);
  EXPECT_EQ(Trace::generate({.stores = 1.5}).error().code, ErrorCode::OutOfRange);
  EXPECT_EQ(Trace::generate({.stores = std::nan("")}).error().code, ErrorCode::OutOfRange);
  EXPECT_EQ(Trace::generate({.name = "zipf", .exponent = -1}).error().code, ErrorCode::OutOfRange);
  EXPECT_EQ(Trace::generate({.name = "strided", .stride = 0}).error().code, ErrorCode::OutOfRange);
  EXPECT_EQ(Trace::generate({.name = "phases", .phase = 0}).error().code, ErrorCode::OutOfRange);
}

PW_TEST(streams_are_those_of_every_platform) {
  const std::map<std::string_view, std::uint64_t> expected = {
      {"sequential", 9567120470869794347u},    {"strided", 4838296585943560470u},
      {"uniform", 6281867629599807195u},       {"zipf", 14034987686836879360u},
      {"gups", 13437631306437787110u},         {"phases", 8690596905513618698u},
      {"pointer-chase", 11172361186996870039u}};
  for (const auto& info : trace::generators()) {
    const auto words =
        words_of({.name = std::string(info.name), .accesses = 50'000, .stores = 0.2, .seed = 42});
    EXPECT_EQ(checksum_of_words(words), expected.at(info.name));
  }
}

}  // namespace
}  // namespace pw::test
