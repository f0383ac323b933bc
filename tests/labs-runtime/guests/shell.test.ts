/** The shell on the console: its commands against what the machine says of itself, its line editor against a model, and its waiting. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../labs-runtime/emulator/machine.ts';
import { guests } from '../../../labs-runtime/guests/index.ts';
import { booted, runTo } from './running.ts';

const PROMPT = 'lockstep> ';
const CTRL_C = '\x03';
const CTRL_U = '\x15';
const UP = '\x1b[A';
const DOWN = '\x1b[B';

/** x0 to x31 by the names of the calling convention. */
const REGISTER_NAMES = 'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6';

/** Somebody at the console: types, and sees what the guest prints. */
class Console {
  readonly machine: Machine;
  printed = '';
  end = '';
  clock = () => 0n;

  constructor(machine: Machine) {
    this.machine = machine;
    this.settle();
  }

  static async open(): Promise<Console> {
    return new Console(await booted('shell'));
  }

  /** Lets the guest run until it waits or is off. */
  settle(): void {
    this.#run(this.machine.position + 50_000_000);
  }

  /** Lets it run for a number of attempts, or until it waits. */
  runFor(attempts: number): void {
    this.#run(this.machine.position + attempts);
  }

  /** Types bytes as the UART has room for them, each as soon as it has. */
  type(text: string): void {
    for (const byte of new TextEncoder().encode(text)) {
      while (this.machine.consoleRoom === 0) this.runFor(1000);
      this.machine.receive(byte);
    }
  }

  /** Types a line, waits for the next prompt, and returns what was printed in between. */
  command(line: string): string {
    this.settle();
    this.printed = '';
    this.type(`${line}\r`);
    this.settle();
    return this.printed
      .replace(`${line}\r\n`, '')
      .replace(new RegExp(`${PROMPT}$`), '')
      .replaceAll('\r\n', '\n');
  }

  #run(until: number): void {
    const { text, end } = runTo(this.machine, until, () => this.clock());
    this.printed += text;
    this.end = end;
  }
}

/** The rows that a terminal shows for bytes in UTF-8: backspace moves left and writes nothing. Trailing spaces are not seen. */
function rowsOf(bytes: string): string[] {
  const text = new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
  return text.split('\n').map((row) => {
    const cells: string[] = [];
    let column = 0;
    for (const character of row) {
      if (character === '\b') column--;
      else if (character === '\r') column = 0;
      else if (character !== '\x07') cells[column++] = character;
    }
    return cells.join('').trimEnd();
  });
}

const hexadecimal = (value: number) => `0x${value.toString(16).padStart(8, '0')}`;

