// SPDX-License-Identifier: MIT
// Cuts references into runs of one page and numbers their pages.
#pragma once

#include <cstddef>
#include <span>

#include "analysis/page_numbering.h"
#include "analysis/page_run.h"

namespace pw::analysis {

// Writes the runs of `references` to `runs`, behind the `size` that stand there; the first reference may go
// on with the last of them. Gives the new size. REQUIRES: room for a run a reference.
std::size_t cut_runs(std::span<const PageReference> references, PageNumbering& numbering, PageRun* runs,
                     std::size_t size);

}  // namespace pw::analysis
