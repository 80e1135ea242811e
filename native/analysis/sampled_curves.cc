// SPDX-License-Identifier: MIT
#include "analysis/sampled_curves.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "analysis/estimate.h"
#include "analysis/fixed_size_shards.h"
#include "analysis/page_sample.h"
#include "analysis/stack_distances.h"

namespace pw::analysis {
namespace {

constexpr std::uint64_t kSampledPoints = 200;  // where a further size costs nothing
constexpr std::uint64_t kMostSampled = std::uint64_t{1} << 26;
constexpr unsigned kPartShift = 29;  // the part of a page is the top bits of a hash
static_assert(kSampleParts == 1U << (32 - kPartShift));

HashThreshold threshold_of(double rate) {
  return std::max<HashThreshold>(1, static_cast<HashThreshold>(std::llround(rate * 0x1p32)));
}

Error nothing_sampled(std::uint64_t references) {
  if (references > 0) return check_sample(0, 0).error();
  return Error{ErrorCode::TraceEmpty,
               "the curve: expected references, but the trace has none of those selected"};
}

// What all curves of one sample have in common.
struct Sample {
  std::uint64_t references = 0;
  std::uint64_t sampled_pages = 0;
  double rate = 1;

  std::uint64_t pages() const {
    return static_cast<std::uint64_t>(std::llround(static_cast<double>(sampled_pages) / rate));
  }
};

Result<MissRatioCurve> curve_of(const Sample& sample, const SampledEstimators& estimators, CurveSizes sizes,
                                std::uint64_t usual_points) {
  if (sizes.rule == SizeRule::Usual) sizes = {.rule = SizeRule::Points, .points = usual_points, .listed = {}};
  MissRatioCurve curve{
      .frames = sizes_of(sizes, sample.pages(), SizeCost::Simulation), .misses = {}, .error_bars = {}};
  PW_TRY_ASSIGN(Estimate estimated, estimate(estimators, curve.frames, sample.references));
  curve.misses = std::move(estimated.misses);
  curve.error_bars = std::move(estimated.error_bars);
  curve.pages = sample.pages();
  curve.sampled_pages = sample.sampled_pages;
  curve.rate = sample.rate;
  return curve;
}

// Between two numbers of frames that were counted at, on the straight line.
double between(double below, double above, double frames) {
  return below + (above - below) * (frames - std::floor(frames));
}

// Frames of a sample for so many of the whole; with less than one it has one.
double scaled(double frames, double rate) { return std::max(1.0, frames * rate); }

Estimator lru_estimator(const PageStream& sample, double rate, const Watch& watch) {
  return [&sample, rate, watch](const std::vector<double>& frames) -> Result<std::vector<double>> {
    PW_TRY_ASSIGN(const StackDistances distances, lru_distances(sample, watch));
    const std::vector<std::uint64_t> misses = distances.misses();
    const auto at = [&](double size) {
      return static_cast<double>(
          misses[static_cast<std::size_t>(std::min(size, static_cast<double>(misses.size() - 1)))]);
    };
    std::vector<double> estimates;
    for (const double size : frames) {
      const double mini = scaled(size, rate);
      estimates.push_back(between(at(mini), at(mini + 1), mini) / rate);
    }
    return estimates;
  };
}

// Simulated at the whole numbers of frames on both sides, or at the nearest where that is as good.
Estimator simulated_estimator(const PageStream& sample, double rate, const CurveRequest& request,
                              const policy::ParsedPolicy& policy, const Watch& watch) {
  constexpr double kMany = 64;
  return [=, &sample, &request, &policy](const std::vector<double>& frames) -> Result<std::vector<double>> {
    std::vector<std::uint64_t> sizes;
    const auto mini_of = [rate](double size) {
      const double mini = scaled(size, rate);
      return mini < kMany ? mini : std::round(mini);
    };
    for (const double size : frames)
      for (const double mini : {std::floor(mini_of(size)), std::ceil(mini_of(size))})
        sizes.push_back(static_cast<std::uint64_t>(mini));
    std::ranges::sort(sizes);
    sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
    Comparison comparison{
        .policies = {policy}, .frames = {}, .seed = request.seed, .threads = request.threads};
    for (const std::uint64_t size : sizes) comparison.frames.push_back({.count = size});
    PW_TRY_ASSIGN(const std::vector<Compared> outcomes, compare(sample, comparison, watch));
    const auto at = [&](double size) {
      const auto found = std::ranges::lower_bound(sizes, static_cast<std::uint64_t>(size));
      return static_cast<double>(outcomes[static_cast<std::size_t>(found - sizes.begin())].outcome.misses);
    };
    std::vector<double> estimates;
    for (const double size : frames) {
      const double mini = mini_of(size);
      estimates.push_back(between(at(std::floor(mini)), at(std::ceil(mini)), mini) / rate);
    }
    return estimates;
  };
}

// The sampled stream divided by another hash of its pages.
std::vector<PageStream> parts_of(const PageStream& sample, std::uint64_t seed) {
  constexpr std::size_t kFlush = 4096;
  const std::uint32_t key = hash_key(seed, 1);
  std::vector<PageStream> parts(kSampleParts);
  std::vector<std::vector<PageReference>> waiting(kSampleParts);
  const auto flush = [&](std::uint32_t part) {
    parts[part].add(waiting[part]);
    waiting[part].clear();
  };
  for (const PageRun run : sample.runs()) {
    const std::uint64_t page = sample.page_number(run.page);
    const std::uint32_t part = page_hash(page, key) >> kPartShift;
    for (std::uint32_t i = 0; i < run.count(); ++i) {
      waiting[part].push_back(page | (i == 0 && run.stores() != 0 ? kStoreBit : 0));
      if (waiting[part].size() == kFlush) flush(part);
    }
  }
  for (std::uint32_t part = 0; part < kSampleParts; ++part) flush(part);
  return parts;
}

PageSample sample_of(std::uint64_t seed, const Sampling& sampling) {
  const PageFilter filter(hash_key(seed, 0));
  if (sampling.pages > 0) return PageSample(filter, static_cast<std::uint32_t>(sampling.pages));
  return PageSample(filter, threshold_of(sampling.rate));
}

// Keeps the sampled references: SHARDS with a fixed rate, and miniature simulation.
class StreamSampler final : public CurveSampler {
 public:
  enum class Way : std::uint8_t { Distances, Simulations };

