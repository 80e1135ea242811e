// SPDX-License-Identifier: MIT
// Module initialization only.
#include <napi.h>

#include "binding/addon_data.h"
#include "binding/frame_allocator_wrap.h"
#include "binding/machine_wrap.h"
#include "binding/mapper_wrap.h"
#include "binding/mmu_wrap.h"
#include "binding/nested_mmu_wrap.h"
#include "binding/physical_memory_wrap.h"
#include "binding/policy_host_wrap.h"
#include "binding/policy_simulation_wrap.h"
#include "binding/program_job.h"
#include "binding/replay_job.h"
#include "binding/shootdowns_wrap.h"
#include "binding/state_values.h"
#include "binding/system_wrap.h"
#include "binding/tables.h"
#include "binding/tlb_wrap.h"
#include "binding/trace_makers.h"
#include "binding/trace_wrap.h"
#include "binding/values.h"

namespace pw::binding {
namespace {

void set_error_factory(const Napi::CallbackInfo& info) {
  info.Env().GetInstanceData<AddonData>()->make_error = Napi::Persistent(function_of(info[0], "make"));
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  auto* data = new AddonData;
  env.SetInstanceData(data);
  data->trace_class = Napi::Persistent(TraceWrap::define(env));
  exports["NativeMachine"] = MachineWrap::define(env);
  exports["NativeRun"] = ReplayJob::define(env);
  exports["NativeProgramRun"] = ProgramJob::define(env);
  exports["NativePolicyHost"] = PolicyHostWrap::define(env);
  exports["NativePolicySimulation"] = PolicySimulationWrap::define(env);
  exports["NativeSystem"] = SystemWrap::define(env);
  exports["NativePhysicalMemory"] = PhysicalMemoryWrap::define(env);
  exports["NativeFrameAllocator"] = FrameAllocatorWrap::define(env);
  exports["NativeMapper"] = MapperWrap::define(env);
  exports["NativeMmu"] = MmuWrap::define(env);
  exports["NativeNestedMmu"] = NestedMmuWrap::define(env);
  exports["NativeShootdowns"] = ShootdownsWrap::define(env);
  exports["NativeTlb"] = TlbWrap::define(env);
  exports["setErrorFactory"] = Napi::Function::New<set_error_factory>(env);
  define_trace_makers(env, exports);
  define_states(env, exports);
  define_tables(env, exports);
  return exports;
}

}  // namespace
}  // namespace pw::binding

using pw::binding::initialize;
NODE_API_MODULE(pagewalk, initialize)
