/*
 * A shell on the console, to drive the machine by hand: it shows registers and memory, reads the clock, keeps the processor busy, and
 * crashes when told to. An exception, of whatever a command did, is shown with all registers, and the prompt comes back. Idle, it waits in
 * WFI.
 *
 * Everything that is typed and every clock read is an entry in the log of a machine that records; all else here follows from those.
 */
#include "line-editor.h"
#include "trap-frame.h"
#include "words.h"

#define ARGUMENTS_MAX 16
#define PEEK_WORDS_MAX 1024
#define RANDOM_WORDS 4
#define SYSCON_REBOOT 0x7777
#define TIME_HIGH REGISTER32(0x1100bffc) /* the high half of mtime */

/* From the linker script. */
extern char bss_start[], bss_end[], stack_top[];

/* Output. */

static void print_hex(uint32_t value) {
  print("0x");
  console_write_hex(value, 8);
}

/* Decimal digits of a number of 64 bits, written to the end of `digits` (21 bytes with the zero). Returns where they begin. */
static char *decimal_digits(char *digits, uint32_t high, uint32_t low) {
  char *first = digits + 20;
  *first = 0;
  do {
    /* One division by 10, from 16 bits to the next: the remainder stays below 10, so that each step fits a word. */
    uint32_t middle = (high % 10) << 16 | low >> 16;
    uint32_t last = (middle % 10) << 16 | (low & 0xffff);
    high /= 10;
    low = middle / 10 << 16 | last / 10;
    *--first = (char)('0' + last % 10);
  } while (high || low);
  return first;
}

/* Prints text in a column of that many characters. */
static void print_padded(const char *text, int width) {
  for (; *text; width--) console_write(*text++);
  for (; width > 0; width--) console_write(' ');
}

/* Commands. Each gets its arguments, as many as its line in the table says. */

struct command {
  const char *name;
  const char *usage; /* of its arguments */
  int arguments_min, arguments_max;
  void (*run)(int count, char **arguments);
  const char *help;
};

#define COMMANDS 14
static const struct command commands[COMMANDS];

/* Reads a number, decimal or hexadecimal with 0x in front. Says so and returns zero if it is none, or does not fit a word. */
static int read_number(const char *text, uint32_t *number) {
  uint32_t base = text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10;
  const char *digit = base == 16 ? text + 2 : text;
  int is_number = *digit != 0;
  for (*number = 0; *digit && is_number; digit++) {
    uint32_t letter = (uint32_t)(*digit | 0x20) - 'a';
    uint32_t value = (uint32_t)*digit - '0';
    if (value > 9) value = letter < 6 ? letter + 10 : base;
    is_number = value < base && *number <= (0xffffffffu - value) / base;
    *number = *number * base + value;
  }
  if (!is_number) {
    print(text);
    print(" is no number: write decimal digits, or hexadecimal ones behind 0x, up to 0xffffffff\n");
  }
  return is_number;
}

static void run_help(int count, char **arguments) {
  (void)count, (void)arguments;
  for (const struct command *command = commands; command < commands + COMMANDS; command++) {
    print_padded(command->name, 9);
    print_padded(command->usage, 19);
    print(command->help);
    print("\n");
  }
  print("Numbers are decimal, or hexadecimal behind 0x. Up and Down bring back lines, Tab\n");
  print("completes a command, Ctrl-U erases the line, Ctrl-C stops what runs.\n");
}

static void run_echo(int count, char **arguments) {
  for (int i = 0; i < count; i++) {
    if (i > 0) print(" ");
    print(arguments[i]);
  }
  print("\n");
}

/* Prints mtime. Its halves are two loads, and the high half is loaded again in case the low one overflowed in between. */
static void run_time(int count, char **arguments) {
  (void)count, (void)arguments;
  uint32_t high, low;
  do {
    high = TIME_HIGH;
    low = TIME_LOW;
  } while (TIME_HIGH != high);
  char digits[21];
  print("mtime is ");
  print(decimal_digits(digits, high, low));
  print(" ticks\n");
}

static void run_rand(int count, char **arguments) {
  (void)count;
  uint32_t state;
  if (!read_number(arguments[0], &state)) return;
  if (state == 0) {
    print("the seed must not be 0, which xorshift never leaves\n");
    return;
  }
  for (int i = 0; i < RANDOM_WORDS; i++) {
    print_hex(random_next(&state));
    print(i < RANDOM_WORDS - 1 ? " " : "\n");
  }
}

static void run_peek(int count, char **arguments) {
  uint32_t address, words = 1;
  if (!read_number(arguments[0], &address) || (count > 1 && !read_number(arguments[1], &words))) return;
  if (words > PEEK_WORDS_MAX) words = PEEK_WORDS_MAX;
  for (uint32_t i = 0; i < words && !is_stop_wanted; i++) {
    if (i % 4 == 0) {
      print_hex(address + 4 * i);
      print(":");
    }
    print(" ");
    console_write_hex(REGISTER32(address + 4 * i), 8);
    if (i % 4 == 3 || i == words - 1) print("\n");
  }
}

