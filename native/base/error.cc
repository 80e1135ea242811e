// SPDX-License-Identifier: MIT
#include "base/error.h"

#include <array>

#include "base/check.h"

namespace pw {
namespace {

constexpr auto kCount = static_cast<std::size_t>(ErrorCode::kCount);
using enum ErrorClass;

constexpr std::array<ErrorInfo, kCount> kCatalogue = {{
    {"INVALID_ARGUMENT", Type, "an argument has the wrong type or form"},
    {"OUT_OF_RANGE", Range, "an argument is outside the range that the call takes"},
    {"UNKNOWN_NAME", Range, "no policy, preset, format or option has this name"},
    {"NAME_TAKEN", Range, "something else has this name already"},
    {"INVALID_GEOMETRY", Range, "entries and ways do not make a whole number of sets"},
    {"INVALID_CONFIG", Range, "options that do not go together"},
    {"NOT_CANONICAL", Range, "an address that is not canonical for the machine's paging levels"},
    {"TRACE_NOT_FOUND", Pagewalk, "the trace file does not exist"},
    {"TRACE_UNREADABLE", Pagewalk, "the trace file cannot be read"},
    {"TRACE_EMPTY", Pagewalk, "the trace holds no access"},
    {"TRACE_TRUNCATED", Pagewalk, "the trace ends in the middle of a record or a compressed stream"},
    {"TRACE_CORRUPT", Pagewalk, "the trace's checksum or compressed stream is wrong"},
    {"TRACE_MALFORMED", Pagewalk, "a line or record of the trace does not parse"},
    {"TRACE_FORMAT", Pagewalk, "the trace's format is not recognised"},
    {"TRACE_COMPRESSION", Pagewalk, "the trace's compression is not what was asked for"},
    {"TRACE_NOT_SEEKABLE", Pagewalk, "the trace is a pipe and would have to be read twice"},
    {"DECODER_MISSING", Pagewalk, "this build lacks the decoder that the trace needs"},
    {"RECORDER_MISSING", Pagewalk, "valgrind, which records traces, cannot be run here"},
    {"STATE_NOT_FOUND", Pagewalk, "the file of a saved state does not exist"},
    {"STATE_UNREADABLE", Pagewalk, "the file of a saved state cannot be read"},
    {"STATE_TRUNCATED", Pagewalk, "a saved state ends before its end"},
    {"STATE_CORRUPT", Pagewalk, "a checksum or a value of a saved state is wrong"},
    {"STATE_FORMAT", Pagewalk,
     "no saved state, or one with a version or a part that this build does not know"},
    {"WRITE_FAILED", Pagewalk, "a file cannot be written"},
    {"CLOSED", Pagewalk, "the object was closed before this call"},
    {"BUSY", Pagewalk, "the object is in use by a run that has not ended"},
    {"REENTERED", Pagewalk, "a handler or a policy called the machine that is waiting for its answer"},
    {"HANDLER_FAILED", Pagewalk, "a handler threw; its exception is the cause"},
    {"HANDLER_ANSWER", Pagewalk, "a handler answered something outside the closed set of answers"},
    {"ASYNC_HANDLER", Pagewalk, "a handler answered with a promise in a synchronous call"},
    {"POLICY_FAILED", Pagewalk, "a policy written in JavaScript threw; its exception is the cause"},
    {"POLICY_ANSWER", Pagewalk, "a policy written in JavaScript named no resident page"},
    {"OUT_OF_MEMORY", Pagewalk, "no frame is free and nothing can be evicted"},
    {"SEGV", Pagewalk, "the access was refused: segmentation fault"},
    {"BUS", Pagewalk, "the access was refused: bus error"},
    {"SYSTEM_CALL", Pagewalk, "a system call was refused; `errno` says why as Linux does"},
    {"NOT_RUNNING", Pagewalk, "the process has ended, or waits for its child"},
    {"HALTED", Pagewalk, "the machine stopped: an exception could not be delivered"},
    {"EXCEPTION", Pagewalk, "an exception handler that was replaced did not let the access complete"},
    {"ABORTED", Pagewalk, "the run was aborted; the partial result is attached"},
    {"SAMPLE_TOO_SMALL", Pagewalk, "an estimate would rest on a sample of too few pages"},
    {"DOUBLE_FREE", Pagewalk, "a frame was freed that is not allocated"},
    {"FOREIGN_FRAME", Range, "a frame that the allocator does not manage"},
    {"ALREADY_ALLOCATED", Pagewalk, "a frame that was asked for by number is in use"},
    {"ALREADY_MAPPED", Pagewalk, "the page is mapped already"},
    {"NOT_MAPPED", Pagewalk, "the page is not mapped"},
    {"PHYSICAL_ADDRESS", Range, "a physical address outside the simulated memory"},
    {"GENERAL_PROTECTION", Range,
     "a register value that the processor refuses with a general-protection exception"},
    {"CONFIG_UNREADABLE", Pagewalk, "a configuration file cannot be read"},
    {"CONFIG_SYNTAX", Range, "a configuration file is no YAML or JSON of names and values"},
    {"BOOT_FAILED", Pagewalk,
     "a step of the boot failed; the message names it and the steps that were undone"},
    {"UNHEALTHY", Pagewalk, "a check of the machine's invariants found a violation"},
    {"INTERNAL", Pagewalk, "a mistake of pagewalk itself; please report it"},
}};

}  // namespace

const ErrorInfo& info_of(ErrorCode code) {
  const auto index = static_cast<std::size_t>(code);
  PW_CHECK(index < kCount);
  return kCatalogue[index];
}

std::span<const ErrorInfo> error_catalogue() { return kCatalogue; }

}  // namespace pw
