// SPDX-License-Identifier: MIT
#include "trace/record/recording.h"

#ifndef _WIN32
#include <dirent.h>
#include <unistd.h>
#endif

#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "trace/file.h"
#include "trace/producer.h"
#include "trace/record/process_maps.h"

namespace pw::trace {

#ifdef _WIN32

Result<TraceInfo> record(const RecordingOptions&) {
  return Error{.code = ErrorCode::RecorderMissing,
               .message = "recording needs valgrind, which Windows has not"};
}

#else

namespace {

constexpr auto kPause = std::chrono::milliseconds(5);

// Stands for what the logs held besides words, for the counts of the trace.
class LogTallies final : public Producer {
 public:
  explicit LogTallies(ReaderTally tally) : tally_(tally) {}
  Status fill(Batch&) override { return Done{}; }
  std::uint64_t position() const override { return 0; }
  std::uint64_t total() const override { return 0; }
  ReaderTally tally() const override { return tally_; }

 private:
  ReaderTally tally_;
};

// Empty where there is none, or the process has ended.
std::string maps_of(std::uint32_t pid) {
  const auto file = InputFile::open("/proc/" + std::to_string(pid) + "/maps");
  std::string maps;
  for (char part[4096]; file.ok();) {
    const auto bytes = file.value()->read(part);
    if (!bytes.ok() || bytes.value() == 0) break;
    maps.append(part, bytes.value());
  }
  return maps;
}

class Recorder {
 public:
  Recorder(const RecordingOptions& options, PackedWriter writer)
      : options_(options), writer_(std::move(writer)), out_(Sizes::Kept) {}

  Result<TraceInfo> run() {
    logs_.push_back(make_log(options_.pid, ProcessLog::Origin::Started));
    for (bool has_ended = false;;) {
      if (options_.abort && options_.abort->load())
        return Error{.code = ErrorCode::Aborted, .message = "the recording was aborted"};
      find_logs();
      PW_TRY_ASSIGN(const bool had_more, read_all());
      if (had_more) continue;
      if (has_ended) break;
      has_ended = ::access((options_.folder + "/ended").c_str(), F_OK) == 0;
      if (!has_ended) std::this_thread::sleep_for(kPause);
    }
    for (std::size_t i = 0; i < logs_.size(); ++i) PW_TRY(take(*logs_[i], End::Last));
    return finish();
  }

 private:
  std::unique_ptr<ProcessLog> make_log(std::uint32_t pid, ProcessLog::Origin origin) const {
    return std::make_unique<ProcessLog>(options_.folder + "/" + std::to_string(pid), pid, origin);
  }

  void add_child(std::uint32_t pid, const CallReader& calls) {
    auto& log = found_[pid];
    if (!log) log = make_log(pid, ProcessLog::Origin::Forked);
    log->set_calls(calls);
    logs_.push_back(std::move(log));
  }

  // Children first: what they did until now goes before what is read of their parents next.
  Result<bool> read_all() {
    bool any = false;
    for (std::size_t i = logs_.size(); i-- > 0;) {
      PW_TRY_ASSIGN(const bool had_more, read(*logs_[i]));
      any = any || had_more;
    }
    return any;
  }

  // Logs of processes that were forked are taken as soon as they are there, since what a process execs would empty
  // them; they are read once their parent's log has come to the fork.
  void find_logs() {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(options_.folder.c_str()), ::closedir);
    if (!folder) return;
    while (const dirent* entry = ::readdir(folder.get())) {
      const std::string_view name = entry->d_name;
      std::uint32_t pid = 0;
      const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
      if (error != std::errc() || end != name.data() + name.size() || found_.contains(pid)) continue;
      found_[pid] = nullptr;
      if (pid == options_.pid) continue;
      found_[pid] = make_log(pid, ProcessLog::Origin::Forked);
      found_[pid]->open_log();
    }
  }

