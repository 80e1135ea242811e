// SPDX-License-Identifier: MIT
// A whole, bootable machine: replay a trace, access addresses one by one or in bulk, read the counters.
import { type Address, addressArray, addressBits, addressIn64Bits, safeAddress } from "./addresses.js";
import { type BootStep, bootLogOf } from "./boot-log.js";
import { PagewalkError, rangeError, typeError } from "./errors.js";
import type { ExceptionHandler } from "./exceptions.js";
import { type FaultAnswer, FaultChain, type PageFault } from "./fault-handler.js";
import { type Health, healthOf } from "./health.js";
import {
  type EvictionHook,
  type FrameHook,
  Hooks,
  type MappingHook,
  type OutOfMemoryHook,
  type SwapHook,
} from "./hooks.js";
import { type CacheOptions, cacheNames, configText } from "./machine-state.js";
import { type AccessResult, type BatchResult, kindNumber, Mailbox } from "./mailbox.js";
import { type AccessKind, addon, type NativeMachine } from "./native.js";
import type { TripleFault } from "./native-system.js";
import { checkedPath } from "./options/path.js";
import { show } from "./options/problems.js";
import type { MachineOptions, ResolvedOptions } from "./options/types.js";
import { configPart, optionsPart, policyHostPart, processesPart } from "./parts.js";
import { checkPolicyObject, type ReplacementPolicy } from "./policy.js";
import type { PolicyHost } from "./policy-host.js";
import type { Process } from "./process.js";
import { lengthOf, mostBytes } from "./arguments.js";
import type { CreateProcessOptions } from "./process-types.js";
import type { Processes } from "./processes.js";
import {
  type MachineConfig,
  type MachineStats,
  machineConfig,
  machineStats,
  type RunResult,
  runResult,
} from "./result.js";
import type { ProgramsResult } from "./programs.js";
import type { RunEnd, RunProgress } from "./run.js";
import { nativeTraceOf, Trace } from "./trace.js";
import type { Violation, ViolationFilter } from "./violation.js";

/** How a trace is run. */
export interface RunOptions {
  /** Ends the run early: it rejects with ERR_PAGEWALK_ABORTED and the partial result. */
  signal?: AbortSignal | undefined;
  /** Called about ten times a second. */
  onProgress?: ((progress: RunProgress) => void) | undefined;
  /** Trace lines to read. Default: all. */
  limit?: number | undefined;
  /** Selected accesses that are simulated first without being counted. Default 0. */
  warmup?: number | undefined;
  /**
   * Where mappings come from: `"recorded"` (the default) runs a trace with memory calls as processes that make them, and
   * another one as one demand-paged space; `"guess"` runs any trace as processes and makes regions of the addresses that no
   * mapping holds; `"none"` leaves memory calls out.
   */
  vmas?: VmaSource | undefined;
}

/** Where the mappings of a run come from. */
export type VmaSource = "recorded" | "guess" | "none";

const vmaSources: readonly VmaSource[] = ["recorded", "guess", "none"];

function wholeNumber(value: number | undefined, least: number, name: string): number | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return value;
  throw rangeError("ERR_PAGEWALK_OUT_OF_RANGE", `${name}: expected a whole number from ${least}, got ${String(value)}`);
}

type CheckedRunOptions = { limit: number | undefined; warmup: number; vmas: VmaSource } & RunOptions;

function checkedRunOptions(options: RunOptions): CheckedRunOptions {
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal))
    throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", "signal: expected an AbortSignal");
  if (options.onProgress !== undefined && typeof options.onProgress !== "function")
    throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", "onProgress: expected a function");
  const limit = wholeNumber(options.limit, 1, "limit");
  const { vmas = "recorded" } = options;
  if (!vmaSources.includes(vmas))
    throw rangeError("ERR_PAGEWALK_UNKNOWN_NAME", `vmas: expected ${vmaSources.join(", ")}, got ${show(vmas)}`);
  return { ...options, vmas, limit, warmup: wholeNumber(options.warmup, 0, "warmup") ?? 0 };
}

