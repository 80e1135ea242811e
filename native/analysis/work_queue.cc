// SPDX-License-Identifier: MIT
#include "analysis/work_queue.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace pw::analysis {
namespace {

class WorkQueue {
 public:
  WorkQueue(std::size_t count, const std::function<void(std::size_t)>& work) : count_(count), work_(work) {}

  void take_part() {
    try {
      for (std::size_t next = next_++; next < count_; next = next_++) work_(next);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!thrown_) thrown_ = std::current_exception();
      next_ = count_;
    }
  }
  void rethrow() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }

 private:
  std::size_t count_;
  const std::function<void(std::size_t)>& work_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::exception_ptr thrown_;
};

// A host that has no more threads to give is served by those that there are.
bool add_thread(std::vector<std::thread>& threads, WorkQueue& queue) {
  try {
    threads.emplace_back([&queue] { queue.take_part(); });
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

}  // namespace

void work_off(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work) {
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t others = std::min<std::size_t>(threads, std::max<std::size_t>(1, count)) - 1;
  WorkQueue queue(count, work);
  std::vector<std::thread> running;
  running.reserve(others);
  while (running.size() < others && add_thread(running, queue)) {
  }
  queue.take_part();
  for (std::thread& thread : running) thread.join();
  queue.rethrow();
}

}  // namespace pw::analysis
