// SPDX-License-Identifier: MIT
// The proportional set size of an address space (Linux's Pss in /proc/PID/smaps).
#pragma once

#include "mm/address_space.h"

namespace pw::mm {

// Resident pages, each divided by the number of entries that map it; the shared page of zeros counts nothing.
// Costs O(entries).
double proportional_pages(AddressSpace& space);

}  // namespace pw::mm
