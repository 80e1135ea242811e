// SPDX-License-Identifier: MIT
// The table of replacement policies: an include and a line for each, in its family's group. The registry
// and the page-stream simulator both make what they need from it.
#pragma once

#include "policy/replacement/active_inactive.h"
#include "policy/replacement/aging.h"
#include "policy/replacement/arc.h"
#include "policy/replacement/cacheus.h"
#include "policy/replacement/car.h"
#include "policy/replacement/clock.h"
#include "policy/replacement/clock_pro.h"
#include "policy/replacement/fifo.h"
#include "policy/replacement/hawkeye.h"
#include "policy/replacement/lecar.h"
#include "policy/replacement/lfu.h"
#include "policy/replacement/lirs.h"
#include "policy/replacement/lru.h"
#include "policy/replacement/lru_k.h"
#include "policy/replacement/mglru.h"
#include "policy/replacement/mru.h"
#include "policy/replacement/nru.h"
#include "policy/replacement/opt.h"
#include "policy/replacement/opt_writeback.h"
#include "policy/replacement/page_fault_frequency.h"
#include "policy/replacement/random.h"
#include "policy/replacement/s3_fifo.h"
#include "policy/replacement/second_chance.h"
#include "policy/replacement/sieve.h"
#include "policy/replacement/slru.h"
#include "policy/replacement/two_queue.h"
#include "policy/replacement/w_tiny_lfu.h"
#include "policy/replacement/working_set.h"
#include "policy/replacement/wsclock.h"

namespace pw::policy {

template <class... Policies>
struct PolicyTable {};

using ReplacementPolicies = PolicyTable<
    // by arrival
    Fifo,
    // by recency
    Lru, Mru, Clock, SecondChance, Nru, Aging, Sieve, Slru, LruK,
    // by frequency
    Lfu,
    // by both, adapting
    TwoQueue, Arc, Car, Lirs, ClockPro, ActiveInactive, MgLru, WTinyLfu, S3Fifo, S3Fifo2024, LeCar, Cacheus,
    Hawkeye,
    // by the working set
    WsClock, WorkingSet, PageFaultFrequency,
    // by chance
    Random,
    // bounds, which know the future
    Opt, OptWriteback>;

}  // namespace pw::policy
