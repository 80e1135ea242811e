// SPDX-License-Identifier: MIT
// Runs a function under benchmark.js and gives seconds per call: the median of the samples.
// Never with setup or teardown (they recompile the function without its closure), never with its
// errors unread.
import Benchmark from "benchmark";

export function secondsPerCall(name, fn, options = {}) {
  const bench = new Benchmark(name, fn, { maxTime: 2, minSamples: 20, ...options });
  bench.run({ async: false });
  if (bench.error) throw new Error(`${name}: ${bench.error.message}`, { cause: bench.error });
  const samples = bench.stats.sample.toSorted((a, b) => a - b);
  return { seconds: samples[samples.length >> 1], samples: samples.length, rme: bench.stats.rme };
}

export function line(name, text, measured) {
  const spread = measured.map((m) => `${m.samples} samples ±${m.rme.toFixed(1)} %`).join(", ");
  console.log(`${name.padEnd(44)} ${text.padEnd(44)} (${spread})`);
}
