// SPDX-License-Identifier: MIT
// One line of `valgrind --trace-syscalls=yes`, taken apart:
//
//   SYSCALL[889,1](9) sys_mmap ( 0x0, 8192, 3, 34, 4294967295, 0 ) --> [pre-success] Success(0x4835000)
//   SYSCALL[889,1](28) sys_madvise ( 0x4a2d000, 8192, 4 ) --> [async] ...
//   SYSCALL[889,1](28) ... [async] --> Success(0x0)
//   SYSCALL[889,1](58) sys_fork ( )   fork: process 889 created child 890
//    --> [pre-success] Success(0x37a)
//
// A result may stand on a line of its own, and the line of another thread may follow it at once.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "trace/event.h"

namespace pw::trace {

enum class CallOutcome : std::uint8_t {
  Open,     // it comes on the next line
  Waiting,  // it comes in a line of its own that begins as this one does ([async])
  Success,
  Failure,
};

struct CallResultText {
  CallOutcome outcome = CallOutcome::Open;
  std::uint64_t value = 0;
};

struct CallLine {
  std::uint32_t pid = 0;
  std::uint32_t thread = 0;
  bool continues = false;        // "... [async]": the result of a call that was shown before
  std::string_view name = {};    // without "sys_"
  std::string_view arguments{};  // between the parentheses
  CallResultText result;
  std::string_view rest = {};  // what else stands on the line
};

inline constexpr std::string_view kCallPrefix = "SYSCALL[";
inline constexpr std::string_view kResultPrefix = " --> ";

// Nothing where the line is no such line.
std::optional<CallLine> parse_call_line(std::string_view line);
// A line that begins with kResultPrefix; `rest` is what follows. Open where it has no result.
CallResultText parse_result_line(std::string_view line, std::string_view& rest);

// The numbers of an argument list in C's notation, at most one with a text in parentheses behind it; absent
// ones are 0. Nothing where one is no number. `bare_hex`: numbers without 0x are hexadecimal all the same.
std::optional<std::array<std::uint64_t, kMaxArguments>> parse_arguments(std::string_view list,
                                                                        bool bare_hex = false);
// The text in parentheses of the first argument that has one.
std::string_view text_argument(std::string_view list);

}  // namespace pw::trace