  Result<bool> read(ProcessLog& log) {
    PW_TRY_ASSIGN(const bool had_more, log.read_more());
    if (!had_more) return false;
    const bool is_first = log.origin() == ProcessLog::Origin::Started && !started_;
    if (is_first) {
      started_ = true;
      PW_TRY(put_program(log.pid()));
    }
    // Before this part of the log: all that its children did up to the moment when it was read.
    for (std::size_t i = logs_.size(); logs_[--i].get() != &log;)
      for (;;) {
        PW_TRY_ASSIGN(const bool more, read(*logs_[i]));
        if (!more) break;
      }
    PW_TRY(take(log, End::MoreFollows));
    return true;
  }

  Status take(ProcessLog& log, End end) {
    for (bool is_full = true; is_full;) {
      Batch batch(Sizes::Kept);
      PW_TRY_ASSIGN(is_full, log.decode(batch, end));
      PW_TRY(put(log, batch, end));
    }
    return Done{};
  }

  Status put(ProcessLog& log, const Batch& batch, End end) {
    std::size_t done = 0;
    for (const Event& event : batch.events) {
      PW_TRY(put_words(log.pid(), batch, done, event.position));
      done = event.position;
      PW_TRY(put_event(event));
      if (event.kind == EventKind::Exec && end == End::MoreFollows) PW_TRY(put_program(log.pid()));
      if (event.kind != EventKind::Fork || event.failed) continue;
      const auto child = static_cast<std::uint32_t>(event.result);
      add_child(child, log.calls().of_child(child));
    }
    return put_words(log.pid(), batch, done, batch.count);
  }

  // What the program finds mapped; the process waits for its log to be read, or is still being loaded.
  Status put_program(std::uint32_t pid) {
    for (const Event& event : events_of_maps(maps_of(pid), pid)) PW_TRY(put_event(event));
    return Done{};
  }

  Status put_event(Event event) {
    PW_TRY(run(event.pid));
    event.position = out_.count;
    out_.events.push_back(std::move(event));
    return Done{};
  }

  Status run(std::uint32_t pid) {
    if (std::exchange(current_, pid) == pid) return Done{};
    out_.events.push_back({.kind = EventKind::Switch, .pid = pid, .position = out_.count});
    return Done{};
  }

  Status put_words(std::uint32_t pid, const Batch& batch, std::size_t begin, std::size_t end) {
    if (begin == end) return Done{};
    PW_TRY(run(pid));
    for (std::size_t i = begin; i < end; ++i) {
      if (!out_.has_room_for_access() && !is_second_half(batch.words[i])) PW_TRY(flush());
      out_.words[out_.count] = batch.words[i];
      out_.sizes[out_.count++] = batch.sizes[i];
    }
    return Done{};
  }

  Status flush() {
    collector_.add(out_);
    PW_TRY(writer_.add({out_.words.get(), out_.count}, out_.events));
    accesses_ += out_.count;
    out_.clear();
    if (options_.progress) options_.progress(accesses_);
    return Done{};
  }

  Result<TraceInfo> finish() {
    PW_TRY(flush());
    ReaderTally tally;
    for (const auto& log : logs_) {
      tally.other += log->tally().other;
      tally.skipped += log->tally().skipped;
      tally.unrelated_calls += log->tally().unrelated_calls;
      tally.cut_calls += log->tally().cut_calls;
    }
    const TraceInfo info = collector_.finish(LogTallies(tally));
    if (info.counts.records == 0)
      return Error{.code = ErrorCode::TraceEmpty, .message = "valgrind recorded no access"};
    PW_TRY(writer_.finish(info));
    return info;
  }

  const RecordingOptions& options_;
  PackedWriter writer_;
  InfoCollector collector_;
  std::vector<std::unique_ptr<ProcessLog> > logs_;               // in the order of their processes
  std::map<std::uint32_t, std::unique_ptr<ProcessLog> > found_;  // by process; null: among the others
  Batch out_;
  std::uint32_t current_ = 0;
  bool started_ = false;
  std::uint64_t accesses_ = 0;
};

}  // namespace

Result<TraceInfo> record(const RecordingOptions& options) {
  PW_TRY_ASSIGN(PackedWriter writer, PackedWriter::create(options.output, options.compress));
  return Recorder(options, std::move(writer)).run();
}

#endif

}  // namespace pw::trace
