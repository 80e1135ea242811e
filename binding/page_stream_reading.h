// SPDX-License-Identifier: MIT
// A trace's page references in memory, for comparisons and curves.
#pragma once

#include <functional>
#include <span>

#include "analysis/page_stream.h"
#include "analysis/watch.h"
#include "binding/task.h"
#include "trace/trace.h"

namespace pw::binding {

// One reference for each selected trace line, to the page of its first byte, in blocks. Tells how far it is as the first
// of so many parts of a whole. Errors: the trace's own, Aborted.
Status read_page_references(const trace::Trace& trace, trace::Selection selection, TaskProgress& progress,
                            std::uint64_t parts,
                            const std::function<void(std::span<const analysis::PageReference>)>& take);
// All of them, as the first tenth of a whole that watch_analysis() tells the rest of.
Result<analysis::PageStream> read_page_stream(const trace::Trace& trace, trace::Selection selection,
                                              TaskProgress& progress);
// What watches the analysis that follows, of so many references.
analysis::Watch watch_analysis(TaskProgress& progress, std::uint64_t references);

}  // namespace pw::binding
