// SPDX-License-Identifier: MIT
// Which accesses of a trace a call is about.
#include "binding/selection_values.h"

#include "binding/values.h"

namespace pw::binding {

trace::Selection selection_of(const Napi::Value& value) {
  constexpr std::string_view kRefs[] = {"all", "data", "fetch"};
  constexpr std::string_view kCrossing[] = {"both", "first"};
  trace::Selection selection;
  if (is_absent(value)) return selection;
  const Napi::Object object = object_of(value, "selection");
  if (const Napi::Value limit = object.Get("limit"); !is_absent(limit))
    selection.limit = unsigned_of(limit, "limit");
  if (const Napi::Value refs = object.Get("refs"); !is_absent(refs))
    selection.refs = choice_of<trace::Refs>(refs, "refs", kRefs);
  if (const Napi::Value crossing = object.Get("crossing"); !is_absent(crossing))
    selection.crossing = choice_of<trace::Crossing>(crossing, "crossing", kCrossing);
  return selection;
}

}  // namespace pw::binding
