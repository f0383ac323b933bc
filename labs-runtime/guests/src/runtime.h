/*
 * What every guest shares: the devices' registers, console and interrupt control. Each guest is one C file that includes this one.
 * Addresses are the machine's map: a 16550 UART, a CLINT and a syscon. A guest defines on_interrupt, empty if it enables none.
 */
#pragma once

#include <stdint.h>

#define REGISTER8(address) (*(volatile uint8_t *)(address))
#define REGISTER32(address) (*(volatile uint32_t *)(address))

/* 16550 UART: byte registers. */
#define UART_DATA REGISTER8(0x10000000)             /* RBR when read, THR when written */
#define UART_INTERRUPT_ENABLE REGISTER8(0x10000001) /* IER */
#define UART_FIFO_CONTROL REGISTER8(0x10000002)     /* FCR */
#define UART_LINE_CONTROL REGISTER8(0x10000003)     /* LCR */
#define UART_LINE_STATUS REGISTER8(0x10000005)      /* LSR */
#define UART_DATA_READY 0x01                        /* LSR bit 0 */
#define UART_TRANSMITTER_EMPTY 0x20                 /* LSR bit 5 */

/* CLINT. */
#define SOFTWARE_INTERRUPT REGISTER32(0x11000000) /* msip of hart 0 */
#define TIMER_COMPARE_LOW REGISTER32(0x11004000)  /* mtimecmp of hart 0 */
#define TIMER_COMPARE_HIGH REGISTER32(0x11004004)
#define TIME_LOW REGISTER32(0x1100bff8) /* mtime; each load is one clock entry in the log */

#define SYSCON REGISTER32(0x11100000)
#define SYSCON_POWER_OFF 0x5555

/* Exception codes of interrupts, and their bits in mie (privileged manual, table of mcause values). */
enum { MACHINE_SOFTWARE = 3, MACHINE_TIMER = 7, MACHINE_EXTERNAL = 11 };

/* Handles one interrupt with interrupts off. code is MACHINE_SOFTWARE, _TIMER or _EXTERNAL, resume_address the pc it came between. */
void on_interrupt(uint32_t code, uint32_t resume_address);

static inline void power_off_now(void) {
  SYSCON = SYSCON_POWER_OFF;
  for (;;) __asm__ volatile("wfi");
}

/* The same as a symbol, for start.S. */
__attribute__((noreturn, used)) void power_off(void) {
  power_off_now();
  __builtin_unreachable();
}

static inline void wait_for_interrupt(void) { __asm__ volatile("wfi" ::: "memory"); }

/* Enables the interrupts whose bits are set in mask (bit numbers of mie), then interrupts as a whole (mstatus.MIE, bit 3). */
static inline void enable_interrupts(uint32_t mask) {
  __asm__ volatile("csrw mie, %0" ::"r"(mask));
  __asm__ volatile("csrsi mstatus, 8" ::: "memory");
}

/* 8 data bits, no parity, FIFOs on, an interrupt for each byte that arrives. */
static inline void console_start(void) {
  UART_LINE_CONTROL = 0x03;
  UART_FIFO_CONTROL = 0x01;
  UART_INTERRUPT_ENABLE = 0x01;
}

static inline int console_has_byte(void) { return UART_LINE_STATUS & UART_DATA_READY; }

static inline uint8_t console_read(void) { return UART_DATA; }

/* Writes one byte. Each call is one output of the guest's, with a log entry of its own. */
static void console_write(char byte) {
  while (!(UART_LINE_STATUS & UART_TRANSMITTER_EMPTY)) {
  }
  UART_DATA = (uint8_t)byte;
}

static void console_write_text(const char *text) {
  while (*text) console_write(*text++);
}

/* Writes the low digits * 4 bits of value in hexadecimal, leading zeros included. */
static void console_write_hex(uint32_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) console_write("0123456789abcdef"[(value >> shift) & 15]);
}

static inline void console_write_decimal(uint32_t value) {
  char digits[10];
  int count = 0;
  do {
    digits[count++] = (char)('0' + value % 10);
    value /= 10;
  } while (value);
  while (count) console_write(digits[--count]);
}

/* Called by start.S. An interrupt has the top bit of mcause set; an exception is a bug in the guest, which says so and powers off. */
__attribute__((used)) void on_trap(uint32_t cause, uint32_t address) {
  if (cause >> 31) {
    on_interrupt(cause & 0x7fffffff, address);
    return;
  }
  console_write_text("exception ");
  console_write_hex(cause, 2);
  console_write_text(" at ");
  console_write_hex(address, 8);
  console_write('\n');
  power_off_now();
}
