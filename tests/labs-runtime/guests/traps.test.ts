/** The guest that traps at every turn: its checksum against the same computation, and that it needs user mode and memory protection. */
import { describe, expect, it } from 'vitest';
import { CSR } from '../../../labs-runtime/emulator/csr.ts';
import { checksumLine, mix } from './guest-checksum.ts';
import { booted, runTo } from './running.ts';

const ROUNDS = 3600;

const USER_MODE = 0;
const MACHINE_MODE = 3;
/** mcause, when the handler of the software interrupt begins. */
const SOFTWARE_INTERRUPT_TAKEN = 0x80000003;

const VIRTUAL_HART = 7;
const LINE_STATUS = 0x60;
const SOFTWARE_INTERRUPT = 1 << 3;
const CALL_FROM_USER_MODE = 8;
const EXTENSIONS_AIM = 0x1101;

/** One round of the program in user mode, with what the supervisor answers. */
function playRound(before: number, round: number): number {
  let digest = mix(before, round);
  digest = mix(digest, VIRTUAL_HART);
  digest = mix(digest, LINE_STATUS);
  digest = mix(digest, (digest & 0xff) + (round << 8));
  digest = mix(digest, 8 * LINE_STATUS);
  digest = mix(digest, digest + 3 * round);
  digest = mix(digest, mix(mix(SOFTWARE_INTERRUPT, CALL_FROM_USER_MODE), EXTENSIONS_AIM));
  digest = mix(digest, SOFTWARE_INTERRUPT + 2);
  return mix(digest, round + 1);
}

function expectedText(): string {
  let digest = 0;
  for (let round = 0; round < ROUNDS; round++) digest = playRound(digest, round);
  const [breakpoints, emulations, interrupts] = [ROUNDS, 4 * ROUNDS, ROUNDS];
  return checksumLine(mix(mix(mix(digest, breakpoints), emulations), interrupts));
}

describe('traps', () => {
  it('prints the checksum and powers off after about 5 million attempts', async () => {
    const machine = await booted('traps');
    expect(runTo(machine, 20_000_000)).toEqual({ text: expectedText(), end: 'power-off' });
    expect(machine.position).toBeGreaterThan(4_500_000);
    expect(machine.position).toBeLessThan(5_500_000);
  });

  it('makes 10 exceptions a round: 5 calls, a breakpoint, a CSR and 3 accesses to the UART', async () => {
    const machine = await booted('traps');
    runTo(machine, 20_000_000);
    const trappedAttempts = machine.csr(CSR.mcycle)! - machine.csr(CSR.minstret)!;
    const lastCall = 1;
    expect(trappedAttempts).toBe(10 * ROUNDS + lastCall);
  });

  it('leaves user mode 11 times a round: for the exceptions, and for the interrupt that ends it', async () => {
    const machine = await booted('traps');
    let entriesOfRound = 0;
    const rounds: number[] = [];
    while (rounds.length < 20) {
      const before = machine.hart(0).privilege;
      machine.run(machine.position + 1);
      if (before === MACHINE_MODE || machine.hart(0).privilege === USER_MODE) continue;
      entriesOfRound++;
      if (machine.csr(CSR.mcause) !== SOFTWARE_INTERRUPT_TAKEN) continue;
      rounds.push(entriesOfRound);
      entriesOfRound = 0;
    }
    expect(rounds).toEqual(new Array(20).fill(11));
  });

  it('is at the same state at the same position in two runs, however they are cut up', async () => {
    const [one, other] = [await booted('traps'), await booted('traps')];
    for (let position = 100_003; position < 1_000_000; position += 100_003) {
      for (const until of [position - 777, position - 1, position]) runTo(one, until);
      runTo(other, position);
      expect(other.stateHash()).toBe(one.stateHash());
    }
  });
});
