// SPDX-License-Identifier: MIT
// The processes of one machine behind its public objects: who calls the addon, and what its answers become.
import { Asked, Question } from "./asked.js";
import { BlockedAccesses } from "./blocked.js";
import { type BootStep, bootLogOf } from "./boot-log.js";
import { PagewalkError, rangeError } from "./errors.js";
import { type ExceptionHandler, ExceptionHandlers } from "./exceptions.js";
import type { FaultChain } from "./fault-handler.js";
import type { Hooks } from "./hooks.js";
import { type Health, healthOf } from "./health.js";
import { Mailbox } from "./mailbox.js";
import { addon, type NativeSelection, type NativeStats, type NativeTrace } from "./native.js";
import type { NativeProgramRun } from "./native-programs.js";
import {
  type KernelStats,
  type NativeAttributes,
  type NativeProcess,
  type NativeSystem,
  type NativeVma,
  systemCalls,
  type TripleFault,
} from "./native-system.js";
import type { ResolvedOptions } from "./options/types.js";
import type { Process } from "./process.js";
import { ProcessAccesses } from "./process-accesses.js";
import { errnos } from "./process-names.js";
import { Ranges } from "./ranges.js";
import { SignalHandlers } from "./signals.js";
import { type Violation, violationOf } from "./violation.js";

const esrch = 3;

export class System {
  /** The public objects of processes that were not reaped. */
  readonly objects = new Map<number, Process>();
  readonly #mailbox = new Mailbox();
  readonly signals = new SignalHandlers();
  /** Where hooks say who answers for them. */
  readonly asked = new Asked();
  readonly #exceptions = new ExceptionHandlers(this.#mailbox);
  readonly accesses: ProcessAccesses;
  readonly blocked: BlockedAccesses;
  readonly ranges: Ranges;
  readonly #hooks: Hooks;
  readonly #native: NativeSystem;
  readonly #hasContents: boolean;

