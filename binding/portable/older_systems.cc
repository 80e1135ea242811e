// SPDX-License-Identifier: MIT
// Functions of the C and C++ libraries that newer systems export under newer versions, defined here by what older
// ones export: with them a binary that GCC links on a new system loads where Node 20 does (glibc 2.28, GLIBCXX 3.4.21).
// Linked into prebuilt binaries only; test/pack/binaries.mjs names what is missing here.
#include <pthread.h>
#include <sys/stat.h>

#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>

#if defined(__x86_64__)
#define OLDEST "GLIBC_2.2.5"
#define STAT_VERSION 1
#elif defined(__aarch64__)
#define OLDEST "GLIBC_2.17"
#define STAT_VERSION 0
#else
#error "the oldest symbol version of this architecture's glibc is not known here"
#endif

// The names on the left stand for the oldest versions of the functions on the right.
extern "C" {
double oldest_exp(double);
double oldest_pow(double, double);
double oldest_log(double);
double oldest_exp2(double);
double oldest_log2(double);
double oldest_hypot(double, double);
int oldest_fxstat(int, int, struct stat*);
void oldest_exception_copy(void* to, const void* from);
void oldest_exception_destroy(void*);
int oldest_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
}
__asm__(".symver oldest_exp, exp@" OLDEST);
__asm__(".symver oldest_pow, pow@" OLDEST);
__asm__(".symver oldest_log, log@" OLDEST);
__asm__(".symver oldest_exp2, exp2@" OLDEST);
__asm__(".symver oldest_log2, log2@" OLDEST);
__asm__(".symver oldest_hypot, hypot@" OLDEST);
__asm__(".symver oldest_fxstat, __fxstat@" OLDEST);
__asm__(".symver oldest_pthread_create, pthread_create@" OLDEST);
__asm__(".symver oldest_exception_copy, _ZNSt15__exception_ptr13exception_ptrC1ERKS0_@CXXABI_1.3.3");
__asm__(".symver oldest_exception_destroy, _ZNSt15__exception_ptr13exception_ptrD1Ev@CXXABI_1.3.3");

extern "C" {
// Since glibc 2.29 (hypot: 2.35) without the error handling of SVID; the values are the same.
double exp(double x) noexcept { return oldest_exp(x); }
double pow(double x, double y) noexcept { return oldest_pow(x, y); }
double log(double x) noexcept { return oldest_log(x); }
double exp2(double x) noexcept { return oldest_exp2(x); }
double log2(double x) noexcept { return oldest_log2(x); }
double hypot(double x, double y) noexcept { return oldest_hypot(x, y); }

// Since glibc 2.33 a function of its own.
int fstat(int descriptor, struct stat* status) noexcept {
  return oldest_fxstat(STAT_VERSION, descriptor, status);
}

// Since glibc 2.32 tells when atomic operations may be plain ones; Node always has several threads.
char __libc_single_threaded = 0;
}

// Since GCC 7.
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  void* memory = nullptr;
  if (::posix_memalign(&memory, static_cast<std::size_t>(alignment), bytes) != 0) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace std {

// Since GCC 12.
void condition_variable::wait(unique_lock<mutex>& lock) { _M_cond.wait(*lock.mutex()); }

// Since GCC 11.
void __throw_bad_array_new_length() { throw bad_array_new_length(); }

// Since GCC 11 called by what the header inlines; before, copies and destructors were functions, and still are.
void __exception_ptr::exception_ptr::_M_addref() noexcept {
  alignas(exception_ptr) unsigned char copy[sizeof(exception_ptr)];
  oldest_exception_copy(copy, this);
}
void __exception_ptr::exception_ptr::_M_release() noexcept {
  oldest_exception_destroy(this);
  _M_exception_object = nullptr;
}

// Since GCC 9 asked where types have no descriptions, by code that has them; none of it sees a pointer of ours.
bool _Sp_make_shared_tag::_S_eq(const type_info&) noexcept { return false; }

// Since GCC 6.
thread::_State::~_State() = default;

static void* run_state(void* from) {
  const unique_ptr<thread::_State> state(static_cast<thread::_State*>(from));
  state->_M_run();
  return nullptr;
}

void thread::_M_start_thread(unique_ptr<_State> state, void (*)()) {
  const int reason = oldest_pthread_create(&_M_id._M_thread, nullptr, &run_state, state.get());
  if (reason != 0) throw system_error(error_code(reason, generic_category()), "pthread_create");
  state.release();
}

}  // namespace std
