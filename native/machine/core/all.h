// SPDX-License-Identifier: MIT
// Every part of Core, for the files that compile it: one for each way choice.
#pragma once

#include "machine/core/ahead.h"
#include "machine/core/answers.h"
#include "machine/core/build.h"
#include "machine/core/faults.h"
#include "machine/core/loop.h"
#include "machine/core/readings.h"
#include "machine/core/step.h"
