/*
 * Benchmark of traps: a program in user mode that leaves it at every turn, and the supervisor in machine mode that serves it. The program
 * calls, stops at breakpoints, reads a CSR it may not read and touches a device that it cannot reach; the supervisor carries each of these
 * out for it (trap and emulate), uses UART and CLINT for its own part, and interrupts itself. Prints a checksum and powers off.
 *
 * It never reads the clock: everything here stays inside the machine, and a log of it holds outputs only.
 */
#include "trap-frame.h"
#include "words.h"

#define ROUNDS 3600
#define POLLS 8
#define USER_STACK_WORDS 256

/* Exception codes (privileged manual, table of mcause values). */
enum { ILLEGAL_INSTRUCTION = 2, BREAKPOINT = 3, LOAD_ACCESS_FAULT = 5, STORE_ACCESS_FAULT = 7, USER_CALL = 8 };

/* What the program can ask for, by the number in a7. Arguments are in a0 and a1, the result comes in a0. */
enum { SERVICE_MIX, SERVICE_POLL, SERVICE_TIMER, SERVICE_INTERRUPT, SERVICE_REGISTERS, SERVICE_END };

#define UART_SCRATCH_ADDRESS 0x10000007u /* SCR: a byte that the UART keeps and does nothing with */
#define UART_STATUS_ADDRESS 0x10000005u

/* The hart's number that the program gets to see instead of the true one. */
#define VIRTUAL_HART 7
#define CSR_MHARTID 0xf14

static uint32_t user_stack[USER_STACK_WORDS];
static uint32_t breakpoints;
/* Instructions carried out for the program. A machine that did not protect CSRs and devices would show here. */
static uint32_t emulations;
/* Written in machine mode, and read by the program, whose own memory this is too. */
static volatile uint32_t self_interrupts;

/* Machine mode: the supervisor. */

/* Lets user mode have all of RAM, and nothing else: with physical memory protection it has only what an entry gives it (section 3.7). */
static void protect_devices(void) {
  uint32_t ram = 0x80000000u >> 2 | (0x10000u / 8 - 1); /* NAPOT: 64 KiB from there */
  uint32_t read_write_execute = 0x1f;
  __asm__ volatile("csrw pmpaddr0, %0\n\tcsrw pmpcfg0, %1" ::"r"(ram), "r"(read_write_execute));
}

