// SPDX-License-Identifier: MIT
// npm run new:policy NAME: writes the three hand-written places of a replacement policy: its header, its line in the
// table and its naive twin. What it writes is FIFO, compiles and passes its tests: change both until they are
// the paper's policy.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const root = path.dirname(__dirname);

function refuse(message) {
  console.error(`new:policy: ${message}`);
  process.exit(2);
}

const name = process.argv[2] ?? "";
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
  refuse(`expected a name in lower case with dashes, as in "two-queue"; got ${JSON.stringify(name)}`);

const stem = name.replaceAll("-", "_");
const type = name.replace(/(^|-)([a-z0-9])/g, (_, dash, letter) => letter.toUpperCase());

const header = `// SPDX-License-Identifier: MIT
// ${type}: what it evicts, how it differs from its neighbors, and the paper.
#pragma once

#include "policy/frame_list.h"
#include "policy/replacement/policy.h"

namespace pw::policy {

class ${type} {
 public:
  static constexpr PolicyInfo info{.name = "${name}",
                                   .family = Family::Arrival,
                                   .observes = Observes::Faults,
                                   .summary = "evicts the page that was loaded first"};
  struct Params {};

  ${type}(const PolicyContext& context, Params) : queue_(context.frames) {}

  void on_insert(const Resident& page, Arrival) { queue_.push_youngest(page.frame); }
  void on_remove(const Resident& page, Departure) { queue_.remove(page.frame); }
  FrameIndex choose_victim() { return queue_.oldest(); }

 private:
  FrameList queue_;
};

}  // namespace pw::policy
`;

const twin = `// SPDX-License-Identifier: MIT
// The naive twin of ${name}: the paper's definition on plain vectors.
#include "support/twins/registry.h"

namespace pw::test {
namespace {

class ${type}Twin final : public Twin {
 public:
  explicit ${type}Twin(std::size_t capacity) : capacity_(capacity) {}
  bool refer(std::uint64_t page, bool) override {
    if (contains(pages_, page)) return false;
    if (pages_.size() == capacity_) pop_oldest(pages_);
    pages_.push_back(page);
    return true;
  }

 private:
  std::size_t capacity_;
  Pages pages_;
};

const TwinRegistrar registrar("${name}", twin<${type}Twin>());

}  // namespace
}  // namespace pw::test
`;

const places = {
  header: `native/policy/replacement/${stem}.h`,
  table: "native/policy/replacement/table.h",
  twin: `test/native/analysis/${stem}_test.cc`,
};
const at = (place) => path.join(root, place);
for (const place of [places.header, places.twin]) if (fs.existsSync(at(place))) refuse(`${place} is there already`);

// Includes in alphabetic order; the class at the end of the first group, to be moved to its family's.
const include = `#include "policy/replacement/${stem}.h"`;
const lines = fs.readFileSync(at(places.table), "utf8").split("\n");
const includes = lines.filter((line) => line.startsWith("#include"));
const first = lines.indexOf(includes[0]);
lines.splice(first, includes.length, ...[...includes, include].sort());
const group = lines.findIndex((line) => line.includes("// by arrival"));
if (first < 0 || group < 0) refuse(`${places.table} does not look as expected`);
lines.splice(group + 1, 0, `    ${type},`);

fs.writeFileSync(at(places.header), header);
fs.writeFileSync(at(places.twin), twin);
fs.writeFileSync(at(places.table), lines.join("\n"));
console.log(`written: ${places.header}, ${places.twin}; added to ${places.table}`);
console.log("then: npm run build && npm run generate && npm test");
