// SPDX-License-Identifier: MIT
// The walk of a guest's tables: the rules of the walker (walker.h), where reading and marking an entry is
// itself an access that may be refused. A loop of its own, since the walker reads entries ahead of their
// checks and keeps no place for a refusal.
#pragma once

#include "paging/control.h"
#include "paging/permission.h"
#include "paging/walker.h"

namespace pw::paging {

// Tables:
//   bool open(PhysAddr entry, Level, std::uint64_t*& slot)   the entry's word, if it may be read
//   bool may_write()                                         whether the one opened last may be written
template <class Tables>
class GuestWalker {
 public:
  // The tables stay where they are.
  GuestWalker(Tables& tables, const Control& control)
      : tables_(&tables), control_(control), reserved_(control) {}

  const Control& control() const { return control_; }
  void set_control(const Control& control) {
    control_ = control;
    reserved_ = ReservedBits(control);
  }

  // Nothing where an entry could not be reached or marked; the tables know why. `references` are set either
  // way.
  bool walk(WalkStart start, VirtAddr address, AccessType access, WalkResult& result) {
    Entry upper = start.upper;
    result.references = 0;
    for (result.level = start.level;; --result.level) {
      result.slot_address = entry_address(upper.table(), address, result.level);
      if (!tables_->open(result.slot_address, result.level, result.slot)) return false;
      ++result.references;
      result.raw = Entry(result.slot ? *result.slot : 0);
      if (!result.raw.is_present()) return fault(result, WalkEnd::NotPresent, access, 0);
      if (result.raw.bits() & reserved_.mask(result.level, result.raw))
        return fault(result, WalkEnd::Reserved, access, error_code::kPresent | error_code::kReserved);
      if (result.level == kPt || result.raw.is_page())
        return finish(result, along(upper, result.raw), access);
      if (!mark(result, flag::kAccessed)) return false;
      upper = Entry(along(upper, result.raw).bits() & (kAddressBits | kPathRights));
      result.upper[result.level] = upper.bits();
    }
  }

 private:
  bool mark(WalkResult& result, std::uint64_t flags) {
    if (result.raw.has(flags)) return true;
    if (!tables_->may_write()) return false;
    result.raw = result.raw.with(flags);
    *result.slot = result.raw.bits();
    return true;
  }
  bool fault(WalkResult& result, WalkEnd end, AccessType access, std::uint32_t code) const {
    result.end = end;
    result.error_code = code | error_code_of(access, control_);
    return true;
  }
  bool finish(WalkResult& result, Entry page, AccessType access) {
    if (const std::uint32_t code = refusal(page, access, control_))
      return fault(result, WalkEnd::Refused, access, code);
    const std::uint64_t wanted = flag::kAccessed | (access.operation == Operation::Write ? flag::kDirty : 0);
    if (!mark(result, wanted)) return false;
    result.page = page.with(wanted);
    result.end = WalkEnd::Translated;
    return true;
  }

  Tables* tables_;
  Control control_;
  ReservedBits reserved_;
};

}  // namespace pw::paging
