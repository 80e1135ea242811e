// SPDX-License-Identifier: MIT
// How a system is built, and what is wrong with a configuration of one.
#include <utility>

#include "os/system.h"

namespace pw::os {

std::unique_ptr<System> System::boot(const SystemConfig& config, std::vector<Error>& violations) {
  return boot(config, violations, BootSequence());
}

std::unique_ptr<System> System::boot(const SystemConfig& config, std::vector<Error>& violations,
                                     BootSequence sequence) {
  violations = mm::check(config.kernel);
  check_numbers(number_options(), config, violations);
  for (const Error& error : tlb::check(config.cpu.tlb)) violations.push_back(error);
  for (const Error& error : tlb::check(config.cpu.structure_caches)) violations.push_back(error);
  if (config.cpu.tlb.way_choice != tlb::WayChoice::Lru)
    violations.push_back({ErrorCode::InvalidConfig, "tlb: expected the way choice lru of a system"});
  if (!violations.empty()) return nullptr;
  try {
    return std::unique_ptr<System>(new System(config, sequence));
  } catch (BootFailure& failure) {
    violations = sequence.explain(std::move(failure.causes()));
  } catch (const std::bad_alloc&) {
    violations = sequence.explain_host_memory();
  }
  return nullptr;
}

System::System(const SystemConfig& config, BootSequence& boot)
    : config_(config),
      cpu_(config.cpu),
      kernel_(std::make_unique<mm::Kernel>(config.kernel, cpu_, boot)),
      processes_(*kernel_),
      files_(*kernel_),
      violations_(config.violations_kept) {
  boot.begin("processor", [&config] {
    return std::to_string(config.cpu.tlb.tlbs.size()) + " TLBs, " + std::to_string(Cpu::kPcids) + " PCIDs, " +
           std::to_string(config.kernel.levels) + " levels of tables";
  });
  cpu_.connect(kernel_->memory(), config.kernel.levels);
  kernel_->set_out_of_memory(this);
  boot.begin("exception gates", [] { return std::string("#PF and #GP"); });
  install_gates();
  boot_log_ = boot.finish();
}

}  // namespace pw::os