  StreamSampler(const CurveRequest& request, const Sampling& sampling, Way way)
      : request_(request), way_(way), sample_(sample_of(request.seed, sampling)) {}

  void add(std::span<const PageReference> references) override {
    references_ += references.size();
    sample_.add(references);
  }

  Result<std::vector<MissRatioCurve>> curves(const Watch& watch) override {
    const PageStream stream = sample_.take();
    if (stream.pages() == 0) return nothing_sampled(references_);
    const Sample sample{references_, stream.pages(), sample_.rate()};
    PW_TRY(check_sample(sample.sampled_pages, sample.rate));
    const std::vector<PageStream> parts = parts_of(stream, request_.seed);
    std::vector<MissRatioCurve> curves;
    for (const policy::ParsedPolicy& policy : request_.policies) {
      const auto estimator = [&](const PageStream& of, double rate) {
        return way_ == Way::Distances ? lru_estimator(of, rate, watch)
                                      : simulated_estimator(of, rate, request_, policy, watch);
      };
      SampledEstimators estimators{.whole = estimator(stream, sample.rate), .parts = {}, .rate = sample.rate};
      for (const PageStream& part : parts)
        estimators.parts.push_back(estimator(part, sample.rate / kSampleParts));
      const std::uint64_t points = way_ == Way::Distances ? kSampledPoints : kUsualPoints;
      PW_TRY_ASSIGN(MissRatioCurve curve, curve_of(sample, estimators, request_.sizes, points));
      curves.push_back(std::move(curve));
    }
    return curves;
  }

