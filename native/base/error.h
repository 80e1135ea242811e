// SPDX-License-Identifier: MIT
// The error catalogue: every code with one sentence (error.cc), and the error that carries one.
// Outcomes of a simulation (a page fault, a full memory) are values of their own, not errors.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pw {

enum class ErrorCode : std::uint8_t {
  InvalidArgument,
  OutOfRange,
  UnknownName,
  NameTaken,
  InvalidGeometry,
  InvalidConfig,
  NotCanonical,
  TraceNotFound,
  TraceUnreadable,
  TraceEmpty,
  TraceTruncated,
  TraceCorrupt,
  TraceMalformed,
  TraceFormat,
  TraceCompression,
  TraceNotSeekable,
  DecoderMissing,
  RecorderMissing,
  StateNotFound,
  StateUnreadable,
  StateTruncated,
  StateCorrupt,
  StateFormat,
  WriteFailed,
  Closed,
  Busy,
  Reentered,
  HandlerFailed,
  HandlerAnswer,
  AsyncHandler,
  PolicyFailed,
  PolicyAnswer,
  OutOfMemory,
  SegmentationFault,
  BusError,
  SystemCall,
  NotRunning,
  Halted,
  Exception,
  Aborted,
  SampleTooSmall,
  DoubleFree,
  ForeignFrame,
  AlreadyAllocated,
  AlreadyMapped,
  NotMapped,
  PhysicalAddress,
  GeneralProtection,
  ConfigUnreadable,
  ConfigSyntax,
  BootFailed,
  Unhealthy,
  Internal,
  kCount,
};

// Which JavaScript class carries the code.
enum class ErrorClass : std::uint8_t { Type, Range, Pagewalk };

struct ErrorInfo {
  std::string_view name;  // without the prefix ERR_PAGEWALK_
  ErrorClass type;
  std::string_view summary;
};

const ErrorInfo& info_of(ErrorCode code);
std::span<const ErrorInfo> error_catalogue();

// What went wrong, with its evidence; `line` counts from 1, `offset` is in bytes from 0.
struct Error {
  ErrorCode code = ErrorCode::Internal;
  std::string message;
  std::optional<std::string> file = std::nullopt;
  std::optional<std::uint64_t> line = std::nullopt;
  std::optional<std::uint64_t> offset = std::nullopt;
};

}  // namespace pw
