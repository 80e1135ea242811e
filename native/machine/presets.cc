// SPDX-License-Identifier: MIT
// The table of presets; the first is the default.
#include <algorithm>

#include "machine/config.h"
#include "machine/presets/list.h"

namespace pw::machine {

const std::vector<Preset>& presets() {
  static const std::vector<Preset> kPresets = {intel_skylake_sp(), intel_icelake_sp(), intel_sapphirerapids(),
                                               amd_zen2(),         amd_zen4(),         arm_neoverse_n1()};
  return kPresets;
}

const Preset* find_preset(std::string_view name) {
  const auto& all = presets();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Preset& preset) { return preset.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace pw::machine
