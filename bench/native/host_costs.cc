// SPDX-License-Identifier: MIT
// What the host's own kernel and memory cost, beside the defaults of faultCost (Linux).
//
//   minor fault     a store to an untouched anonymous page of 4 KiB, zeroing included
//   copy on write   a store to such a page after a fork, copying included; a child holds the other reference
//   zero, copy      4 KiB of memory that no cache holds, set to zero or copied
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPage = 4096;
constexpr std::size_t kPages = 1 << 16;  // 256 MiB
constexpr int kRounds = 5;

char* map_pages() {
  void* const start =
      mmap(nullptr, kPages * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) {
    std::perror("mmap");
    _exit(1);
  }
  madvise(start, kPages * kPage, MADV_NOHUGEPAGE);
  return static_cast<char*>(start);
}

template <class Work>
double ns_a_page(Work work) {
  const auto start = Clock::now();
  for (std::size_t page = 0; page < kPages; ++page) work(page * kPage);
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count() / kPages;
}

void store_all(char* start, char value) {
  for (std::size_t page = 0; page < kPages; ++page) start[page * kPage] = value;
}

double minor_fault() {
  char* const start = map_pages();
  const double ns = ns_a_page([&](std::size_t at) { start[at] = 1; });
  munmap(start, kPages * kPage);
  return ns;
}

double copy_on_write() {
  char* const start = map_pages();
  store_all(start, 1);
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  const double ns = ns_a_page([&](std::size_t at) { start[at] = 2; });
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  munmap(start, kPages * kPage);
  return ns;
}

double zero() {
  char* const start = map_pages();
  store_all(start, 1);
  const double ns = ns_a_page([&](std::size_t at) { std::memset(start + at, 0, kPage); });
  munmap(start, kPages * kPage);
  return ns;
}

double copy() {
  char* const from = map_pages();
  char* const to = map_pages();
  store_all(from, 1);
  store_all(to, 1);
  const double ns = ns_a_page([&](std::size_t at) { std::memcpy(to + at, from + at, kPage); });
  munmap(from, kPages * kPage);
  munmap(to, kPages * kPage);
  return ns;
}

void report(const char* name, double (*measure)()) {
  std::vector<double> rounds;
  for (int round = 0; round < kRounds; ++round) rounds.push_back(measure());
  std::ranges::sort(rounds);
  std::printf("%-14s %6.0f ns (%.0f to %.0f)\n", name, rounds[kRounds / 2], rounds.front(), rounds.back());
}

}  // namespace

int main() {
  report("minor fault", minor_fault);
  report("copy on write", copy_on_write);
  report("zero", zero);
  report("copy", copy);
}
