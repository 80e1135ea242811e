// SPDX-License-Identifier: MIT
// Zeroed host memory that the host commits page by page as it is touched. Nothing is reserved: the
// address range may exceed the host's memory, as a frame table of a 4 PiB machine does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pw {

// From which end a range fills. Where the host has huge pages they back all but the first quarter of a mebibyte: what is
// little stays little, and what has grown costs fewer page faults and fewer misses of the host's TLBs. A range that fills
// downward has them in a 256th of its length.
enum class Fills : std::uint8_t { Anywhere, Upward, Downward };

// Throws std::bad_alloc if the host refuses the range.
void* map_host_pages(std::size_t bytes, Fills fills = Fills::Anywhere);
// REQUIRES: `start` came from map_host_pages(bytes), or is nullptr.
void unmap_host_pages(void* start, std::size_t bytes) noexcept;
// The same, but nullptr where the host refuses the range or would commit it at once.
void* try_map_host_pages(std::size_t bytes, Fills fills = Fills::Anywhere) noexcept;
// A part of such a range, in whole pages of the host, holds zeros again and is given back.
// REQUIRES: the range came from try_map_host_pages.
void discard_host_pages(void* start, std::size_t bytes) noexcept;
// Asks the host to back a range by huge pages where it can: for what will be written from end to end.
void advise_huge_pages(void* start, std::size_t bytes);
// How much of such a range is in host memory now; all of it where the host does not tell.
std::size_t resident_host_bytes(const void* start, std::size_t bytes);
// Which blocks of 4 KiB of such a range may hold something other than zeros, by number, in order: all of them
// where the host does not tell. The others need not be read, which would make the host look each of them up.
std::vector<std::size_t> touched_host_blocks(const void* start, std::size_t bytes);

}  // namespace pw
