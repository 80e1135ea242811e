// SPDX-License-Identifier: MIT
// Generated from the number options and word lists of native/ by `npm run generate`; never edited.

/** What options may be: numbers with range, unit and default, and the words of closed lists. */
export const optionTables = {
  "numbers": {
    "memory": {
      "default": 4294967296,
      "min": 4096,
      "max": 8796093022208,
      "unit": "bytes"
    },
    "residentLimit": {
      "default": 0,
      "min": 0,
      "max": 2147483648,
      "unit": "pages"
    },
    "levels": {
      "default": 4,
      "min": 4,
      "max": 5,
      "unit": ""
    },
    "validateEvery": {
      "default": 0,
      "min": 0,
      "max": 4294967295,
      "unit": "faults"
    },
    "overcommit.ratio": {
      "default": 50,
      "min": 0,
      "max": 1000,
      "unit": "percent"
    },
    "overcommit.adminReserve": {
      "default": 2048,
      "min": 0,
      "max": 4294967295,
      "unit": "pages"
    },
    "overcommit.userReserve": {
      "default": 32768,
      "min": 0,
      "max": 4294967295,
      "unit": "pages"
    },
    "maxMapCount": {
      "default": 65530,
      "min": 0,
      "max": 4294967295,
      "unit": "VMAs"
    },
    "violationsKept": {
      "default": 65536,
      "min": 0,
      "max": 4294967295,
      "unit": "violations"
    },
    "faultCost.minor": {
      "default": 500,
      "min": 0,
      "max": 1000000000000,
      "unit": "ns"
    },
    "faultCost.major": {
      "default": 1000,
      "min": 0,
      "max": 1000000000000,
      "unit": "ns"
    },
    "faultCost.zero": {
      "default": 100,
      "min": 0,
      "max": 1000000000000,
      "unit": "ns"
    },
    "faultCost.copy": {
      "default": 200,
      "min": 0,
      "max": 1000000000000,
      "unit": "ns"
    },
    "fileReadLatency": {
      "default": 85000,
      "min": 0,
      "max": 1000000000000,
      "unit": "ns"
    },
    "swap.size": {
      "default": 0,
      "min": 1,
      "max": 2147483647,
      "unit": "pages"
    },
    "swap.readLatency": {
      "default": 85000,
      "min": 0,
      "max": 1000000000000,
      "unit": "ns"
    },
    "swap.writeLatency": {
      "default": 20000,
      "min": 0,
      "max": 1000000000000,
      "unit": "ns"
    },
    "tlb.entries": {
      "min": 1,
      "max": 1048576,
      "unit": "entries"
    },
    "psc.pml4e": {
      "min": 0,
      "max": 32768,
      "unit": "entries"
    },
    "psc.pdpte": {
      "min": 0,
      "max": 32768,
      "unit": "entries"
    },
    "psc.pde": {
      "min": 0,
      "max": 32768,
      "unit": "entries"
    },
    "cost.l1Hit": {
      "min": 0,
      "max": 4294967295,
      "unit": "cycles"
    },
    "cost.l2Hit": {
      "min": 0,
      "max": 4294967295,
      "unit": "cycles"
    },
    "cost.walkReference": {
      "min": 0,
      "max": 4294967295,
      "unit": "cycles"
    },
    "cost.minorFault": {
      "min": 0,
      "max": 4294967295,
      "unit": "cycles"
    },
    "cost.majorFault": {
      "min": 0,
      "max": 4294967295,
      "unit": "cycles"
    },
    "cost.invalidation": {
      "min": 0,
      "max": 4294967295,
      "unit": "cycles"
    }
  },
  "choices": {
    "tlbPolicy": [
      "lru",
      "fifo",
      "tree-plru",
      "random",
      "srrip"
    ],
    "observe": [
      "exact",
      "hardware"
    ],
    "modify": [
      "once",
      "twice"
    ],
    "pscOnEvict": [
      "all",
      "none"
    ],
    "onViolation": [
      "end-process",
      "record"
    ],
    "overcommit.mode": [
      "heuristic",
      "always",
      "never"
    ],
    "memoryMap.type": [
      "usable",
      "reserved",
      "hole"
    ]
  }
} as const;
