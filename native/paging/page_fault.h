// SPDX-License-Identifier: MIT
// The error code of a page fault as the processor reports it (Intel SDM vol. 3A, section 4.7, "Page-Fault Exceptions").
#pragma once

#include <cstdint>

namespace pw::paging {

// Bits of the error code.
namespace error_code {
inline constexpr std::uint32_t kPresent = 1u << 0;        // P: the page was present; a right was missing
inline constexpr std::uint32_t kWrite = 1u << 1;          // W/R
inline constexpr std::uint32_t kUser = 1u << 2;           // U/S: user-mode access
inline constexpr std::uint32_t kReserved = 1u << 3;       // RSVD: a reserved bit was set in an entry
inline constexpr std::uint32_t kFetch = 1u << 4;          // I/D
inline constexpr std::uint32_t kProtectionKey = 1u << 5;  // PK
}  // namespace error_code

}  // namespace pw::paging