  constructor(options: ResolvedOptions, faults: FaultChain, hooks: Hooks) {
    this.#hasContents = options.system.contents;
    this.blocked = new BlockedAccesses(faults);
    const { asked } = this;
    this.#native = new (addon().NativeSystem)(options.native, options.system, this.#mailbox.buffer, asked.ask);
    const error = (pid: number, syscall: string, errno: number): PagewalkError =>
      this.#systemCallError(pid, syscall, errno);
    this.ranges = new Ranges({ native: this.#native, mailbox: this.#mailbox, error });
    this.accesses = new ProcessAccesses({
      ranges: this.ranges,
      native: this.#native,
      mailbox: this.#mailbox,
      asked,
      blocked: this.blocked,
      hasContents: options.system.contents,
    });
    asked.on(Question.PageFault, this.blocked.answer);
    asked.on(Question.Signal, this.signals.answer);
    asked.on(Question.Exception, this.#exceptions.answer);
    asked.on(Question.UserFault, this.ranges.answer);
    this.#hooks = hooks;
    hooks.attach(this.#native, asked, this.#mailbox);
  }

  createProcess(): number {
    const pid = this.#native.createProcess();
    this.asked.throwFailure();
    if (pid !== 0) return pid;
    throw new PagewalkError("ERR_PAGEWALK_OUT_OF_MEMORY", "no frame is free for the page tables of a new process");
  }

  pids(): number[] {
    return this.#native.processes();
  }
  isBlocked(pid: number): boolean {
    return this.blocked.isBlocked(pid);
  }
  process(pid: number): NativeProcess {
    return this.#native.process(pid);
  }
  proportionalPages(pid: number): number {
    return this.#native.proportionalPages(pid);
  }
  vmas(pid: number): NativeVma[] {
    return this.#native.vmas(pid);
  }
  reap(pid: number): boolean {
    const reaped = this.#native.reap(pid);
    if (reaped) {
      this.objects.delete(pid);
      this.signals.forget(pid);
    }
    return reaped;
  }

  /** A system call. `name` is what errors call it, where that is not the name of the number. */
  call(pid: number, call: keyof typeof systemCalls, args: readonly bigint[], name: string = call): bigint {
    if (call !== "exit") this.blocked.requireUnblocked(pid);
    this.#mailbox.putArguments(args);
    const errno = this.#native.call(pid, systemCalls[call]);
    this.ranges.settle(); // who waited in what is unmapped, or has ended
    return this.#value(pid, name, errno);
  }

  open(pid: number, how: "open" | "shm_open" | "memfd_create", name: string, flags: bigint): bigint {
    this.blocked.requireUnblocked(pid);
    return this.#value(pid, how, this.#native.open(pid, how, name, flags));
  }
  shmUnlink(pid: number, name: string): void {
    this.#value(pid, "shm_unlink", this.#native.shmUnlink(name));
  }
  mincore(pid: number, address: bigint, length: bigint): Uint8Array {
    this.blocked.requireUnblocked(pid);
    return this.#bytes(pid, "mincore", this.#native.mincore(pid, address, length));
  }
  allocateRegion(pid: number, size: bigint, rights: bigint): bigint {
    this.blocked.requireUnblocked(pid);
    return this.#value(pid, "mmap", this.#native.allocateRegion(pid, size, rights));
  }
  freeRegion(pid: number, address: bigint, size: bigint): void {
    this.blocked.requireUnblocked(pid);
    this.#value(pid, "munmap", this.#native.freeRegion(pid, address, size));
  }

  createFile(path: string, size: bigint): void {
    this.#value(0, "open", this.#native.createFile(path, size));
  }
  writeFile(path: string, offset: number, bytes: Uint8Array): void {
    this.#requireContents("writeFile");
    this.#value(0, "write", this.#native.writeFile(path, offset, bytes));
  }
  readFile(path: string, offset: number, length: number): Uint8Array {
    this.#requireContents("readFile");
    return this.#bytes(0, "read", this.#native.readFile(path, offset, length));
  }

  /** `remote` is the process whose memory it is, `pid` the one that asks. */
  readRemote(pid: number, remote: number, address: bigint, length: number): Uint8Array {
    this.#requireContents("processVmReadv");
    this.#requireRemote(pid, remote, "process_vm_readv");
    return this.#bytes(pid, "process_vm_readv", this.#native.readRemote(remote, address, length));
  }
  writeRemote(pid: number, remote: number, address: bigint, bytes: Uint8Array): number {
    this.#requireContents("processVmWritev");
    this.#requireRemote(pid, remote, "process_vm_writev");
    return Number(this.#value(pid, "process_vm_writev", this.#native.writeRemote(remote, address, bytes)));
  }

  /** Throws the error of what only a process that has not ended can be asked. */
  notRunning(pid: number): never {
    throw new PagewalkError("ERR_PAGEWALK_NOT_RUNNING", `process ${pid} has ended`);
  }
  setAttributes(pid: number, attributes: NativeAttributes): void {
    this.blocked.requireUnblocked(pid);
    this.#native.setAttributes(pid, attributes);
  }
  /** Whether JavaScript is asked about the signal. */
  setSignalHandled(pid: number, signal: number, handled: boolean): void {
    this.#native.setSignalHandler(pid, signal, handled);
  }
  setExceptionHandler(vector: number, handler: ExceptionHandler | null | undefined): void {
    this.#exceptions.set(this.#native, vector, handler);
  }
  tripleFault(): TripleFault | null {
    return this.#native.tripleFault();
  }

  #value(pid: number, name: string, errno: number): bigint {
    this.asked.throwFailure();
    if (errno === 0) return this.#mailbox.value;
    throw this.#systemCallError(pid, name, errno);
  }
  #bytes(pid: number, name: string, answer: Uint8Array | number): Uint8Array {
    this.asked.throwFailure();
    if (typeof answer !== "number") return answer;
    throw this.#systemCallError(pid, name, answer);
  }

  #systemCallError(pid: number, syscall: string, number: number): PagewalkError {
    const [errno, meaning] = errnos[number] ?? [`errno ${number}`, "unknown error"];
    const killed = pid !== 0 && this.#wasKilled(pid) ? "; the process was killed for memory" : "";
    const message = `${pid === 0 ? "" : `process ${pid}: `}${syscall}: ${errno}: ${meaning}${killed}`;
    return new PagewalkError("ERR_PAGEWALK_SYSTEM_CALL", message, { errno, syscall });
  }

  /** Whether page faults or hooks ask JavaScript. */
  get isAsked(): boolean {
    return this.blocked.isAsked || !this.#hooks.isEmpty;
  }

  /** A run of a trace with memory calls, for which there must be no process yet. */
  programRun(
    trace: NativeTrace,
    selection: NativeSelection,
    options: { warmup: number; guess: boolean },
  ): NativeProgramRun {
    this.accesses.tellWhetherAsked();
    return new (addon().NativeProgramRun)(this.#native, trace, selection, options);
  }

  violations(): Violation[] {
    return this.#native.violations().map(violationOf);
  }
  stats(): NativeStats & { kernel: KernelStats } {
    return this.#native.stats();
  }
  health(): Health {
    const { checks, counts } = this.#native.health();
    return healthOf(checks, counts);
  }
  bootLog(): readonly BootStep[] {
    return bootLogOf(this.#native.bootLog());
  }
  close(): void {
    this.#native.close();
    this.#hooks.detach();
    this.ranges.abandon();
  }

  #requireContents(call: string): void {
    if (this.#hasContents) return;
    throw rangeError("ERR_PAGEWALK_INVALID_CONFIG", `${call}: expected a machine with contents: true`);
  }

  #wasKilled(pid: number): boolean {
    const { state, endSignal } = this.#native.process(pid);
    return state === "ended" && endSignal === 9;
  }

  #requireRemote(pid: number, remote: number, call: string): void {
    if (!this.#native.processes().includes(remote)) throw this.#systemCallError(pid, call, esrch);
  }
}
