// SPDX-License-Identifier: MIT
// Classes of JavaScript's whose objects hold a native one. ObjectWrap of node-addon-api compiles functions of its own for
// each class and each method; these are a few for all of them, and what differs is data.
#pragma once

#include <napi.h>

#include <memory>
#include <span>

namespace pw::binding {

// What an object of JavaScript's holds. Goes when the collector takes the object.
class Wrap {
 public:
  using Method = Napi::Value (Wrap::*)(const Napi::CallbackInfo&);

  Wrap() = default;
  Wrap(const Wrap&) = delete;
  Wrap& operator=(const Wrap&) = delete;
  virtual ~Wrap() = default;

  // Runs a method; what native code throws becomes a JavaScript exception. Classes may do what all their methods need.
  virtual Napi::Value call(Method method, const Napi::CallbackInfo& info);
  // Before it goes with its object.
  virtual void on_collected(Napi::BasicEnv) {}
};

enum class Member : bool { Method, Getter };

struct WrapMember {
  const char* name;
  Wrap::Method method;
  Member kind;
};

template <auto kMethod>
constexpr WrapMember member(const char* name, Member kind = Member::Method) {
  return {name, static_cast<Wrap::Method>(kMethod), kind};
}

struct WrapClass {
  const char* name;
  // From the arguments of `new`; what native code throws becomes a JavaScript exception.
  std::unique_ptr<Wrap> (*make)(const Napi::CallbackInfo&);
  std::span<const WrapMember> members;
};

template <class W>
std::unique_ptr<Wrap> make_wrap(const Napi::CallbackInfo& info) {
  return std::make_unique<W>(info);
}

// REQUIRES: the class lasts as long as the addon.
Napi::Function define_class(Napi::Env env, const WrapClass& wrap_class);

Wrap& wrap_of(const Napi::Value& object);

// REQUIRES: an object that holds a W, as its type tag says.
template <class W>
W& unwrap(const Napi::Value& object) {
  return static_cast<W&>(wrap_of(object));
}

}  // namespace pw::binding
