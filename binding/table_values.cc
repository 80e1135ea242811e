// SPDX-License-Identifier: MIT
// Dumps of page tables.
#include "binding/table_values.h"

#include "binding/mmu_values.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

Napi::Object range_to_js(Napi::Env env, const paging::Range& range) {
  Napi::Object object = Napi::Object::New(env);
  const bool is_pages = range.kind == paging::RangeKind::Pages;
  object["kind"] = to_js(env, paging::name_of(range.kind));
  object["start"] = address_to_js(env, range.start.value());
  object["bytes"] = to_js(env, range.bytes);
  object["level"] = to_js(env, range.level);
  object["name"] = to_js(env, paging::entry_name(range.level));
  object["entries"] = to_js(env, range.entries);
  object["accessed"] = to_js(env, range.accessed);
  object["rights"] = rights_to_js(env, range.rights);
  if (range.kind != paging::RangeKind::Reserved)
    object["physical"] = address_to_js(env, range.physical.value());
  if (range.kind == paging::RangeKind::Shared)
    object["sharedWith"] = address_to_js(env, range.shared_with.value());
  if (!is_pages) return object;
  object["contiguous"] = to_js(env, range.is_contiguous);
  object["dirty"] = to_js(env, range.dirty);
  object["global"] = to_js(env, range.rights.is_global());
  object["protectionKey"] = to_js(env, range.rights.protection_key());
  return object;
}

Napi::Object totals_to_js(Napi::Env env, const paging::DumpTotals& totals) {
  Napi::Object tables = Napi::Object::New(env);
  for (paging::Level level = paging::kPt; level <= paging::kPml5; ++level)
    tables[std::string(paging::table_name(level))] = to_js(env, totals.tables[level]);
  Napi::Object pages = Napi::Object::New(env);
  for (std::size_t size = 0; size < kPageSizes; ++size)
    pages[std::string(name_of(static_cast<PageSize>(size)))] = to_js(env, totals.pages[size]);
  Napi::Object object = Napi::Object::New(env);
  object["tables"] = tables;
  object["pages"] = pages;
  object["userBytes"] = to_js(env, totals.user_bytes);
  object["writableBytes"] = to_js(env, totals.writable_bytes);
  object["executableBytes"] = to_js(env, totals.executable_bytes);
  object["writableExecutableBytes"] = to_js(env, totals.writable_executable_bytes);
  object["accessedPages"] = to_js(env, totals.accessed_pages);
  object["dirtyPages"] = to_js(env, totals.dirty_pages);
  object["reservedEntries"] = to_js(env, totals.reserved_entries);
  object["recursiveEntries"] = to_js(env, totals.recursive_entries);
  object["sharedEntries"] = to_js(env, totals.shared_entries);
  object["otherEntries"] = to_js(env, totals.other_entries);
  return object;
}

}  // namespace

paging::DumpOptions dump_options_of(const Napi::Value& value) {
  const Napi::Object options = object_of(value, "options");
  return {.tree = bit_of(options.Get("tree"), "tree"),
          .physical = bit_of(options.Get("physical"), "physical")};
}

Napi::Object dump_to_js(Napi::Env env, const paging::TableDump& dump) {
  Napi::Object object = Napi::Object::New(env);
  object["ranges"] =
      list_to_js(env, dump.ranges, [&](const paging::Range& range) { return range_to_js(env, range); });
  object["totals"] = totals_to_js(env, dump.totals);
  return object;
}

}  // namespace pw::binding
