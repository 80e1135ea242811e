// SPDX-License-Identifier: MIT
#include "trace/formats/call_line.h"

#include <algorithm>

#include "trace/formats/hex.h"

namespace pw::trace {
namespace {

constexpr std::string_view kContinuation = "... [async]";

bool take(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// All 64 bits; nothing where there is no digit or one too many.
std::optional<std::uint64_t> take_digits(std::string_view& text, unsigned base) {
  std::uint64_t value = 0;
  std::size_t digits = 0;
  for (; digits < text.size(); ++digits) {
    const int digit = value_of_hex_digit(text[digits]);
    if (digit < 0 || static_cast<unsigned>(digit) >= base) break;
    if (value > (~std::uint64_t{0} - static_cast<unsigned>(digit)) / base) return std::nullopt;
    value = value * base + static_cast<unsigned>(digit);
  }
  text.remove_prefix(digits);
  return digits == 0 ? std::nullopt : std::optional(value);
}

std::optional<std::uint64_t> take_number(std::string_view& text, bool bare_hex = false) {
  if (take(text, "0x")) return take_digits(text, 16);
  if (!take(text, "-")) return take_digits(text, bare_hex ? 16 : 10);
  const auto value = take_digits(text, 10);
  return value ? std::optional(0 - *value) : std::nullopt;
}

bool take_process_id(std::string_view& text, std::uint32_t& id) {
  const auto value = take_digits(text, 10);
  if (!value || *value > 0xffffffff) return false;
  id = static_cast<std::uint32_t>(*value);
  return true;
}

// Where the call's result begins in `text`; its end where there is none.
std::size_t find_result(std::string_view text) {
  const std::size_t arrow = text.rfind(kResultPrefix);
  return arrow == std::string_view::npos ? text.size() : arrow;
}

// The parentheses of the call; `text` becomes what stands behind them.
bool take_call(std::string_view& text, CallLine& line) {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos) return false;
  line.name = trimmed(text.substr(0, open));
  take(line.name, "sys_");
  const std::size_t end = find_result(text);
  // Behind a fork stand words in parentheses, in front of what process was made.
  const std::size_t made = text.substr(0, end).find(": process ");
  const std::size_t before_made = made == std::string_view::npos ? end : text.rfind("   ", made);
  const std::size_t close = text.rfind(')', before_made == std::string_view::npos ? end : before_made);
  if (close == std::string_view::npos || close < open) return false;
  line.arguments = trimmed(text.substr(open + 1, close - open - 1));
  text = text.substr(end);
  return true;
}

}  // namespace

CallResultText parse_result_line(std::string_view line, std::string_view& rest) {
  CallResultText result;
  rest = {};
  if (!take(line, kResultPrefix)) return result;
  if (take(line, "[")) {
    const std::size_t close = line.find("] ");
    if (close == std::string_view::npos) return result;
    const bool waits = line.substr(0, close) == "async";
    line.remove_prefix(close + 2);
    if (waits) return {CallOutcome::Waiting, 0};
  }
  if (take(line, "NoWriteResult"))
    return {CallOutcome::Success, 0};  // rt_sigreturn: its registers are restored
  const bool success = take(line, "Success(");
  if (!success && !take(line, "Failure(")) return result;
  const auto value = take_number(line);
  if (!value) return result;
  // Some results have more than one word: "Success(0x3:0x4)".
  const std::size_t close = line.find(')');
  if (close == std::string_view::npos) return result;
  line.remove_prefix(close + 1);
  take(line, " ");
  rest = line;
  return {success ? CallOutcome::Success : CallOutcome::Failure, *value};
}

std::optional<CallLine> parse_call_line(std::string_view text) {
  CallLine line;
  // The line of another thread may follow at once, and so does the banner of the program that an execve begins.
  const std::size_t banner = text.find(")==");
  const std::size_t another =
      std::min(text.find(kCallPrefix, 1), banner == std::string_view::npos ? banner : banner + 1);
  if (another != std::string_view::npos) {
    auto first = parse_call_line(text.substr(0, another));
    if (first) first->rest = text.substr(another);
    return first;
  }
  std::string_view number = text;
  if (!take(number, kCallPrefix) || !take_process_id(number, line.pid) || !take(number, ",") ||
      !take_process_id(number, line.thread) || !take(number, "]("))
    return std::nullopt;
  text = number;
  if (!take_digits(text, 10) || !take(text, ") ")) return std::nullopt;
  line.continues = take(text, kContinuation);
  if (!line.continues && text.substr(0, 13) == "unimplemented") {
    line.name = "unimplemented";
    return line;
  }
  if (!line.continues && !take_call(text, line)) return std::nullopt;
  if (text.empty()) return line;
  line.result = parse_result_line(text, line.rest);
  if (line.result.outcome == CallOutcome::Open) return std::nullopt;
  return line;
}

std::optional<std::array<std::uint64_t, kMaxArguments>> parse_arguments(std::string_view list,
                                                                        bool bare_hex) {
  std::array<std::uint64_t, kMaxArguments> arguments{};
  for (std::size_t i = 0; i < kMaxArguments && !list.empty(); ++i) {
    const auto value = take_number(list, bare_hex);
    if (!value) return std::nullopt;
    arguments[i] = *value;
    if (take(list, "(")) {
      const std::size_t close = list.rfind("), ");
      list = close == std::string_view::npos ? std::string_view() : list.substr(close + 1);
    }
    if (!list.empty() && !take(list, ", ")) return std::nullopt;
  }
  return arguments;
}

std::string_view text_argument(std::string_view list) {
  const std::size_t open = list.find('(');
  if (open == std::string_view::npos) return {};
  const std::size_t next = list.rfind("), ");
  const std::size_t close = next == std::string_view::npos || next < open ? list.rfind(')') : next;
  return close == std::string_view::npos || close < open ? list.substr(open + 1)
                                                         : list.substr(open + 1, close - open - 1);
}

}  // namespace pw::trace
