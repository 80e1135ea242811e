// SPDX-License-Identifier: MIT
// The type tags of the addon's handles, so that a handle of the wrong class is an error, never a crash.
#pragma once

#include <napi.h>

namespace pw::binding {

inline constexpr napi_type_tag kMachineTag = {0x9d1c2f4e60a74b31, 0xa8b0c64d1e5f7201};
inline constexpr napi_type_tag kTraceTag = {0x9d1c2f4e60a74b31, 0xa8b0c64d1e5f7202};
inline constexpr napi_type_tag kRunTag = {0x9d1c2f4e60a74b31, 0xa8b0c64d1e5f7203};
inline constexpr napi_type_tag kPhysicalMemoryTag = {0x9d1c2f4e60a74b31, 0xa8b0c64d1e5f7204};
inline constexpr napi_type_tag kFrameAllocatorTag = {0x9d1c2f4e60a74b31, 0xa8b0c64d1e5f7205};
inline constexpr napi_type_tag kMmuTag = {0x9d1c2f4e60a74b31, 0xa8b0c64d1e5f7206};
inline constexpr napi_type_tag kPolicyHostTag = {0x9d1c2f4e60a74b31, 0xa8b0c64d1e5f7207};
inline constexpr napi_type_tag kSystemTag = {0x9d1c2f4e60a74b31, 0xa8b0c64d1e5f7208};

}  // namespace pw::binding
