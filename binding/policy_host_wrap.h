// SPDX-License-Identifier: MIT
// The native side of lib/policy-host.ts: a replacement policy written in JavaScript, as policies are hosted
// (native/policy/policy_host.h).
//
// Only on the JavaScript thread, with the simulation suspended: runs with such a policy are executed there in
// slices. Events, questions and answers travel by the columns of one ArrayBuffer, whose layout is repeated in
// lib/policy-host.ts; the function takes no argument and answers with a small integer: how many victims
// it wrote, or kFailed when the policy broke down (lib/policy-host.ts then knows why).
#pragma once

#include <napi.h>

#include <memory>

#include "binding/wrap.h"
#include "policy/hosted_policy.h"

namespace pw::binding {

class PolicyHostWrap final : public Wrap, public policy::PolicyHost {
 public:
  static Napi::Function define(Napi::Env env);
  // The wrapper behind an argument; raises if it is something else.
  static PolicyHostWrap& from(const Napi::Value& value);

  // (ask, buffer, observesReferences)
  explicit PolicyHostWrap(const Napi::CallbackInfo& info);

  // A policy of this host's. REQUIRES: the one before, if any, is not used any more.
  std::unique_ptr<policy::ReplacementPolicy> make(const policy::PolicyContext& context);
  // Of the policy made last. REQUIRES: it lives.
  void flush() { policy_->flush(); }
  void remove_all() { policy_->remove_all(); }
  // JavaScript is being asked or told something right now.
  bool is_asking() const { return asking_; }

  bool observes_references() const override { return observes_references_; }
  policy::EventColumns columns() override { return columns_; }
  void deliver(std::size_t rows) override;
  std::span<const double> choose_victims(VirtPage page, std::size_t rows) override;
  void refuse_victim(std::size_t index) override;

 private:
  static constexpr std::size_t kRows = 4096;
  static constexpr std::size_t kVictims = 1024;
  static constexpr std::int32_t kFailed = -1;
  enum class Question : std::uint8_t { Deliver, Choose, Refuse };

  void attach(const Napi::Value& buffer);
  std::int32_t ask(Question question, std::size_t rows, double detail);
  Napi::Value test_and_clear_accessed(const Napi::CallbackInfo& info);
  Napi::Value test_dirty(const Napi::CallbackInfo& info);
  std::uint64_t page_asked_about(const Napi::CallbackInfo& info) const;

  Napi::FunctionReference ask_;   // weak
  Napi::ObjectReference buffer_;  // JavaScript never detaches it; nothing outside lib/ sees it
  double* header_ = nullptr;      // the question, rows of events, and a page or an index
  std::span<double> victims_;
  policy::EventColumns columns_;
  bool observes_references_ = false;
  policy::HostedPolicy* policy_ = nullptr;
  bool asking_ = false;
  bool choosing_ = false;
};

}  // namespace pw::binding
