// SPDX-License-Identifier: MIT
// The table of replacement policies: an include and a line for each, in its family's group. The registry
// and the page-stream simulator both make what they need from it.
#pragma once

#include "policy/replacement/arc.h"
#include "policy/replacement/clock.h"
#include "policy/replacement/fifo.h"
#include "policy/replacement/lecar.h"
#include "policy/replacement/lfu.h"
#include "policy/replacement/lru.h"
#include "policy/replacement/mru.h"
#include "policy/replacement/opt.h"
#include "policy/replacement/random.h"
#include "policy/replacement/s3_fifo.h"
#include "policy/replacement/sieve.h"
#include "policy/replacement/slru.h"
#include "policy/replacement/two_queue.h"

namespace pw::policy {

template <class... Policies>
struct PolicyTable {};

using ReplacementPolicies = PolicyTable<
    // by arrival
    Fifo,
    // by recency
    Lru, Mru, Clock, Sieve, Slru,
    // by frequency
    Lfu,
    // by both, adapting
    TwoQueue, Arc, S3Fifo, S3Fifo2024, LeCar,
    // by chance
    Random,
    // bounds, which know the future
    Opt>;

}  // namespace pw::policy
