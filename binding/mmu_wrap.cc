// SPDX-License-Identifier: MIT
// The native side of lib/mmu.ts.
#include "binding/mmu_wrap.h"

#include "binding/config_values.h"
#include "binding/errors.h"
#include "binding/physical_memory_wrap.h"
#include "binding/values.h"
#include "binding/way_choice.h"

namespace pw::binding {
namespace {

template <class Ways>
class MmuOf final : public AnyMmu {
 public:
  MmuOf(phys::PhysicalMemory& memory, const paging::Control& control, const tlb::HierarchyConfig& tlbs,
        const tlb::StructureCacheConfig& structure_caches, std::uint64_t seed)
      : mmu_(memory, control, tlbs, structure_caches, seed) {}

  void set_root(PhysAddr root) override { mmu_.set_root(root); }
  Answer access(VirtAddr address, AccessKind kind) override {
    Answer answer;
    answer.translation = mmu_.translate(address, kind, answer.error_code);
    return answer;
  }
  void invalidate(VirtAddr address, bool tables) override {
    mmu_.invalidate(address);
    if (tables) mmu_.invalidate_structure_caches();
  }
  void invalidate_all() override { mmu_.invalidate_all(); }
  unsigned virtual_bits() const override { return mmu_.virtual_bits(); }
  std::vector<TlbCounters> tlbs() const override {
    std::vector<TlbCounters> counters;
    for (const auto& tlb : mmu_.tlbs().tlbs())
      counters.push_back({tlb.name(), tlb.level(), tlb.lookups - tlb.misses, tlb.misses});
    return counters;
  }
  mmu::WalkCounters walks() const override { return mmu_.walks(); }

 private:
  mmu::MixedMmu<Ways> mmu_;
};

AccessKind operation_of(const Napi::Value& value) {
  constexpr std::string_view kWords[] = {"read", "write", "fetch"};
  constexpr AccessKind kKinds[] = {AccessKind::Load, AccessKind::Store, AccessKind::Fetch};
  return kKinds[static_cast<std::size_t>(choice_of<paging::Operation>(value, "operation", kWords))];
}

VirtAddr canonical_of(const Napi::Value& value, unsigned bits) {
  const VirtAddr address(unsigned_of(value, "address"));
  if (!is_canonical(address, bits))
    raise(value.Env(), ErrorCode::NotCanonical,
          "address: expected one that is canonical for " + std::to_string(bits) + " bits, got " +
              describe(value));
  return address;
}

void require(Napi::Env env, const std::vector<Error>& errors) {
  if (!errors.empty()) raise(env, errors.front());
}

}  // namespace

Napi::Function MmuWrap::define(Napi::Env env) {
  return DefineClass(env, "NativeMmu",
                     {
                         InstanceMethod<&MmuWrap::set_root>("setRoot"),
                         InstanceMethod<&MmuWrap::access>("access"),
                         InstanceMethod<&MmuWrap::invalidate>("invalidate"),
                         InstanceMethod<&MmuWrap::invalidate_all>("invalidateAll"),
                         InstanceMethod<&MmuWrap::stats>("stats"),
                     });
}

MmuWrap::MmuWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const Napi::Env env = info.Env();
  guarded(env, [&] {
    memory_ = PhysicalMemoryWrap::from(info[0]).memory();
    const Napi::Object options = object_of(info[1], "options");
    const tlb::HierarchyConfig tlbs = hierarchy_of(options.Get("tlb"));
    const tlb::StructureCacheConfig caches = structure_caches_of(options.Get("structureCaches"));
    require(env, check(tlbs));
    require(env, check(caches));
    const paging::Control control{.levels =
                                      static_cast<unsigned>(unsigned_of(options.Get("levels"), "levels"))};
    if (control.levels != 4 && control.levels != 5)
      raise(env, ErrorCode::OutOfRange, "levels: expected 4 or 5");
    const std::uint64_t seed = unsigned_of(options.Get("seed"), "seed");
    const PhysAddr root = root_of(options.Get("root"));
    mmu_ = make_with<AnyMmu, MmuOf>(tlbs.way_choice, *memory_, control, tlbs, caches, seed);
    mmu_->set_root(root);
  });
}

PhysAddr MmuWrap::root_of(const Napi::Value& value) const {
  const PhysAddr root(unsigned_of(value, "root"));
  if (root.value() % kFrameBytes != 0 || !memory_->contains(root, kFrameBytes))
    raise(value.Env(), ErrorCode::PhysicalAddress,
          "root: expected the address of a frame of the memory, got " + describe(value));
  return root;
}

// (root)
Napi::Value MmuWrap::set_root(const Napi::CallbackInfo& info) {
  mmu_->set_root(root_of(info[0]));
  return {};
}

// (address, operation): the physical address and page size, or the page fault
Napi::Value MmuWrap::access(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&] {
    const VirtAddr address = canonical_of(info[0], mmu_->virtual_bits());
    const AnyMmu::Answer answer = mmu_->access(address, operation_of(info[1]));
    Napi::Object object = Napi::Object::New(env);
    if (answer.translation) {
      object["pa"] = address_to_js(env, answer.translation->physical(address).value());
      object["pageSize"] = to_js(env, name_of(answer.translation->size));
      object["fault"] = env.Null();
      return object;
    }
    Napi::Object fault = Napi::Object::New(env);
    fault["address"] = address_to_js(env, address.value());
    fault["errorCode"] = to_js(env, answer.error_code);
    object["fault"] = fault;
    return object;
  });
}

// (address, tables): INVLPG, and the structure caches where tables were freed
Napi::Value MmuWrap::invalidate(const Napi::CallbackInfo& info) {
  mmu_->invalidate(canonical_of(info[0], mmu_->virtual_bits()), info[1].ToBoolean());
  return {};
}

Napi::Value MmuWrap::invalidate_all(const Napi::CallbackInfo&) {
  mmu_->invalidate_all();
  return {};
}

Napi::Value MmuWrap::stats(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Object object = Napi::Object::New(env);
  object["tlbs"] = list_to_js(env, mmu_->tlbs(), [&](const AnyMmu::TlbCounters& counters) {
    Napi::Object tlb = Napi::Object::New(env);
    tlb["name"] = to_js(env, std::string_view(counters.name));
    tlb["level"] = to_js(env, counters.level);
    tlb["hits"] = to_js(env, counters.hits);
    tlb["misses"] = to_js(env, counters.misses);
    return tlb;
  });
  const mmu::WalkCounters counted = mmu_->walks();
  Napi::Object walks = Napi::Object::New(env);
  walks["total"] = to_js(env, counted.total);
  walks["fetch"] = to_js(env, counted.fetch);
  walks["references"] = to_js(env, counted.references);
  walks["faulted"] = to_js(env, counted.faulted);
  walks["dirtyUpdates"] = to_js(env, counted.dirty_updates);
  object["walks"] = walks;
  return object;
}

}  // namespace pw::binding
