// SPDX-License-Identifier: MIT
#include "trace/formats/table.h"

#include <algorithm>
#include <array>

#include "trace/formats/champsim.h"
#include "trace/formats/din.h"
#include "trace/formats/lackey.h"
#include "trace/formats/packed.h"
#include "trace/formats/text_line.h"

namespace pw::trace {
namespace {

template <class R>
constexpr FormatInfo entry(std::string_view name, std::string_view summary) {
  bool (*has_events)(std::string_view) = nullptr;
  if constexpr (requires { &R::has_events; }) has_events = &R::has_events;
  return {name, summary, &R::recognizes, has_events,
          [](ReaderOptions options) -> std::unique_ptr<Reader> { return std::make_unique<R>(options); }};
}

constexpr std::array kFormats = {
    entry<PackedReader>(kPackedFormat, "pagewalk's binary form: indexed, checksummed, used in place"),
    entry<LackeyReader>("lackey", "text of valgrind --tool=lackey --trace-mem=yes"),
    entry<DinReader>("din", "Dinero IV's text: a label and an address"),
    entry<ChampSimReader>("champsim", "ChampSim's instruction records of 64 bytes"),
};

std::string all_names() {
  std::string names;
  for (const FormatInfo& format : kFormats) names += (names.empty() ? "" : ", ") + std::string(format.name);
  return names;
}

bool is_text(std::string_view head) {
  return std::ranges::all_of(head, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= ' ' || byte == '\n' || byte == '\r' || byte == '\t';
  });
}

std::string describe(std::string_view head) {
  if (is_text(head)) return "text that begins with " + shown(head.substr(0, head.find('\n')));
  std::string hex;
  for (const char c : head.substr(0, 8)) {
    const auto byte = static_cast<unsigned char>(c);
    hex += {' ', "0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
  }
  return "binary data that begins with" + hex;
}

}  // namespace

std::span<const FormatInfo> formats() { return kFormats; }

Result<const FormatInfo*> find_format(std::string_view name) {
  const auto* found = std::ranges::find(kFormats, name, &FormatInfo::name);
  if (found != kFormats.end()) return found;
  return Error{.code = ErrorCode::UnknownName,
               .message = "unknown trace format " + shown(name) + ", expected one of " + all_names()};
}

Result<const FormatInfo*> detect_format(std::string_view head) {
  for (const FormatInfo& format : kFormats) {
    if (format.recognizes(head)) return &format;
  }
  return Error{.code = ErrorCode::TraceFormat,
               .message = "expected a trace (" + all_names() + "), found " + describe(head.substr(0, 256))};
}

}  // namespace pw::trace
