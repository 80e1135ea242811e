// SPDX-License-Identifier: MIT
// Names of options as flags: residentLimit is --resident-limit.

/** The flag of an option; what follows its name ("tlb l1d") stays. */
export function flagOf(option: string): string {
  const [name = "", ...rest] = option.split(" ");
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return [`--${flag}`, ...rest].join(" ");
}