 private:
  const CurveRequest& request_;
  Way way_;
  PageSample sample_;
  std::uint64_t references_ = 0;
};

// Keeps nothing but the sampled pages' last uses.
class FixedSizeSampler final : public CurveSampler {
 public:
  FixedSizeSampler(const CurveRequest& request, std::uint32_t most)
      : request_(request),
        filter_(hash_key(request.seed, 0)),
        part_key_(hash_key(request.seed, 1)),
        whole_(most, 1) {
    for (std::uint32_t part = 0; part < kSampleParts; ++part)
      parts_.emplace_back(most / kSampleParts, 1.0 / kSampleParts);
  }

  void add(std::span<const PageReference> references) override {
    constexpr std::size_t kBlock = 1 << 14;  // between two looks at the thresholds
    references_ += references.size();
    while (!references.empty()) {
      const std::span<const PageReference> block = references.first(std::min(references.size(), kBlock));
      selected_.clear();
      filter_.select(block, threshold(), selected_);
      for (const PageReference reference : selected_) use(reference & ~kStoreBit);
      references = references.subspan(block.size());
    }
  }

  Result<std::vector<MissRatioCurve>> curves(const Watch&) override {
    if (whole_.pages() == 0) return nothing_sampled(references_);
    const Sample sample{references_, whole_.pages(), whole_.rate()};
    PW_TRY(check_sample(sample.sampled_pages, sample.rate));
    const auto estimator = [](const FixedSizeShards& of) {
      return [&of](const std::vector<double>& frames) -> Result<std::vector<double>> {
        return of.misses(frames);
      };
    };
    SampledEstimators estimators{.whole = estimator(whole_),
                                 .parts = {},
                                 .rate = sample.rate,
                                 .resolution = FixedSizeShards::kResolution};
    for (const FixedSizeShards& part : parts_) estimators.parts.push_back(estimator(part));
    PW_TRY_ASSIGN(const MissRatioCurve curve, curve_of(sample, estimators, request_.sizes, kSampledPoints));
    return std::vector<MissRatioCurve>(request_.policies.size(), curve);
  }

 private:
  HashThreshold threshold() const {
    HashThreshold highest = whole_.threshold();
    for (const FixedSizeShards& part : parts_) highest = std::max(highest, part.threshold());
    return highest;
  }
  void use(std::uint64_t page) {
    const std::uint32_t hash = filter_.hash_of(page);
    whole_.use(page, hash);
    parts_[page_hash(page, part_key_) >> kPartShift].use(page, hash);
  }

  const CurveRequest& request_;
  PageFilter filter_;
  std::uint32_t part_key_;
  FixedSizeShards whole_;
  std::vector<FixedSizeShards> parts_;
  std::uint64_t references_ = 0;
  std::vector<PageReference> selected_;
};

}  // namespace

Status check_shards(const policy::ParsedPolicy& policy) {
  if (policy.entry->info.name == "lru") return Done{};
  return Error{ErrorCode::InvalidArgument, "policy: expected lru with the method shards, got " +
                                               std::string(policy.entry->info.name) +
                                               " (the method miniature takes any policy)"};
}

Status check_sampling(const Sampling& sampling) {
  if (sampling.pages == 0 && !(sampling.rate > 0 && sampling.rate <= 1))
    return Error{ErrorCode::OutOfRange, "rate: expected a share of the pages above 0 and at most 1, got " +
                                            std::to_string(sampling.rate)};
  if (sampling.pages != 0 && (sampling.pages < kLeastSample || sampling.pages > kMostSampled))
    return Error{ErrorCode::OutOfRange, "samples: expected " + std::to_string(kLeastSample) + " to " +
                                            std::to_string(kMostSampled) + " pages, got " +
                                            std::to_string(sampling.pages)};
  return Done{};
}

std::unique_ptr<CurveSampler> shards(const CurveRequest& request, const Sampling& sampling) {
  if (sampling.pages > 0)
    return std::make_unique<FixedSizeSampler>(request, static_cast<std::uint32_t>(sampling.pages));
  return std::make_unique<StreamSampler>(request, sampling, StreamSampler::Way::Distances);
}

std::unique_ptr<CurveSampler> miniature(const CurveRequest& request, const Sampling& sampling) {
  return std::make_unique<StreamSampler>(request, sampling, StreamSampler::Way::Simulations);
}

}  // namespace pw::analysis
