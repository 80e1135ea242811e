// SPDX-License-Identifier: MIT
#include "mmu/control_registers.h"

#include "support/test.h"

namespace pw::test {
namespace {

using namespace mmu;
using Globals = Flush::Globals;
using Spaces = Flush::Spaces;

template <class Change>
Result<Flush> set(ControlRegisters& registers, Change change) {
  ControlBits bits = registers.bits();
  change(bits);
  return registers.set(bits);
}
template <class Change>
Flush flush_of(ControlRegisters& registers, Change change) {
  const auto flush = set(registers, change);
  REQUIRE(flush.ok());
  return flush.value();
}

PW_TEST(pcids_can_be_enabled_only_while_the_low_bits_of_cr3_are_clear) {
  ControlRegisters registers(Processor{});
  REQUIRE(registers.write_cr3(0x5018).ok());
  const auto refused = set(registers, [](ControlBits& bits) { bits.pcide = true; });
  REQUIRE(!refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::GeneralProtection);
  EXPECT(!registers.bits().pcide);
  REQUIRE(registers.write_cr3(0x5000).ok());
  EXPECT(set(registers, [](ControlBits& bits) { bits.pcide = true; }).ok());
  REQUIRE(registers.write_cr3(0x5018).ok());
  EXPECT_EQ(registers.pcid().value(), 0x18);
  EXPECT(set(registers, [](ControlBits& bits) { bits.smap = true; }).ok());  // it stays set
}

PW_TEST(the_number_of_levels_is_fixed_by_the_first_cr3) {
  ControlRegisters registers(Processor{});
  EXPECT(set(registers, [](ControlBits& bits) { bits.la57 = true; }).ok());
  EXPECT(set(registers, [](ControlBits& bits) { bits.la57 = false; }).ok());
  EXPECT(set(registers, [](ControlBits& bits) { bits.la57 = true; }).ok());
  EXPECT_EQ(registers.levels(), 5);
  REQUIRE(registers.write_cr3(0x5000).ok());
  EXPECT(!set(registers, [](ControlBits& bits) { bits.la57 = false; }).ok());
  EXPECT_EQ(registers.levels(), 5);
  EXPECT_EQ(registers.root().level, paging::kPml5);
}

PW_TEST(cr3_takes_no_bits_from_maxphyaddr_on_and_bit_63_only_under_pcids) {
  for (const unsigned bits : {32u, 36u, 40u, 46u, 52u}) {
    ControlRegisters registers(Processor{.max_phys_bits = bits, .pages_1gib = true});
    EXPECT(registers.write_cr3((1ull << bits) - 1).ok());
    for (unsigned bit = bits; bit < 64; ++bit) EXPECT(!registers.write_cr3(1ull << bit).ok());
    EXPECT_EQ(registers.cr3(), (1ull << bits) - 1);
    REQUIRE(registers.write_cr3(0).ok());
    REQUIRE(set(registers, [](ControlBits& control) { control.pcide = true; }).ok());
    EXPECT(registers.write_cr3(1ull << 63 | 0x7abc).ok());
    EXPECT_EQ(registers.cr3(), 0x7abc);  // bit 63 is no part of it
    for (unsigned bit = bits; bit < 63; ++bit) EXPECT(!registers.write_cr3(1ull << 63 | 1ull << bit).ok());
  }
}

PW_TEST(low_bits_of_cr3_are_a_pcid_under_pcids_alone_and_never_part_of_the_root) {
  ControlRegisters registers(Processor{});
  REQUIRE(registers.write_cr3(0x7fff).ok());
  EXPECT_EQ(registers.pcid().value(), 0);
  EXPECT_EQ(registers.root().upper.table().value(), 0x7000);
}

PW_TEST(mov_to_cr3_flushes_its_own_pcid_without_globals_and_bit_63_nothing) {
  ControlRegisters registers(Processor{});
  Flush flush = registers.write_cr3(0x5abc).value();
  EXPECT(flush.spaces == Spaces::One && flush.asid == Asid{0} && flush.globals == Globals::Kept);
  REQUIRE(registers.write_cr3(0x5000).ok());
  REQUIRE(set(registers, [](ControlBits& bits) { bits.pcide = true; }).ok());
  flush = registers.write_cr3(0x5abc).value();
  EXPECT(flush.spaces == Spaces::One && flush.asid == Asid{0xabc} && flush.globals == Globals::Kept);
  flush = registers.write_cr3(1ull << 63 | 0x5abd).value();
  EXPECT(flush.spaces == Spaces::None);
  EXPECT_EQ(registers.pcid().value(), 0xabd);
}

PW_TEST(changes_of_control_bits_flush_what_the_manual_says) {
  ControlRegisters registers(Processor{});
  const auto everything = [&](auto change) {
    const Flush flush = flush_of(registers, change);
    EXPECT(flush.spaces == Spaces::Every && flush.globals == Globals::Dropped);
  };
  const auto nothing = [&](auto change) { EXPECT(flush_of(registers, change).spaces == Spaces::None); };
  everything([](ControlBits& bits) { bits.pge = true; });
  everything([](ControlBits& bits) { bits.pge = false; });
  nothing([](ControlBits& bits) { bits.pcide = true; });
  REQUIRE(registers.write_cr3(0x5007).ok());
  const Flush smep = flush_of(registers, [](ControlBits& bits) { bits.smep = true; });
  EXPECT(smep.spaces == Spaces::One && smep.asid == Asid{7} && smep.globals == Globals::Dropped);
  nothing([](ControlBits& bits) { bits.smep = false; });
  everything([](ControlBits& bits) { bits.pcide = false; });
  everything([](ControlBits& bits) { bits.nxe = false; });
  nothing([](ControlBits& bits) { bits.wp = false; });
  nothing([](ControlBits& bits) { bits.smap = true; });
  nothing([](ControlBits& bits) { bits.pke = bits.pks = true; });
}

PW_TEST(invpcid_refuses_wide_pcids_pcids_that_are_off_and_addresses_that_are_not_canonical) {
  ControlRegisters registers(Processor{});
  const VirtAddr good(0x1000), bad(1ull << 47);
  EXPECT(registers.check_invpcid(InvpcidType::Address, 0, good).ok());
  EXPECT(!registers.check_invpcid(InvpcidType::Address, 1, good).ok());
  EXPECT(!registers.check_invpcid(InvpcidType::Pcid, 1, good).ok());
  EXPECT(registers.check_invpcid(InvpcidType::EveryPcid, 1, bad).ok());
  EXPECT(registers.check_invpcid(InvpcidType::EverythingAndGlobals, 1, bad).ok());
  REQUIRE(set(registers, [](ControlBits& bits) { bits.pcide = true; }).ok());
  for (const auto type :
       {InvpcidType::Address, InvpcidType::Pcid, InvpcidType::EverythingAndGlobals, InvpcidType::EveryPcid}) {
    EXPECT(registers.check_invpcid(type, 4095, good).ok());
    EXPECT(!registers.check_invpcid(type, 4096, good).ok());
    EXPECT_EQ(registers.check_invpcid(type, 0, bad).ok(), type != InvpcidType::Address);
  }
}

PW_TEST(a_flush_drops_its_space_every_space_or_none_and_globals_apart) {
  const Asid one{1}, two{2};
  EXPECT(!Flush::nothing().drops(one) && !Flush::nothing().drops(tlb::kGlobalAsid));
  const Flush own = Flush::one(one, Globals::Kept);
  EXPECT(own.drops(one) && !own.drops(two) && !own.drops(tlb::kGlobalAsid));
  EXPECT(Flush::one(one, Globals::Dropped).drops(tlb::kGlobalAsid));
  const Flush every = Flush::every(Globals::Kept);
  EXPECT(every.drops(one) && every.drops(two) && !every.drops(tlb::kGlobalAsid));
  EXPECT(Flush::every(Globals::Dropped).drops(tlb::kGlobalAsid));
}

}  // namespace
}  // namespace pw::test
