// SPDX-License-Identifier: MIT
// Checks for our own mistakes. PW_CHECK always runs, PW_DCHECK in debug builds. Both throw
// InternalError, which only the binding catches: it marks the machine unusable.
#pragma once

#include <stdexcept>
#include <string>

namespace pw {

class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] inline void check_failed(const char* condition, const char* file, int line) {
  throw InternalError(std::string("internal check failed: ") + condition + " (" + file + ":" +
                      std::to_string(line) + ")");
}

}  // namespace pw

#define PW_CHECK(condition) \
  (static_cast<bool>(condition) ? void() : ::pw::check_failed(#condition, __FILE__, __LINE__))
#ifdef NDEBUG
#define PW_DCHECK(condition) void()
#else
#define PW_DCHECK(condition) PW_CHECK(condition)
#endif

// PW_INLINED stands behind the parameters of a lambda.
#if defined(__GNUC__) || defined(__clang__)
#define PW_NOINLINE __attribute__((noinline))
#if defined(__SANITIZE_ADDRESS__) || defined(__OPTIMIZE_SIZE__)
#define PW_INLINED  // instrumented code inlined everywhere takes minutes to compile
#else
#define PW_INLINED __attribute__((always_inline))
#endif
#define PW_ALWAYS_INLINE inline PW_INLINED
#define PW_PREFETCH(address) __builtin_prefetch(address)
#else
#define PW_NOINLINE __declspec(noinline)
#define PW_ALWAYS_INLINE __forceinline
#define PW_INLINED [[msvc::forceinline]]
#define PW_PREFETCH(address) void()
#endif

namespace pw {

// Loads the value and leaves it. Many such loads in a row wait for memory together, where prefetches of PW_PREFETCH
// would queue up behind the host's TLB misses.
template <class T>
PW_ALWAYS_INLINE void touch(const T& value) {
  static_cast<void>(*static_cast<const volatile T*>(&value));
}

}  // namespace pw