describe('shell', () => {
  it('greets, prompts and waits', async () => {
    const console = await Console.open();
    expect(rowsOf(console.printed)).toEqual(['', 'Lockstep: RV32IMA, and a shell. Type help and press Enter.', PROMPT.trimEnd()]);
    expect(console.end).toBe('wait');
  });

  it('lists its commands, each with what it does, and knows them all', async () => {
    const console = await Console.open();
    const lines = console.command('help').trimEnd().split('\n').slice(0, -2);
    const names = lines.map((line) => line.split(' ')[0]!);
    expect(names.join(' ')).toBe('help echo time rand peek peek8 poke poke8 regs count mem crash reboot poweroff');
    expect(lines.every((line) => line.length > 30 && line.length < 80)).toBe(true);
    const tooMany = ' 1'.repeat(16);
    for (const name of names.filter((each) => each !== 'echo')) expect(console.command(name + tooMany)).toMatch(`usage: ${name}`);
  });

  it('says that it does not know a command, and how to find one', async () => {
    const console = await Console.open();
    expect(console.command('halp')).toBe('there is no command halp: type help for a list\n');
    expect(console.command('   ')).toBe('');
    expect(console.command('')).toBe('');
  });

  it('echoes words with one space between, whatever bytes they have', async () => {
    const console = await Console.open();
    expect(console.command('echo')).toBe('\n');
    expect(console.command('  echo a   b  ')).toBe('a b\n');
    console.printed = '';
    console.type('echo Größe\r');
    console.settle();
    expect(rowsOf(console.printed)).toContain('Größe');
  });

  it('reads the whole clock', async () => {
    const console = await Console.open();
    for (const now of [0n, 9n, 10n, 0xffffffffn, 2n ** 32n, 10n ** 18n + 7n, 2n ** 64n - 1n]) {
      console.clock = () => now;
      expect(console.command('time')).toBe(`mtime is ${now} ticks\n`);
    }
  });

  it('reads the halves of the clock together, though the low one overflows in between', async () => {
    const console = await Console.open();
    let now = 2n ** 32n - 2n;
    console.clock = () => ++now;
    // The high half is 0, the low one 0 again, the high half then 1: the next three loads agree.
    expect(console.command('time')).toBe(`mtime is ${2n ** 32n + 3n} ticks\n`);
  });

  it('prints the words of xorshift32 for a seed, and refuses the seed that has none', async () => {
    const console = await Console.open();
    const words = (seed: number) => {
      let word = seed;
      return Array.from({ length: 4 }, () => {
        for (const shift of [13, -17, 5]) word ^= shift > 0 ? word << shift : word >>> -shift;
        return hexadecimal(word >>> 0);
      });
    };
    expect(console.command('rand 1')).toBe(`${words(1).join(' ')}\n`);
    expect(console.command('rand 0xCAFE')).toBe(`${words(0xcafe).join(' ')}\n`);
    expect(console.command('rand 0')).toMatch('must not be 0');
  });

  it('shows words of memory as they are, four a row', async () => {
    const console = await Console.open();
    const ram = new DataView(console.machine.readRam(0x80000000, 36).buffer);
    const words = Array.from({ length: 9 }, (_, index) =>
      ram
        .getUint32(4 * index, true)
        .toString(16)
        .padStart(8, '0'),
    );
    const rows = [0, 4, 8].map((first) => `${hexadecimal(0x80000000 + 4 * first)}: ${words.slice(first, first + 4).join(' ')}\n`);
    expect(console.command('peek 0x80000000 9')).toBe(rows.join(''));
    expect(console.command('peek 2147483648')).toBe(`0x80000000: ${words[0]}\n`);
  });

  it('changes words and bytes of memory, and no others', async () => {
    const console = await Console.open();
    expect(console.command('poke 0x8000c000 0x12345678')).toBe('');
    expect(console.command('poke8 0x8000c002 0x1ff')).toBe('');
    expect([...console.machine.readRam(0x8000bffc, 12)]).toEqual([0, 0, 0, 0, 0x78, 0x56, 0xff, 0x12, 0, 0, 0, 0]);
    expect(console.command('peek8 0x8000c001')).toBe('0x8000c001: 56\n');
  });

  it('reaches devices: the line status of the UART, and mtimecmp of the CLINT', async () => {
    const console = await Console.open();
    expect(console.command('peek8 0x10000005')).toBe('0x10000005: 60\n');
    console.command('poke 0x11004000 1234');
    console.command('poke 0x11004004 5');
    expect(console.machine.interruptTimer()).toBe((5n << 32n) + 1234n);
  });

  it.each(['', '0x', '0xg', '12a', '-1', '4294967296', '0x100000000', 'x10'])('takes "%s" for no number', async (text) => {
    const console = await Console.open();
    expect(console.command(`peek ${text}`)).toMatch(text === '' ? 'usage: peek ADDRESS [WORDS]' : `${text} is no number`);
    expect(console.command('peek8 0x80000000')).toBe('0x80000000: 17\n');
  });

  it('takes the greatest numbers that fit a word', async () => {
    const console = await Console.open();
    console.command('poke 0x8000c000 4294967295');
    console.command('poke 0x8000c004 0xFFFFFFFF');
    expect(console.machine.readRam(0x8000c000, 8).every((byte) => byte === 255)).toBe(true);
  });

  it('shows the control and status registers', async () => {
    const console = await Console.open();
    const shown = new Map(
      Array.from(console.command('regs').matchAll(/(\w+) +([0-9a-f]{8})/g), ([, name, value]) => [name, parseInt(value!, 16)]),
    );
    const numbers = { mhartid: 0xf14, misa: 0x301, mtvec: 0x305, mie: 0x304, mip: 0x344, mtval: 0x343, mscratch: 0x340 };
    expect(shown.size).toBe(12);
    for (const [name, number] of Object.entries(numbers)) expect([name, shown.get(name)]).toEqual([name, console.machine.csr(number)]);
    expect(shown.get('mcause')).toBe(0x8000000b);
    expect(shown.get('mcycle')).toBeLessThan(console.machine.position);
    expect(shown.get('minstret')).toBeGreaterThan(0);
  });

  it('says where things are: its own parts in RAM, in rising order, and the devices', async () => {
    const console = await Console.open();
    const addresses = Array.from(console.command('mem').matchAll(/^0x([0-9a-f]{8})  \S/gm), (match) => parseInt(match[1]!, 16));
    expect(addresses).toEqual([...addresses].sort((a, b) => a - b));
    expect(addresses.at(-1)).toBe(0x80000000 + guests.shell.ramBytes);
    expect(addresses.slice(0, 7)).toEqual([0x10000000, 0x10001000, 0x10002000, 0x10003000, 0x11000000, 0x11100000, 0x80000000]);
    const imageEnd = 0x80000000 + (await guests.shell.load()).length;
    expect(Math.abs(addresses[7]! - imageEnd)).toBeLessThan(4);
  });
});

