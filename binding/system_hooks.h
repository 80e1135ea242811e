// SPDX-License-Identifier: MIT
// Hooks of a system that ask JavaScript: a small integer says what was decided, numbers come by mailbox. Who is asked
// for what is repeated in lib/hooks.ts.
#pragma once

#include <napi.h>

#include <cstdint>

#include "binding/asker.h"
#include "binding/mailbox.h"
#include "os/system.h"

namespace pw::binding {

class SystemHooks final : public mm::Hooks {
 public:
  // A bit each in `asked`, in the order of mm::HookPoint.
  SystemHooks(os::System& system, Asker& asker, Mailbox& mailbox, std::uint32_t first_question)
      : system_(system), asker_(asker), mailbox_(mailbox), first_question_(first_question) {}
  void set_asked(std::uint32_t asked);

  mm::FrameAnswer on_frame_allocation(const mm::PageName& page) override;
  mm::MappingAnswer on_mapping(const mm::MappingRequest& request) override;
  mm::EvictionAnswer on_eviction(const mm::EvictionRequest& request) override;
  mm::SwapAnswer on_swap_out(const mm::SwapRequest& request) override;
  mm::SwapAnswer on_swap_in(const mm::SwapRequest& request) override;

 private:
  bool asks(mm::HookPoint point) const { return asked_ >> static_cast<unsigned>(point) & 1; }
  std::int32_t ask(mm::HookPoint point, const Asker::Detail& detail);
  os::OutOfMemoryAnswer ask_for_room(const os::OutOfMemoryRequest& request);
  mm::SwapAnswer ask_about_swap(mm::HookPoint point, const mm::SwapRequest& request);
  Napi::Object page_to_js(Napi::Env env, const mm::PageName& page);
  os::Pid pid_of(mm::SpaceId space);

  os::System& system_;
  Asker& asker_;
  Mailbox& mailbox_;
  std::uint32_t first_question_;
  std::uint32_t asked_ = 0;
};

}  // namespace pw::binding
