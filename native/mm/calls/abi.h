// SPDX-License-Identifier: MIT
// The numbers of Linux's memory calls on x86-64 (include/uapi/asm-generic/mman-common.h, mman.h).
#pragma once

#include <cstdint>

namespace pw::mm::abi {

inline constexpr std::uint64_t kProtRead = 1, kProtWrite = 2, kProtExec = 4, kProtSem = 8;
inline constexpr std::uint64_t kProtGrowsDown = 0x0100'0000, kProtGrowsUp = 0x0200'0000;

inline constexpr std::uint64_t kMapShared = 1, kMapPrivate = 2, kMapSharedValidate = 3, kMapType = 0xf;
inline constexpr std::uint64_t kMapFixed = 0x10, kMapAnonymous = 0x20, kMap32Bit = 0x40,
                               kMapGrowsDown = 0x100;
inline constexpr std::uint64_t kMapDenyWrite = 0x800, kMapExecutable = 0x1000, kMapLocked = 0x2000;
inline constexpr std::uint64_t kMapNoReserve = 0x4000, kMapPopulate = 0x8000, kMapNonBlock = 0x1'0000;
inline constexpr std::uint64_t kMapStack = 0x2'0000, kMapHugeTlb = 0x4'0000, kMapFixedNoReplace = 0x10'0000;
inline constexpr std::uint64_t kMapUninitialized = 0x400'0000;
// What MAP_SHARED_VALIDATE takes of files (include/linux/mman.h, LEGACY_MAP_MASK).
inline constexpr std::uint64_t kMapLegacy =
    kMapShared | kMapPrivate | kMapFixed | kMapAnonymous | kMapDenyWrite | kMapExecutable |
    kMapUninitialized | kMapGrowsDown | kMapLocked | kMapNoReserve | kMapPopulate | kMapNonBlock | kMapStack |
    kMapHugeTlb | kMap32Bit | 21ull << 26 | 30ull << 26;

inline constexpr std::uint64_t kMremapMayMove = 1, kMremapFixed = 2, kMremapDontUnmap = 4;
inline constexpr std::uint64_t kMsAsync = 1, kMsInvalidate = 2, kMsSync = 4;
inline constexpr std::uint64_t kMlockOnFault = 1;
inline constexpr std::uint64_t kMclCurrent = 1, kMclFuture = 2, kMclOnFault = 4;

enum Advice : std::uint64_t {
  kNormal = 0,
  kRandom = 1,
  kSequential = 2,
  kWillNeed = 3,
  kDontNeed = 4,
  kFree = 8,
  kRemove = 9,
  kDontFork = 10,
  kDoFork = 11,
  kMergeable = 12,
  kUnmergeable = 13,
  kHugePage = 14,
  kNoHugePage = 15,
  kDontDump = 16,
  kDoDump = 17,
  kWipeOnFork = 18,
  kKeepOnFork = 19,
  kCold = 20,
  kPageOut = 21,
  kPopulateRead = 22,
  kPopulateWrite = 23,
  kDontNeedLocked = 24,
};

}  // namespace pw::mm::abi