describe('a command of the shell that takes long', () => {
  it('counts to the end, and says how many cycles that took', async () => {
    const console = await Console.open();
    const before = console.machine.position;
    const [, number, cycles] = /^counted to (\d+) in (\d+) cycles\n$/.exec(console.command('count 100000'))!;
    expect(number).toBe('100000');
    expect(Number(cycles)).toBeGreaterThan(300_000);
    expect(Number(cycles)).toBeLessThan(console.machine.position - before);
    expect(console.command('count 0')).toMatch(/^counted to 0 in \d+ cycles\n$/);
  });

  it('stops at Ctrl-C, and drops no byte typed behind it', async () => {
    const console = await Console.open();
    console.type('count 4000000000\r');
    console.runFor(1_000_000);
    expect(console.end).toBe('position');
    console.printed = '';
    console.type(`${CTRL_C}echo on\r`);
    console.settle();
    const [stopped, interrupt, echo, on, prompt] = rowsOf(console.printed);
    expect(stopped).toMatch(/^stopped at 1\d{5} in \d{6} cycles$/);
    expect([interrupt, echo, on, prompt]).toEqual(['^C', `${PROMPT}echo on`, 'on', PROMPT.trimEnd()]);
  });

  it('stops printing memory at Ctrl-C', async () => {
    const console = await Console.open();
    console.type('peek 0x80000000 1024\r');
    console.runFor(20_000);
    console.type(CTRL_C);
    console.settle();
    const rows = rowsOf(console.printed);
    expect(rows.at(-1)).toBe(PROMPT.trimEnd());
    expect(rows.at(-2)).toMatch(/\^C$/);
    expect(rows.length).toBeGreaterThan(5);
    expect(rows.length).toBeLessThan(100);
  });

  it('loses nothing typed ahead, though more comes than its ring and the UART hold', async () => {
    const console = await Console.open();
    const words = Array.from({ length: 60 }, (_, index) => `word${index}`);
    console.type('count 100000\r');
    console.type(words.map((word) => `echo ${word}\r`).join(''));
    console.settle();
    const rows = rowsOf(console.printed);
    expect(rows.filter((row) => row.startsWith('word'))).toEqual(words);
    expect(rows.at(-1)).toBe(PROMPT.trimEnd());
  });
});