/**
 * A simulated machine with TLBs, page tables, demand paging and page replacement.
 *
 * @example
 * const machine = new Machine({ cpu: "amd-zen4", residentLimit: "25%" });
 * const result = await machine.run("sqlite.lackey.zst");
 */
export class Machine {
  readonly #mailbox = new Mailbox();
  readonly #faults = new FaultChain(this.#mailbox);
  readonly #hooks = new Hooks();
  readonly #caches: CacheOptions;
  #asked: ResolvedOptions;
  #policy: PolicyHost | undefined;
  // With the resident limit in pages, once a share of a trace is known.
  #options: ResolvedOptions;
  #native: NativeMachine | undefined;
  // In place of #native once there is one.
  #processes: Processes | undefined;
  #hasBridge = false;
  #isRunning = false;
  #isClosed = false;

  constructor(options: MachineOptions = {}) {
    this.#asked = optionsPart().resolveOptions(options);
    const given = cacheNames.filter((name) => options[name] !== undefined);
    this.#caches = Object.fromEntries(given.map((name) => [name, options[name]]));
    this.#options = this.#asked;
    if (this.#asked.residentPercent === undefined) this.#native = this.#boot();
  }

  /**
   * A machine of a configuration file (YAML or JSON); `options` stand before what the file says. An error names file,
   * line and column of each violation.
   */
  static fromConfig(path: string, options: MachineOptions = {}): Machine {
    const config = configPart().loadConfig(path, options);
    try {
      return new Machine(config.options);
    } catch (error) {
      throw config.located(error);
    }
  }

  /** The configuration after defaults and presets, as plain JSON. */
  get config(): MachineConfig {
    return machineConfig(this.#options);
  }

  /**
   * Replays a trace, or the trace in a file, and resolves to the result document. Without fault handlers it runs on a
   * native thread; with them on this one, in slices.
   */
  async run(trace: Trace | string, options: RunOptions = {}): Promise<RunResult> {
    const checked = checkedRunOptions(options);
    if (!(trace instanceof Trace) && typeof trace !== "string")
      throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", "trace: expected a Trace or a path");
    this.#requireOpen();
    if (this.#processes) throw processesPart().ranByProcesses();
    if (this.#isRunning)
      throw new PagewalkError("ERR_PAGEWALK_BUSY", "the machine is busy with a run that has not ended");
    this.#isRunning = true;
    try {
      if (trace instanceof Trace) return await this.#run(trace, checked);
      const opened = await Trace.open(trace);
      try {
        return await this.#run(opened, checked);
      } finally {
        opened.close();
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** Simulates one access. */
  access(address: Address, kind: AccessKind = "load"): AccessResult {
    const native = this.#ready();
    const number = kindNumber(kind);
    if (typeof address === "number") this.#mailbox.putSafeAccess(safeAddress(address), number);
    else if (typeof address === "bigint") this.#mailbox.putAccess(addressIn64Bits(address), number);
    else this.#mailbox.putAccess(addressBits(address), number);
    try {
      native.access();
    } catch (error) {
      throw this.#failureOr(error);
    }
    this.#throwPolicyFailure();
    return this.#mailbox.takeOutcome();
  }

  /** Simulates accesses in order; kinds are 0 fetch, 1 load, 2 store, 3 modify, and loads where there are none. */
  accessMany(addresses: BigUint64Array | Float64Array | readonly Address[], kinds?: Uint8Array): BatchResult {
    const native = this.#ready();
    const batch = addressArray(addresses);
    try {
      native.accessMany(batch, kinds);
    } catch (error) {
      throw this.#failureOr(error);
    }
    this.#throwPolicyFailure();
    return this.#mailbox.takeBatch();
  }

  /** Adds a handler that is asked about every page fault; the function returned removes it. */
  // Generic, since an async function's literal answers are widened in a union with its promise.
  onPageFault<const Answer extends FaultAnswer | undefined | void>(
    handler: (fault: PageFault) => Answer | Promise<Answer>,
  ): () => void {
    this.#requireOpen();
    if (typeof handler !== "function") throw typeError("ERR_PAGEWALK_INVALID_ARGUMENT", "handler: expected a function");
    return this.#faults.add(handler);
  }

  /**
   * Replaces pages by a policy written in JavaScript from now on, in place of the one in the options. Only as long as
   * nothing was simulated since the machine booted or was reset. Runs then happen on this thread, in slices.
   */
  registerPolicy(policy: ReplacementPolicy): void {
    this.#requireOpen();
    checkPolicyObject(policy);
    if (this.#policy?.name === policy.name)
      throw rangeError("ERR_PAGEWALK_NAME_TAKEN", `policy.name: ${show(policy.name)} is registered already`);
    if (this.#processes) throw processesPart().ranByProcesses();
    this.#requireUntouched("policy");
    const host = new (policyHostPart().PolicyHost)(policy, this.#asked.native.observe);
    this.#native?.close();
    this.#policy = host;
    this.#asked = { ...this.#asked, native: { ...this.#asked.native, policy: policy.name } };
    this.#options = this.#asked;
    this.#native = this.#asked.residentPercent === undefined ? this.#boot() : undefined;
  }

  /**
   * A new process with an empty address space. From the first one (or the first file, or exception handler) on until
   * reset(), the machine runs processes: it is not used as one demand-paged space any more.
   */
  createProcess(options: CreateProcessOptions = {}): Process {
    return this.#withProcesses().create(options);
  }
  /** Makes a file that processes may open: zeros of a size, or bytes (with `contents: true`). */
  createFile(path: string, content: Address | Uint8Array): void {
    this.#withProcesses().createFile(path, content);
  }
  /** The bytes of a file as read(2) finds them, whether they were written back or not. */
  readFile(path: string, offset = 0, length: number = mostBytes): Uint8Array {
    return this.#withProcesses().readFile(path, offset, lengthOf(length));
  }
  /**
   * Hooks of processes. Each is asked in the order in which they were added, until one answers something; the function
   * returned removes it. A hook must not call the machine. One that throws or answers nonsense fails the access or call that
   * is under way, and nothing else. This one says which free frame a page of data gets; nothing: the allocator's choice.
   */
  onFrameAllocation(hook: FrameHook): () => void {
    return this.#addHook("frameAllocation", hook);
  }
  /** Asked before a page is brought in, by an access or a call. Default: allow. */
  onMapping(hook: MappingHook): () => void {
    return this.#addHook("mapping", hook);
  }
  /** Asked when the replacement policy has chosen a page to leave. Default: it leaves. */
  onEviction(hook: EvictionHook): () => void {
    return this.#addHook("eviction", hook);
  }
  /** Asked when a page is written to swap. Default: the device's latency. */
  onSwapOut(hook: SwapHook): () => void {
    return this.#addHook("swapOut", hook);
  }
  /** Asked when a page is read from swap. Default: the device's latency. */
  onSwapIn(hook: SwapHook): () => void {
    return this.#addHook("swapIn", hook);
  }
  /** Asked when no frame is free and nothing can leave. Default: the process with the highest badness is killed. */
  onOutOfMemory(hook: OutOfMemoryHook): () => void {
    return this.#addHook("outOfMemory", hook);
  }
  #addHook(...[point, hook]: Parameters<Hooks["add"]>): () => void {
    this.#requireOpen();
    return this.#hooks.add(point, hook);
  }

  /**
   * Puts a handler in the interrupt-descriptor table, as the kernel of the machine: a function, null for a gate that is
   * not present, undefined for the machine's own handler. Vectors 13 (general protection) and 14 (page fault) have one.
   */
  setExceptionHandler(vector: number, handler: ExceptionHandler | null | undefined): void {
    this.#withProcesses().setExceptionHandler(vector, handler);
  }
  /** Why the machine stopped: the exceptions that led to a triple fault; null while it runs. */
  get tripleFault(): TripleFault | null {
    return this.#processes?.tripleFault() ?? null;
  }
  /** The processes that were not reaped, by pid. */
  processes(): Process[] {
    this.#requireOpen();
    return this.#processes?.list() ?? [];
  }
  /** The process with this pid, if there is one. */
  process(pid: number): Process | undefined {
    this.#requireOpen();
    return this.#processes?.find(pid);
  }
  /** Accesses of processes that were refused, the oldest first: the latest ones, as many as `violationsKept`. */
  violations(filter: ViolationFilter = {}): Violation[] {
    this.#requireOpen();
    return this.#processes?.violations(filter) ?? [];
  }
  /** Checks every invariant of memory, and counts what there is. */
  health(): Health {
    this.#requireOpen();
    return this.#processes?.health() ?? healthOf(this.#ready().health(), this.stats().memory);
  }

  /** What each step of the boot made, or of the last reset(). */
  bootLog(): readonly BootStep[] {
    this.#requireOpen();
    return this.#processes?.bootLog() ?? bootLogOf(this.#ready().bootLog());
  }

  /** The counters so far; with a part `kernel` where there are processes. */
  stats(): MachineStats {
    this.#requireOpen();
    return this.#processes?.stats() ?? machineStats(this.#ready().stats(), this.#options.native);
  }

  /** Back to the state after boot: memory, tables, TLBs, policy, counters, seed. Handlers stay, and so does a policy. */
  reset(): void {
    this.#requireOpen();
    if (this.#processes) {
      this.#processes.close();
      this.#processes = undefined;
      this.#native = this.#asked.residentPercent === undefined ? this.#boot() : undefined;
    } else {
      this.#native?.reset();
    }
    if (this.#asked.residentPercent !== undefined) {
      this.#native?.close();
      this.#native = undefined;
      this.#options = this.#asked;
    }
    this.#throwPolicyFailure();
  }

  /** Writes memory, registers and configuration to a file, for `Mmu.loadState`; caches are not part of it. */
  saveState(path: string): void {
    this.#ready().saveState(checkedPath(path, "path"), this.#stateConfig());
  }
  /** The bytes that `saveState` would write. */
  encodeState(): Uint8Array {
    return this.#ready().saveState(undefined, this.#stateConfig());
  }

  /** Checks the invariants of the whole machine; each violation is one sentence. */
  validate(): string[] {
    return [...this.health().problems];
  }

  /** Gives the memory back. Every later call fails with ERR_PAGEWALK_CLOSED. */
  close(): void {
    if (this.#isClosed) return;
    this.#processes?.close();
    this.#native?.close();
    this.#native = undefined;
    this.#isClosed = true;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #stateConfig(): string {
    return configText({ caches: this.#caches, machine: this.config });
  }

  #boot(): NativeMachine {
    this.#hasBridge = false;
    return new (addon().NativeMachine)(this.#options.native, this.#mailbox.buffer, this.#policy?.native);
  }

  // What a hook failed with says more than the refusal that followed from it.
  #failureOr(error: unknown): unknown {
    const failures = [this.#faults.takeFailure(), this.#policy?.takeFailure()];
    return failures[0] ?? failures[1] ?? error;
  }

  #throwPolicyFailure(): void {
    const failure = this.#policy?.takeFailure();
    if (failure) throw failure;
  }

  #requireUntouched(what: "policy" | "processes"): void {
    if (this.#isRunning)
      throw new PagewalkError("ERR_PAGEWALK_BUSY", "the machine is busy with a run that has not ended");
    this.#requireUnused(what);
  }

  #requireUnused(what: "policy" | "processes"): void {
    const stats = this.#native?.stats();
    if (!stats || stats.accesses.accesses + stats.faults.protection === 0) return;
    const text = `${what}: expected a machine that simulated nothing yet; call reset() first`;
    throw rangeError("ERR_PAGEWALK_INVALID_CONFIG", text);
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new PagewalkError("ERR_PAGEWALK_CLOSED", "the machine was closed");
  }

  // From now on the machine runs processes.
  #withProcesses(): Processes {
    this.#requireOpen();
    if (this.#processes) return this.#processes;
    this.#requireUntouched("processes");
    return this.#bootProcesses(this.#asked);
  }

  // In place of the machine as one demand-paged space.
  #bootProcesses(options: ResolvedOptions): Processes {
    const { Processes } = processesPart();
    this.#processes = new Processes(options, this.#policy !== undefined, this.#faults, this.#hooks);
    this.#native?.close();
    this.#native = undefined;
    return this.#processes;
  }

  // The native machine, which asks JavaScript only while there are handlers.
  #ready(): NativeMachine {
    this.#requireOpen();
    if (this.#processes) throw processesPart().ranByProcesses();
    const native = this.#native;
    if (native === undefined) {
      const share = `residentLimit is ${this.#asked.residentPercent}% of a trace's pages`;
      throw rangeError("ERR_PAGEWALK_INVALID_CONFIG", `${share}: only run() can tell how many that is`);
    }
    if (this.#hasBridge === this.#faults.isEmpty) {
      native.setFaultHandler(this.#faults.isEmpty ? undefined : this.#faults.ask);
      this.#hasBridge = !this.#faults.isEmpty;
    }
    return native;
  }

  // A share of the trace's pages in pages: rounded down, at least one.
  async #resolveShare(trace: Trace, limit: number | undefined): Promise<void> {
    const { residentPercent, refs } = this.#asked;
    if (residentPercent === undefined) return;
    const { pageSize } = this.#asked.native;
    const pages = await trace.distinctPages({ limit, refs, pageSize });
    this.#requireOpen();
    const residentLimit = Math.max(1, Math.floor((pages * residentPercent) / 100));
    this.#options = { ...this.#asked, native: { ...this.#asked.native, residentLimit } };
  }

  async #run(trace: Trace, request: CheckedRunOptions): Promise<RunResult> {
    const start = performance.now();
    const { vmas, limit, warmup } = request;
    const asProcesses = vmas === "guess" || (vmas === "recorded" && trace.hasMemoryCalls);
    if (this.#native === undefined) await this.#resolveShare(trace, limit);
    const end: RunEnd & { programs?: ProgramsResult } = asProcesses
      ? await this.#runAsProcesses(trace, request)
      : await this.#runAsOneSpace(trace, request);
    const wallSeconds = (performance.now() - start) / 1000;
    const { path, format, compression } = trace;
    const description = { options: this.#options, limit, warmup, trace: { path, format, compression }, wallSeconds };
    const result: RunResult = {
      ...runResult(description, end.outcome, end.error !== undefined),
      ...(end.programs ? { kernel: this.#processes!.stats().kernel!, programs: end.programs } : {}),
    };
    if (end.error) throw Object.assign(end.error, { partial: result });
    return result;
  }

  async #runAsOneSpace(trace: Trace, request: CheckedRunOptions): Promise<RunEnd> {
    this.#native ??= this.#boot();
    const native = this.#ready();
    const { refs, crossing } = this.#options;
    const { limit, warmup, signal, onProgress } = request;
    const run = new (addon().NativeRun)(native, nativeTraceOf(trace), { limit, refs, crossing }, warmup);
    return (await import("./run.js")).drive(
      run,
      { faults: this.#faults, policy: this.#policy },
      { signal, onProgress },
    );
  }

  async #runAsProcesses(trace: Trace, request: CheckedRunOptions): Promise<RunEnd & { programs: ProgramsResult }> {
    const { optionsForPrograms, runPrograms } = await import("./programs.js");
    this.#requireUnused("processes");
    const processes = this.#bootProcesses(optionsForPrograms(this.#options));
    const { limit, warmup, vmas, signal, onProgress } = request;
    const how = { limit, warmup, guess: vmas === "guess", signal, onProgress };
    return runPrograms(processes, nativeTraceOf(trace), this.#options, how);
  }
}
