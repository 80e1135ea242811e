// SPDX-License-Identifier: MIT
// Passes over a whole trace: collecting its counts, and writing it in the packed form or as text.
#include "trace/text_writer.h"
#include "trace/trace.h"

namespace pw::trace {
namespace {

// One pass: every batch to `take`, then the counts.
template <class Take>
Result<TraceInfo> collect(Producer& producer, const PassOptions& options, Take take) {
  InfoCollector collector;
  Batch batch(Sizes::Kept);
  for (;;) {
    if (options.abort && options.abort->load()) {
      return Error{.code = ErrorCode::Aborted, .message = "reading the trace was aborted"};
    }
    PW_TRY(producer.fill(batch));
    if (options.progress) options.progress(producer.position(), producer.total());
    collector.add(batch);
    PW_TRY(take(batch));
    if (batch.count == 0) break;
  }
  // A packed trace knows what its words no longer show.
  if (!producer.embedded_info().empty()) return decode_info(producer.embedded_info());
  return collector.finish(producer);
}

}  // namespace

Result<TraceInfo> Trace::info(const PassOptions& options) const {
  if (packed_) return packed_->info();
  PW_TRY_ASSIGN(const auto producer, produce(std::nullopt, options.digest));
  return collect(*producer, options, [](const Batch&) -> Status { return Done{}; });
}

// What convert() needs of a trace.
struct Conversion {
  static Result<TraceInfo> run(const Trace& trace, PackedWriter& writer, const ConvertOptions& options) {
    PW_TRY_ASSIGN(const auto producer, trace.produce(options.limit, options.pass.digest));
    PW_TRY_ASSIGN(TraceInfo info, collect(*producer, options.pass, [&](const Batch& batch) {
                    return writer.add({batch.words.get(), batch.count}, batch.events);
                  }));
    // All of a packed file: its own counts, which know more than its words.
    if (trace.packed_ && info.counts.records == trace.packed_->info().counts.records)
      return trace.packed_->info();
    return info;
  }

  static Result<TraceInfo> write_text(const Trace& trace, TextWriter& writer, const ConvertOptions& options) {
    PW_TRY_ASSIGN(const auto producer, trace.produce(options.limit, options.pass.digest));
    return collect(*producer, options.pass, [&](const Batch& batch) { return writer.add(batch); });
  }
};

Result<TraceInfo> convert_to_text(const Trace& trace, const std::string& path,
                                  const ConvertOptions& options) {
  PW_TRY_ASSIGN(TextWriter writer, TextWriter::create(path));
  PW_TRY_ASSIGN(TraceInfo info, Conversion::write_text(trace, writer, options));
  PW_TRY(writer.finish());
  return info;
}

Result<TraceInfo> convert(const Trace& trace, const std::string& path, const ConvertOptions& options) {
  PW_TRY_ASSIGN(PackedWriter writer, PackedWriter::create(path, options.compress));
  PW_TRY_ASSIGN(TraceInfo info, Conversion::run(trace, writer, options));
  if (info.counts.records == 0) {
    return Error{.code = ErrorCode::TraceEmpty, .message = "trace " + trace.name() + " holds no access"};
  }
  PW_TRY(writer.finish(info));
  return info;
}

}  // namespace pw::trace
