// SPDX-License-Identifier: MIT
#include "binding/curve_task.h"

#include <algorithm>
#include <vector>

#include "analysis/lru_curve.h"
#include "binding/page_stream_reading.h"
#include "binding/selection_values.h"

namespace pw::binding {

Napi::Object start_lru_curve(const Napi::CallbackInfo& info, std::shared_ptr<trace::Trace> trace) {
  const trace::Selection selection = selection_of(info[0]);
  using Misses = std::vector<std::uint64_t>;
  return start_task<Misses>(
      info.Env(),
      [trace, selection](TaskProgress& progress) -> Result<Misses> {
        PW_TRY_ASSIGN(const analysis::PageStream stream, read_page_stream(*trace, selection, progress));
        const analysis::Watch watch = watch_analysis(progress, stream.references());
        PW_TRY_ASSIGN(const analysis::ReuseDistances distances, analysis::reuse_distances(stream, watch));
        return distances.misses();
      },
      [](Napi::Env env, const Misses& misses) {
        Napi::Float64Array array = Napi::Float64Array::New(env, misses.size());
        std::ranges::copy(misses, array.Data());
        return array;
      });
}

}  // namespace pw::binding