describe('a trap in the shell', () => {
  it('is shown with its cause and all registers, and the prompt comes back', async () => {
    const console = await Console.open();
    const shown = console.command('crash');
    const [, address] = /^\ntrap: illegal instruction\nmcause +00000002 +mepc +([0-9a-f]{8}) +mtval +00000000\n/.exec(shown)!;
    expect([...console.machine.readRam(parseInt(address!, 16), 4)]).toEqual([0, 0, 0, 0]);
    const registers = Array.from(shown.matchAll(/\b(zero|ra|sp|gp|tp|[tas]\d+) +([0-9a-f]{8})/g));
    expect(registers.map(([, name]) => name).join(' ')).toBe(REGISTER_NAMES);
    expect(console.command('echo still here')).toBe('still here\n');
  });

  it('shows registers as they were at the trap', async () => {
    const console = await Console.open();
    const shown = console.command('peek 0x40000004');
    expect(shown).toMatch(/trap: load access fault\nmcause +00000005 .* mtval +40000004\n/);
    const loader = parseInt(/mepc +([0-9a-f]{8})/.exec(shown)![1]!, 16);
    const instruction = new DataView(console.machine.readRam(loader, 4).buffer).getUint32(0, true);
    const base = REGISTER_NAMES.split(' ')[(instruction >>> 15) & 31]!;
    const value = parseInt(new RegExp(`\\b${base} +([0-9a-f]{8})`).exec(shown)![1]!, 16);
    expect(value + (instruction >> 20)).toBe(0x40000004);
  });

  it.each([
    ['poke 0x40000000 1', 'store access fault'],
    ['peek 0x10000005', 'load access fault'],
    ['poke8 0x11100000 1', 'store access fault'],
  ])('comes of %s', async (line, cause) => {
    const console = await Console.open();
    expect(console.command(line)).toMatch(`trap: ${cause}\n`);
    expect(console.command('peek8 0x80000000')).toBe('0x80000000: 17\n');
  });

  it('leaves nothing on the stack, however often it comes', async () => {
    const console = await Console.open();
    const stackPointerAfter = () => (console.command('crash'), console.machine.registers[2]);
    const first = stackPointerAfter();
    for (let count = 0; count < 100; count++) expect(stackPointerAfter()).toBe(first);
  });
});

describe('the end of the shell', () => {
  it('powers off', async () => {
    const console = await Console.open();
    console.command('poweroff');
    expect(console.end).toBe('power-off');
  });

  it('reboots, and greets again after a reset', async () => {
    const console = await Console.open();
    const greeting = console.printed;
    console.command('poke 0x8000c000 1');
    console.command('reboot');
    expect(console.end).toBe('reboot');
    console.machine.reset();
    console.printed = '';
    console.settle();
    expect(console.printed).toBe(greeting);
  });
});

