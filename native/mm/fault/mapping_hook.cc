// SPDX-License-Identifier: MIT
#include "mm/fault/mapping_hook.h"

namespace pw::mm {

FaultOutcome ask_for_mapping(SpaceFault& fault) {
  Kernel& kernel = fault.kernel();
  if (kernel.has_hook_failure()) return fault.out_of_memory();
  switch (kernel.hooks()->on_mapping({fault.space.id(), fault.page(), fault.is_write(), fault.is_fetch()})) {
    case MappingAnswer::Allow: return FaultOutcome::Pass;
    case MappingAnswer::Refuse: return fault.refuse(FaultReason::RefusedByHook, SegvCode::AccErr);
    case MappingAnswer::Failed: break;
  }
  kernel.fail_hook(HookPoint::Mapping);
  return fault.out_of_memory();
}

}  // namespace pw::mm