static void run_peek_byte(int count, char **arguments) {
  (void)count;
  uint32_t address;
  if (!read_number(arguments[0], &address)) return;
  print_hex(address);
  print(": ");
  console_write_hex(REGISTER8(address), 2);
  print("\n");
}

static void run_poke(int count, char **arguments) {
  (void)count;
  uint32_t address, value;
  if (read_number(arguments[0], &address) && read_number(arguments[1], &value)) REGISTER32(address) = value;
}

static void run_poke_byte(int count, char **arguments) {
  (void)count;
  uint32_t address, value;
  if (read_number(arguments[0], &address) && read_number(arguments[1], &value)) REGISTER8(address) = (uint8_t)value;
}

#define READ_CSR(name)                                  \
  ({                                                    \
    uint32_t value_;                                    \
    __asm__ volatile("csrr %0, " #name : "=r"(value_)); \
    value_;                                             \
  })

static void print_register(const char *name, uint32_t value, int is_last) {
  print_padded(name, 9);
  console_write_hex(value, 8);
  print(is_last ? "\n" : "   ");
}

static void run_regs(int count, char **arguments) {
  (void)count, (void)arguments;
  print_register("mhartid", READ_CSR(mhartid), 0);
  print_register("misa", READ_CSR(misa), 0);
  print_register("mtvec", READ_CSR(mtvec), 1);
  print_register("mstatus", READ_CSR(mstatus), 0);
  print_register("mie", READ_CSR(mie), 0);
  print_register("mip", READ_CSR(mip), 1);
  print_register("mepc", READ_CSR(mepc), 0);
  print_register("mcause", READ_CSR(mcause), 0);
  print_register("mtval", READ_CSR(mtval), 1);
  print_register("mcycle", READ_CSR(mcycle), 0);
  print_register("minstret", READ_CSR(minstret), 0);
  print_register("mscratch", READ_CSR(mscratch), 1);
}

/* mcycle, from which the cycles before are taken off. */
struct cycles {
  uint32_t high, low;
};

static struct cycles cycles_since(struct cycles before) {
  uint32_t high, low;
  do {
    high = READ_CSR(mcycleh);
    low = READ_CSR(mcycle);
  } while (READ_CSR(mcycleh) != high);
  return (struct cycles){high - before.high - (low < before.low), low - before.low};
}

static void run_count(int count, char **arguments) {
  (void)count;
  uint32_t last, i = 0;
  if (!read_number(arguments[0], &last)) return;
  struct cycles started = cycles_since((struct cycles){0, 0});
  while (i < last && !is_stop_wanted) i++;
  struct cycles taken = cycles_since(started);
  char digits[21];
  print(i < last ? "stopped at " : "counted to ");
  print(decimal_digits(digits, 0, i));
  print(" in ");
  print(decimal_digits(digits, taken.high, taken.low));
  print(" cycles\n");
}

static void print_range(uint32_t start, const char *text) {
  print_hex(start);
  print("  ");
  print(text);
  print("\n");
}

static void run_mem(int count, char **arguments) {
  (void)count, (void)arguments;
  print_range(0x10000000, "UART (16550; a byte each, try peek8)");
  print_range(0x10001000, "network device (virtio over MMIO)");
  print_range(0x10002000, "block device (virtio over MMIO)");
  print_range(0x10003000, "entropy device (virtio over MMIO)");
  print_range(0x11000000, "CLINT: msip; mtimecmp is at 0x11004000, mtime at 0x1100bff8");
  print_range(0x11100000, "syscon: 0x5555 powers off, 0x7777 reboots");
  print_range(0x80000000, "RAM: the shell's code and constants");
  print_range((uint32_t)bss_start, "its variables");
  print_range((uint32_t)bss_end, "free, then the stack");
  print_range((uint32_t)stack_top, "end of the RAM that the shell knows");
}

static void run_crash(int count, char **arguments) {
  (void)count, (void)arguments;
  __asm__ volatile(".word 0"); /* no instruction has only zeros: unprivileged ISA, section 1.5 */
}

static void run_reboot(int count, char **arguments) {
  (void)count, (void)arguments;
  SYSCON = SYSCON_REBOOT;
}

static void run_poweroff(int count, char **arguments) {
  (void)count, (void)arguments;
  power_off_now();
}

static const struct command commands[COMMANDS] = {
    {"help", "", 0, 0, run_help, "this list"},
    {"echo", "TEXT...", 0, ARGUMENTS_MAX, run_echo, "prints the text"},
    {"time", "", 0, 0, run_time, "reads the clock"},
    {"rand", "SEED", 1, 1, run_rand, "pseudo-random words, the same for the same seed"},
    {"peek", "ADDRESS [WORDS]", 1, 2, run_peek, "loads words of 4 bytes"},
    {"peek8", "ADDRESS", 1, 1, run_peek_byte, "loads a byte"},
    {"poke", "ADDRESS VALUE", 2, 2, run_poke, "stores a word"},
    {"poke8", "ADDRESS VALUE", 2, 2, run_poke_byte, "stores a byte"},
    {"regs", "", 0, 0, run_regs, "control and status registers"},
    {"count", "N", 1, 1, run_count, "counts to N and does nothing else"},
    {"mem", "", 0, 0, run_mem, "what is where in memory"},
    {"crash", "", 0, 0, run_crash, "an illegal instruction, and the trap it makes"},
    {"reboot", "", 0, 0, run_reboot, "asks for a reboot"},
    {"poweroff", "", 0, 0, run_poweroff, "switches the machine off"},
};

static const struct command *find_command(const char *name) {
  for (const struct command *command = commands; command < commands + COMMANDS; command++)
    if (is_same_text(command->name, name)) return command;
  return 0;
}

/* Cuts a line into words, in place. Returns how many there are; words beyond the last that fits are left out. */
static int split(char *text, char **words, int words_max) {
  int count = 0;
  while (*text && count < words_max) {
    while (*text == ' ') *text++ = 0;
    if (*text) words[count++] = text;
    while (*text && *text != ' ') text++;
  }
  *text = 0;
  return count;
}

static void run_line(void) {
  char *words[1 + ARGUMENTS_MAX];
  int count = split(line, words, 1 + ARGUMENTS_MAX) - 1;
  if (count < 0) return;
  const struct command *command = find_command(words[0]);
  if (!command) {
    print("there is no command ");
    print(words[0]);
    print(": type help for a list\n");
  } else if (count < command->arguments_min || count > command->arguments_max) {
    print("usage: ");
    print(command->name);
    print(*command->usage ? " " : ", without arguments");
    print(command->usage);
    print("\n");
  } else {
    command->run(count, words + 1);
  }
}

static int starts_with_line(const char *name) {
  for (uint32_t i = 0; i < line_length; i++)
    if (name[i] != line[i]) return 0;
  return 1;
}

/* Tab: adds the rest of the command, if only one begins like the line. */
static void complete(void) {
  const char *only = 0;
  for (const struct command *command = commands; command < commands + COMMANDS; command++) {
    if (!starts_with_line(command->name)) continue;
    if (only) return;
    only = command->name;
  }
  if (!only) return;
  line_add_text(only + line_length);
  line_add(' ');
}

__attribute__((noreturn)) static void prompt_for_ever(void) {
  for (;;) {
    is_running = 0;
    print("lockstep> ");
    if (!line_read(complete)) continue;
    history_keep();
    is_stop_wanted = 0;
    is_running = 1;
    run_line();
    if (is_stop_wanted) print("^C\n");
  }
}

/* Traps. */

static const char *cause_name(uint32_t cause) {
  static const char *const names[] = {
      "instruction address misaligned", "instruction access fault", "illegal instruction", "breakpoint",
      "load address misaligned",        "load access fault",        "store misaligned",    "store access fault",
  };
  return cause < sizeof names / sizeof names[0] ? names[cause] : "exception";
}

static void print_registers(const uint32_t *registers) {
  static const char *const names[32] = {
      "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
      "a6",   "a7", "s2", "s3", "s4",  "s5",  "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
  };
  for (int i = 0; i < 32; i++) {
    print_padded(names[i], 5);
    console_write_hex(i == 0 ? 0 : registers[i], 8);
    print(i % 4 == 3 ? "\n" : "   ");
  }
}

/* Shows the trap, and instead of the command that made it goes on with a new prompt on an empty stack. */
void on_exception(struct trap_frame *frame) {
  print("\ntrap: ");
  print(cause_name(frame->cause));
  print("\n");
  print_register("mcause", frame->cause, 0);
  print_register("mepc", frame->address, 0);
  print_register("mtval", frame->value, 1);
  print_registers(frame->registers);
  frame->address = (uint32_t)prompt_for_ever;
  frame->registers[REGISTER_SP] = (uint32_t)stack_top;
}

void on_interrupt(uint32_t code, uint32_t resume_address) {
  (void)resume_address;
  if (code == MACHINE_EXTERNAL) console_interrupt();
}

int main(void) {
  trap_frames_start();
  console_start();
  enable_interrupts(1u << MACHINE_EXTERNAL);
  print("\nLockstep: RV32IMA, and a shell. Type help and press Enter.\n");
  prompt_for_ever();
}
