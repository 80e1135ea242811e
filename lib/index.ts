// SPDX-License-Identifier: MIT
// What is public, and only re-exports.
export type { Address } from "./addresses.js";
export type { CompareOptions, CompareResult, CompareRow } from "./comparison.js";
export type { CurveMethod, CurveOptions, CurveResult, MissRatioCurve } from "./curve.js";
export { PagewalkError } from "./errors.js";
export type { ExplainedStep, ExplainedWalk, Explanation } from "./explanation.js";
export type { FaultAnswer, FaultHandler, FaultType, PageFault } from "./fault-handler.js";
export type { ErrorCode } from "./generated/errors.js";
export { BitmapFrameAllocator, type End, type MemoryRange } from "./frame-allocator.js";
export type { FormatName } from "./generated/formats.js";
export type { GeneratorName } from "./generated/generators.js";
export type { PolicyName } from "./generated/policies.js";
export type { PresetName } from "./generated/presets.js";
export type { BootStep } from "./boot-log.js";
export type { Health, HealthCheck } from "./health.js";
export { Machine, type RunOptions, type VmaSource } from "./machine.js";
export { type CacheOptions, MachineState, type StateConfig } from "./machine-state.js";
export type { AccessResult, BatchResult } from "./mailbox.js";
export { type Invalidation, type Leaf, type LeafFlags, Mapper } from "./mapper.js";
export {
  type AccessMode,
  type AccessOptions,
  type Bit,
  type ControlBits,
  type ControlChanges,
  type DumpOptions,
  Mmu,
  type MmuOptions,
  type MmuResult,
  type MmuStats,
  type Operation,
  type ProcessorOptions,
  type TableDump,
  type Walk,
  type WalkStep,
} from "./mmu.js";
export {
  type AddressSpace,
  MmuGroup,
  type MmuGroupOptions,
  type OnCore,
  type ShootdownOption,
  type ShootdownStats,
} from "./mmu-group.js";
export type {
  EvictionHook,
  EvictionRequest,
  FrameHook,
  HookedPage,
  MappingHook,
  MappingRequest,
  OutOfMemoryHook,
  OutOfMemoryRequest,
  SwapHook,
  SwapRequest,
} from "./hooks.js";
export type { EptExit, EptViolation } from "./native.js";
export type { FillOptions, RangeFault, RangeHandler, RangeMode, RangeOptions, UserRange } from "./ranges.js";
export type { ExceptionAnswer, ExceptionFrame, ExceptionHandler, RaisedException } from "./exceptions.js";
export type { CallDifference, ProgramCounts } from "./native-programs.js";
export type { FaultCounts, FaultReason, KernelStats, ProcessPages, TripleFault } from "./native-system.js";
export type { ProgramResult, ProgramsResult, ViolationRow } from "./programs.js";
export {
  NestedMmu,
  type NestedMmuOptions,
  type NestedProcessorOptions,
  type NestedResult,
  type NestedStats,
  type VirtualMachine,
} from "./nested-mmu.js";
export { build, errors, formats, generators, policies, presets } from "./native.js";
export type { AccessKind, MemoryType, PageSize } from "./native-config.js";
export type {
  FaultCostOptions,
  OvercommitOptions,
  ProcessMachineOptions,
  SwapOptions,
} from "./options/processes.js";
export type { MemoryMapRange } from "./options/memory-map.js";
export type { MachineOptions } from "./options/types.js";
export type { EntryFlags } from "./paging-entry.js";
export { type Drawable, type PngOptions, toPng, toSvg, toVegaLite } from "./picture.js";
export type { DrawnCurve, DrawnCurves } from "./plot/curve-spec.js";
export type { VegaLiteSpec } from "./plot/spec.js";
export type { PageBits, PolicyStart, ReplacementPolicy } from "./policy.js";
export type { Process } from "./process.js";
export type {
  Advice,
  AttachFlag,
  Flags,
  LockAllFlag,
  LockFlag,
  MapFlag,
  OpenFlag,
  Protection,
  RemapFlag,
  SegmentFlag,
  SignalName,
  SyncFlag,
} from "./process-names.js";
export type {
  CreateProcessOptions,
  LimitChanges,
  MmapOptions,
  MremapOptions,
  ProcessLimits,
  ProcessMemory,
  ProcessState,
  ProcessStats,
  Region,
  RemoteRange,
  Vma,
} from "./process-types.js";
export type { SignalAnswer, SignalHandler } from "./signals.js";
export { statsDelta } from "./stats-delta.js";
export { PhysicalMemory, type PhysicalMemoryOptions } from "./physical-memory.js";
export type { MachineConfig, MachineStats, RunResult } from "./result.js";
export type { ReuseHistogram, ReuseOptions, ReuseResult, WorkingSets } from "./reuse.js";
export type { RunProgress } from "./run.js";
export type { ProcessAccess, ProcessBatch } from "./process-accesses.js";
export type { TaskHooks, TaskProgress } from "./task.js";
export { type PolicyOutcome, PolicySimulation, type PolicySimulationOptions } from "./policy-simulation.js";
export { Tlb, type TlbGeometryOptions, type TlbHit } from "./tlb.js";
export type { SelfTestPart, SelfTestReport, UsedMachine } from "./selftest/index.js";
export { selfTest } from "./selftest/load.js";
export {
  type AddressOptions,
  type AddressRange,
  type ConvertOptions,
  type ConvertProgress,
  type DistinctPages,
  type GenerateOptions,
  Trace,
  type TraceInfo,
  type TraceOptions,
} from "./trace.js";
export type { Violation, ViolationFilter } from "./violation.js";
