// SPDX-License-Identifier: MIT
// The entry of ES modules: the same objects as index.ts, never a second copy. They are named one by one because Node
// would have to read the source of every module behind `export *` to find their names.
import library = require("./index.js");

export type * from "./index.js";
export import PagewalkError = library.PagewalkError;
export import BitmapFrameAllocator = library.BitmapFrameAllocator;
export import Machine = library.Machine;
export import MachineState = library.MachineState;
export import Mapper = library.Mapper;
export import Mmu = library.Mmu;
export import MmuGroup = library.MmuGroup;
export import NestedMmu = library.NestedMmu;
export import build = library.build;
export import errors = library.errors;
export import formats = library.formats;
export import generators = library.generators;
export import policies = library.policies;
export import presets = library.presets;
export import toPng = library.toPng;
export import toSvg = library.toSvg;
export import toVegaLite = library.toVegaLite;
export import statsDelta = library.statsDelta;
export import PhysicalMemory = library.PhysicalMemory;
export import PolicySimulation = library.PolicySimulation;
export import Tlb = library.Tlb;
export import selfTest = library.selfTest;
export import Trace = library.Trace;
