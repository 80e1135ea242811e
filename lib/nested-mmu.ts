// SPDX-License-Identifier: MIT
// The memory-management unit of a processor that runs virtual machines: a guest's page tables walked through a host's.
import { type Address, addressBits } from "./addresses.js";
import type { AccessOptions, ControlBits, ControlChanges, MmuOptions, Operation, ProcessorOptions } from "./mmu.js";
import { controlNames, Mmu, namedTlbs, withoutUndefined } from "./mmu.js";
import { addon, type NativeNestedMmu, type NativeNestedResult, type NativeNestedStats } from "./native.js";
import type { NativeTlb } from "./native-config.js";
import { parseGeometry } from "./options/geometry.js";
import { checkNames } from "./options/names.js";
import { Problems } from "./options/problems.js";
import type { TlbGeometry } from "./options/types.js";
import { optionsPart } from "./parts.js";
import { nativeMemoryOf } from "./physical-memory.js";

/** What CPUID and the VMX capabilities say of the processor. */
export interface NestedProcessorOptions extends ProcessorOptions {
  /** Whether the host's tables may allow fetches alone. Default true. */
  executeOnly?: 0 | 1 | boolean;
}

/** The virtual machine that a VM entry names. */
export interface VirtualMachine {
  /** The EPT pointer: memory type in bits 2 to 0, levels less one in 5 to 3, bit 6 for Accessed and Dirty, the root. */
  eptp: Address;
  /** The VPID, 1 to 65535; 0 for none: then every entry forgets. Default 0. */
  vmid?: number;
}

/** What a nested MMU is made of; as for `Mmu`, and what the host adds. */
export interface NestedMmuOptions extends Omit<MmuOptions, "processor">, VirtualMachine {
  processor?: NestedProcessorOptions;
  /** Geometry of the TLB for guest-physical addresses, such as `"64x4"`; 0 for none. Default 64. */
  nestedTlb?: TlbGeometry;
}

/** Where an access went, the exception that it raised in the guest, or why it left the guest. */
export type NestedResult = NativeNestedResult;
export type NestedStats = NativeNestedStats;

export class NestedMmu {
  readonly #native: NativeNestedMmu;

  constructor(options: NestedMmuOptions) {
    checkNames("options", options, [...Mmu.optionNames, "nestedTlb", "eptp", "vmid"]);
    const { memory, processor = {}, control, nestedTlb = 64, eptp, vmid = 0, ...rest } = options;
    checkNames("processor", processor, ["maxPhysAddr", "pages1GiB", "executeOnly"]);
    const { maxPhysAddr = 52, pages1GiB = true, executeOnly = true } = processor;
    const { tlb, structureCaches, seed } = optionsPart().resolveOptions(namedTlbs(rest)).native;
    const nested = { wayChoice: tlb.wayChoice, tlbs: nestedTlbs(nestedTlb) };
    this.#native = new (addon().NativeNestedMmu)(
      nativeMemoryOf(memory),
      { maxPhysAddr, pages1GiB, executeOnly, tlb, structureCaches, nestedTlb: nested, seed },
      addressBits(eptp, "eptp"),
      vmid,
    );
    if (control !== undefined) this.setControl(control);
  }

  /** A VM entry. The guest's registers stay as they are until they are set. */
  enter(machine: VirtualMachine): void {
    checkNames("machine", machine, ["eptp", "vmid"]);
    this.#native.enter(addressBits(machine.eptp, "eptp"), machine.vmid ?? 0);
  }

  /** The guest's control bits. */
  get control(): ControlBits {
    return this.#native.control();
  }
  setControl(changes: ControlChanges): void {
    checkNames("control", changes, controlNames);
    this.#native.setControl(changes);
  }
  get protectionKeys(): { pkru: bigint; pkrs: bigint } {
    return this.#native.keys();
  }
  setProtectionKeys(keys: { pkru?: number | bigint; pkrs?: number | bigint }): void {
    checkNames("keys", keys, ["pkru", "pkrs"]);
    const { pkru, pkrs } = { ...this.#native.keys(), ...withoutUndefined(keys) };
    this.#native.setKeys(pkru, pkrs);
  }
  get cr3(): bigint {
    return this.#native.cr3();
  }
  /** MOV to CR3 by the guest: the root's address is guest-physical. */
  writeCr3(value: Address): void {
    this.#native.writeCr3(addressBits(value, "cr3"));
  }

  /** One access by the guest. Accessed and Dirty bits are set in its tables, and in the host's where those have them. */
  access(address: Address, operation: Operation = "read", options: AccessOptions = {}): NestedResult {
    checkNames("access", options, ["size", "cpl", "ac"]);
    const { size = 1, cpl = 3, ac = 0 } = options;
    return this.#native.access(addressBits(address), operation, cpl, ac, size);
  }

  /** By the guest, of its own translations. */
  invlpg(address: Address): void {
    this.#native.invlpg(addressBits(address));
  }
  invpcid(type: number, descriptor: { pcid?: number | bigint; va?: Address } = {}): void {
    checkNames("descriptor", descriptor, ["pcid", "va"]);
    this.#native.invpcid(type, descriptor.pcid ?? 0, addressBits(descriptor.va ?? 0, "va"));
  }
  /** By the host. Types: 1 the tables of an EPT pointer, 2 all tables. */
  invept(type: number, descriptor: { eptp?: Address } = {}): void {
    checkNames("descriptor", descriptor, ["eptp"]);
    this.#native.invept(type, addressBits(descriptor.eptp ?? 0, "eptp"));
  }
  /** By the host. Types: 0 an address of a VPID, 1 a VPID, 2 every VPID, 3 a VPID but its global pages. */
  invvpid(type: number, descriptor: { vmid?: number; va?: Address } = {}): void {
    checkNames("descriptor", descriptor, ["vmid", "va"]);
    this.#native.invvpid(type, descriptor.vmid ?? 0, addressBits(descriptor.va ?? 0, "va"));
  }

  stats(): NestedStats {
    return this.#native.stats();
  }
}

function nestedTlbs(geometry: TlbGeometry): NativeTlb[] {
  if (geometry === null || !["number", "string", "object"].includes(typeof geometry)) return nestedTlbs("");
  const problems = new Problems();
  const array = parseGeometry(problems, "nestedTlb", geometry);
  problems.throwIfAny();
  if (!array || array.entries === 0) return [];
  return [{ name: "nested", level: 2, kinds: [], arrays: [{ ...array, pageSizes: ["4KiB", "2MiB", "1GiB"] }] }];
}
