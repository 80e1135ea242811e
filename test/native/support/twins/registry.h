// SPDX-License-Identifier: MIT
// Which twin a policy is compared with. A twin with a file of its own registers itself there:
//
//   const TwinRegistrar registrar("name", twin<NameTwin>());
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "support/twins/twin.h"

namespace pw::test {

using MakeTwin = std::function<std::unique_ptr<Twin>(std::size_t capacity, const Pages& stream)>;

// T(capacity, arguments...)
template <class T, class... Arguments>
MakeTwin twin(Arguments... arguments) {
  return [=](std::size_t capacity, const Pages&) { return std::make_unique<T>(capacity, arguments...); };
}

inline std::vector<std::pair<std::string, MakeTwin>>& registered_twins() {
  static std::vector<std::pair<std::string, MakeTwin>> all;
  return all;
}

struct TwinRegistrar {
  // `spec`: "name" or "name:key=value".
  TwinRegistrar(std::string spec, MakeTwin make) {
    registered_twins().emplace_back(std::move(spec), std::move(make));
  }
};

}  // namespace pw::test
