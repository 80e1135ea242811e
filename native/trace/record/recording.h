// SPDX-License-Identifier: MIT
// Makes a packed trace of what valgrind's lackey prints, while the program runs. One log a process lies in a folder,
// named by its process id; a file `ended` beside them says that the program has ended.
//
// Processes that run at the same time are interleaved as their logs come in. A child's log is read up to its present
// end before what its parent did since, so whatever waited for a child comes after what the child did.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "trace/packed_writer.h"
#include "trace/record/process_log.h"

namespace pw::trace {

struct RecordingOptions {
  std::string folder;
  std::uint32_t pid = 0;  // of the process that was started
  std::string output;
  Compress compress = Compress::No;
  const std::atomic<bool>* abort = nullptr;  // ABORTED
  std::function<void(std::uint64_t accesses)> progress = nullptr;
};

// Returns at the end of the program. Errors: TRACE_EMPTY (nothing came), WRITE_FAILED.
Result<TraceInfo> record(const RecordingOptions& options);

}  // namespace pw::trace