#define READ_CSR(name)                                  \
  ({                                                    \
    uint32_t value_;                                    \
    __asm__ volatile("csrr %0, " #name : "=r"(value_)); \
    value_;                                             \
  })

static uint32_t poll_console(void) {
  uint32_t sum = 0;
  for (int i = 0; i < POLLS; i++) sum += UART_LINE_STATUS;
  return sum;
}

/* Sets mtimecmp and reads it back. The timer's interrupt is never enabled. */
static uint32_t use_timer(uint32_t low, uint32_t high) {
  TIMER_COMPARE_LOW = low;
  TIMER_COMPARE_HIGH = high;
  return TIMER_COMPARE_LOW + 3 * TIMER_COMPARE_HIGH;
}

/* Raises the software interrupt, which is taken when this call has returned: machine mode handles traps with interrupts off. */
static uint32_t interrupt_self(void) {
  SOFTWARE_INTERRUPT = 1;
  return READ_CSR(mip) + 2 * SOFTWARE_INTERRUPT;
}

/* Everything in the CSRs of this trap that is the same in each. */
static uint32_t read_registers(void) {
  uint32_t extensions = 1u << 0 | 1u << 8 | 1u << 12; /* A, I and M in misa */
  uint32_t previous_mode = READ_CSR(mstatus) >> 11 & 3;
  return mix(mix(READ_CSR(mie), READ_CSR(mcause)), (READ_CSR(misa) & extensions) + previous_mode + READ_CSR(mscratch));
}

static void end(uint32_t digest) {
  print_checksum(mix(mix(mix(digest, breakpoints), emulations), self_interrupts));
  power_off_now();
}

static uint32_t serve(uint32_t service, uint32_t first, uint32_t second) {
  switch (service) {
    case SERVICE_MIX:
      return mix(first, second);
    case SERVICE_POLL:
      return poll_console();
    case SERVICE_TIMER:
      return use_timer(first, second);
    case SERVICE_INTERRUPT:
      return interrupt_self();
    case SERVICE_REGISTERS:
      return read_registers();
    default:
      end(first);
      return 0;
  }
}

/* Carries out the read of a CSR that user mode may not: mtval holds the instruction. Zero if it is none that the supervisor knows. */
static int emulate_csr_read(struct trap_frame *frame) {
  uint32_t instruction = frame->value;
  int is_read = (instruction & 0xff07f) == 0x02073; /* csrrs with x0 */
  if (!is_read || instruction >> 20 != CSR_MHARTID) return 0;
  frame->registers[instruction >> 7 & 31] = VIRTUAL_HART;
  emulations++;
  return 1;
}

/* Carries out a load from the UART that memory protection refused: mtval holds the address. */
static int emulate_load(struct trap_frame *frame) {
  uint32_t instruction = *(const uint32_t *)frame->address;
  if (frame->value != UART_STATUS_ADDRESS && frame->value != UART_SCRATCH_ADDRESS) return 0;
  frame->registers[instruction >> 7 & 31] = REGISTER8(frame->value);
  emulations++;
  return 1;
}

static int emulate_store(struct trap_frame *frame) {
  uint32_t instruction = *(const uint32_t *)frame->address;
  if (frame->value != UART_SCRATCH_ADDRESS) return 0;
  REGISTER8(frame->value) = (uint8_t)frame->registers[instruction >> 20 & 31];
  emulations++;
  return 1;
}

static int handle(struct trap_frame *frame) {
  uint32_t *registers = frame->registers;
  switch (frame->cause) {
    case USER_CALL:
      registers[REGISTER_A0] = serve(registers[REGISTER_A7], registers[REGISTER_A0], registers[REGISTER_A1]);
      return 1;
    case BREAKPOINT:
      breakpoints++;
      return 1;
    case ILLEGAL_INSTRUCTION:
      return emulate_csr_read(frame);
    case LOAD_ACCESS_FAULT:
      return emulate_load(frame);
    case STORE_ACCESS_FAULT:
      return emulate_store(frame);
    default:
      return 0;
  }
}

void on_exception(struct trap_frame *frame) {
  if (handle(frame)) frame->address += 4;
  else on_trap(frame->cause, frame->address); /* says what happened, and powers off */
}

void on_interrupt(uint32_t code, uint32_t resume_address) {
  (void)code;
  (void)resume_address;
  SOFTWARE_INTERRUPT = 0;
  self_interrupts++;
}

/* User mode: the program. */

static inline uint32_t call(uint32_t service, uint32_t first, uint32_t second) {
  register uint32_t a0 __asm__("a0") = first;
  register uint32_t a1 __asm__("a1") = second;
  register uint32_t a7 __asm__("a7") = service;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a7) : "memory");
  return a0;
}

static uint32_t play_round(uint32_t digest, uint32_t round) {
  digest = call(SERVICE_MIX, digest, round);
  digest = mix(digest, READ_CSR(mhartid));
  __asm__ volatile("ebreak");
  digest = mix(digest, REGISTER8(UART_STATUS_ADDRESS));
  REGISTER8(UART_SCRATCH_ADDRESS) = (uint8_t)digest;
  digest = mix(digest, REGISTER8(UART_SCRATCH_ADDRESS) + (round << 8));
  digest = mix(digest, call(SERVICE_POLL, 0, 0));
  digest = mix(digest, call(SERVICE_TIMER, digest, round));
  digest = mix(digest, call(SERVICE_REGISTERS, 0, 0));
  digest = mix(digest, call(SERVICE_INTERRUPT, 0, 0));
  return mix(digest, self_interrupts);
}

static void user_main(void) {
  uint32_t digest = 0;
  for (uint32_t round = 0; round < ROUNDS; round++) digest = play_round(digest, round);
  call(SERVICE_END, digest, 0);
}

int main(void) {
  trap_frames_start();
  protect_devices();
  __asm__ volatile("csrw mie, %0" ::"r"(1u << MACHINE_SOFTWARE)); /* user mode takes it whatever mstatus.MIE says */
  enter_user(user_main, user_stack + USER_STACK_WORDS);
}