describe("the shell's line editor", () => {
  it('erases with either backspace, a whole character at a time, and stops at the prompt', async () => {
    const console = await Console.open();
    console.printed = '';
    console.type('\x7f\becho x\x08\x7fé\x7f ab\x7fc\r');
    console.settle();
    expect(rowsOf(console.printed).slice(0, 2)).toEqual(['echo ac', 'ac']);
  });

  it('takes return, line feed and both together for one end of line', async () => {
    const console = await Console.open();
    console.printed = '';
    console.type('echo a\r\necho b\necho c\recho d\r');
    console.settle();
    expect(rowsOf(console.printed).filter((row) => /^\w$/.test(row))).toEqual(['a', 'b', 'c', 'd']);
    expect(console.printed.split(PROMPT).length).toBe(5);
  });

  it('gives a line up at Ctrl-C', async () => {
    const console = await Console.open();
    console.printed = '';
    console.type(`poweroff${CTRL_C}`);
    console.settle();
    expect(console.end).toBe('wait');
    expect(rowsOf(console.printed)).toEqual(['poweroff^C', PROMPT.trimEnd()]);
  });

  it('completes a command when only one begins like it', async () => {
    const console = await Console.open();
    console.printed = '';
    console.type('c\tou\t7\r');
    console.settle();
    expect(rowsOf(console.printed)[0]).toBe('count 7');
    expect(rowsOf(console.printed)[1]).toMatch('counted to 7');
  });

  it('rings and takes no more bytes when the line is full', async () => {
    const console = await Console.open();
    console.printed = '';
    console.type('x'.repeat(80));
    console.settle();
    expect(console.printed).toBe('x'.repeat(68) + '\x07'.repeat(12));
  });

  /** What keys do to the line, told again. */
  class EditorModel {
    line = '';
    #history: string[] = [];
    #back = 0;

    press(key: string): void {
      if (key === '\r') this.#finish();
      else if (key === CTRL_C) this.#start();
      else if (key === CTRL_U) this.line = '';
      else if (key === '\x7f') this.line = this.line.slice(0, -1);
      else if (key === UP && this.#back < Math.min(8, this.#history.length)) this.#recall(this.#back + 1);
      else if (key === DOWN && this.#back > 0) this.#recall(this.#back - 1);
      else if (key.length === 1 && key >= ' ' && this.line.length < 68) this.line += key;
    }

    #finish(): void {
      if (this.line !== '' && this.line !== this.#history.at(-1)) this.#history.push(this.line);
      this.#start();
    }

    #start(): void {
      this.line = '';
      this.#back = 0;
    }

    #recall(back: number): void {
      this.#back = back;
      this.line = back === 0 ? '' : this.#history.at(-back)!;
    }
  }

  it('shows the line that a model of it has, after any keys', async () => {
    const machine = await booted('shell');
    const start = machine.snapshot();
    // No command begins with a or b, so that lines of them are only words that the shell does not know.
    const key = fc.constantFrom(
      'a',
      'b',
      ' ',
      'a',
      'b',
      '\x7f',
      '\x7f',
      CTRL_U,
      CTRL_C,
      UP,
      UP,
      DOWN,
      '\r',
      '\r',
      '\x1b[C',
      '\x1b[3~',
      '\x01',
    );
    fc.assert(
      fc.property(fc.array(key, { maxLength: 120 }), (keys) => {
        machine.restore(start);
        const console = new Console(machine);
        const model = new EditorModel();
        for (const pressed of keys) {
          // While a command still runs, Ctrl-C stops that, and not the line that is typed ahead.
          if (pressed === CTRL_C) console.settle();
          console.type(pressed);
          model.press(pressed);
        }
        console.settle();
        expect(console.end).toBe('wait');
        expect(rowsOf(console.printed).at(-1)).toBe((PROMPT + model.line).trimEnd());
      }),
      { numRuns: 60 },
    );
  });

  it('withstands any bytes', async () => {
    const machine = await booted('shell');
    const start = machine.snapshot();
    const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 200 });
    fc.assert(
      fc.property(bytes, (typed) => {
        machine.restore(start);
        const console = new Console(machine);
        for (const byte of typed) {
          while (machine.consoleRoom === 0) console.runFor(1000);
          machine.receive(byte);
        }
        console.type(`\x1b~${CTRL_C}`);
        expect(console.command('echo well')).toBe('well\n');
      }),
      { numRuns: 60 },
    );
  });
});

describe("the shell's waiting", () => {
  it('misses no byte, at whatever instruction on the way into WFI it comes', async () => {
    const console = await Console.open();
    const machine = console.machine;
    console.type('x');
    const received = machine.snapshot();
    const from = machine.position;
    console.settle();
    const waitsAt = machine.position;
    expect(waitsAt - from).toBeGreaterThan(100);
    for (let position = from; position <= waitsAt; position++) {
      machine.restore(received);
      console.printed = '';
      console.runFor(position - from);
      machine.receive('y'.charCodeAt(0));
      console.settle();
      expect([position, console.printed]).toEqual([position, 'xy']);
    }
  });

  it('is at the same state in two runs with the same keys at the same positions', async () => {
    const [one, other] = [await Console.open(), await Console.open()];
    for (const line of ['time', 'count 1000', 'peek 0x80000000 64', 'crash', 'rand 5', 'nothing']) {
      for (const console of [one, other]) console.command(line);
      expect(other.machine.position).toBe(one.machine.position);
      expect(other.machine.stateHash()).toBe(one.machine.stateHash());
    }
  });
});
