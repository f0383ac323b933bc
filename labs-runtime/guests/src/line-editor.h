/*
 * Lines typed on the console: bytes come in by interrupt and wait in a ring, a line is edited as it is typed, and earlier ones come back
 * with the arrow keys. Ctrl-C stops what runs. What the terminal is sent is plain text, backspaces and carriage returns, which every
 * terminal knows.
 */
#pragma once

#include "runtime.h"

#define LINE_BYTES_MAX 68 /* with the prompt, less than a row of 80 columns: a backspace does not go back over the edge */
#define HISTORY_LINES 8
#define RING_BYTES 256 /* a power of two */

#define MSTATUS_MIE_BIT "8"

enum { CTRL_C = 3, BELL = 7, BACKSPACE = 8, TAB = 9, LINE_FEED = 10, RETURN = 13, CTRL_U = 21, ESCAPE = 27, DELETE = 127 };

/* Bytes that arrived and were not taken yet. The handler alone moves `ring_in`, the program alone `ring_out`. */
static volatile uint8_t ring[RING_BYTES];
static volatile uint32_t ring_in, ring_out;

/* Whether a command runs, and whether Ctrl-C has come since it began. While none runs, Ctrl-C is a byte like others. */
static volatile int is_running;
static volatile int is_stop_wanted;

static char line[LINE_BYTES_MAX + 1];
static uint32_t line_length;

/* Earlier lines, the oldest overwritten by the newest. `history_back` says how many lines up the reader went: 0 is the line being typed. */
static char history[HISTORY_LINES][LINE_BYTES_MAX + 1];
static uint32_t history_count, history_back;

/* Prints text; a line feed becomes the two bytes that a terminal needs. */
static void print(const char *text) {
  for (; *text; text++) {
    if (*text == '\n') console_write('\r');
    console_write(*text);
  }
}

/*
 * Takes in what the UART holds. When the ring is full the rest waits in the UART, with its interrupt off, so that nothing is lost; Ctrl-C
 * is then not seen before the program takes a byte.
 */
static void console_interrupt(void) {
  while (console_has_byte()) {
    if (ring_in - ring_out == RING_BYTES) {
      UART_INTERRUPT_ENABLE = 0;
      return;
    }
    uint8_t byte = console_read();
    if (byte == CTRL_C && is_running) {
      is_stop_wanted = 1;
    } else {
      ring[ring_in % RING_BYTES] = byte;
      ring_in++;
    }
  }
}

/* Waits for a byte. Interrupts are off between the look and WFI, which a pending interrupt ends all the same: none can slip in unseen. */
static uint8_t console_wait_byte(void) {
  for (;;) {
    __asm__ volatile("csrci mstatus, " MSTATUS_MIE_BIT ::: "memory");
    if (ring_in != ring_out) break;
    wait_for_interrupt();
    __asm__ volatile("csrsi mstatus, " MSTATUS_MIE_BIT ::: "memory");
  }
  uint8_t byte = ring[ring_out % RING_BYTES];
  ring_out++;
  UART_INTERRUPT_ENABLE = 0x01;
  __asm__ volatile("csrsi mstatus, " MSTATUS_MIE_BIT ::: "memory");
  return byte;
}

/* A byte in the middle of a character, in UTF-8. */
static inline int is_continuation(char byte) { return ((uint8_t)byte & 0xc0) == 0x80; }

static void line_erase_last(void) {
  if (line_length == 0) return;
  do line_length--;
  while (line_length > 0 && is_continuation(line[line_length]));
  print("\b \b");
}

static void line_erase(void) {
  while (line_length > 0) line_erase_last();
}

static void line_add(char byte) {
  if (line_length == LINE_BYTES_MAX) {
    console_write(BELL);
    return;
  }
  line[line_length++] = byte;
  console_write(byte);
}

static void line_add_text(const char *text) {
  while (*text) line_add(*text++);
}

static int is_same_text(const char *one, const char *other) {
  while (*one && *one == *other) one++, other++;
  return *one == *other;
}

/* The line typed `back` lines ago, from 1. */
static char *history_line(uint32_t back) { return history[(history_count - back) % HISTORY_LINES]; }

/* Keeps a line, unless it is empty or the same as the one before. */
static void history_keep(void) {
  history_back = 0;
  if (line_length == 0 || (history_count > 0 && is_same_text(history_line(1), line))) return;
  char *kept = history[history_count++ % HISTORY_LINES];
  for (uint32_t i = 0; i <= line_length; i++) kept[i] = line[i];
}

/* Up or down by one line. What was being typed is given up for the first line that comes back. */
static void history_go(int up) {
  uint32_t kept = history_count < HISTORY_LINES ? history_count : HISTORY_LINES;
  if (up ? history_back == kept : history_back == 0) return;
  history_back += up ? 1 : -1;
  line_erase();
  if (history_back > 0) line_add_text(history_line(history_back));
}

/* The rest of an escape sequence: the arrows up and down mean something, all others nothing (ECMA-48, section 5.4: how it ends). */
static void handle_escape(void) {
  uint8_t byte = console_wait_byte();
  if (byte != '[' && byte != 'O') return;
  do byte = console_wait_byte();
  while (byte >= 0x20 && byte < 0x40);
  if (byte == 'A' || byte == 'B') history_go(byte == 'A');
}

/* Edits `line` until it is finished. Returns zero if it was given up with Ctrl-C. `complete` may add to the line when Tab is pressed. */
static int line_read(void (*complete)(void)) {
  static uint8_t last; /* Return and line feed together are one end of line */
  line_length = 0;
  history_back = 0;
  for (;;) {
    uint8_t before = last;
    uint8_t byte = last = console_wait_byte();
    if (byte == LINE_FEED && before == RETURN) continue;
    if (byte == RETURN || byte == LINE_FEED || byte == CTRL_C) {
      print(byte == CTRL_C ? "^C\n" : "\n");
      line[line_length] = 0;
      return byte != CTRL_C;
    }
    if (byte == BACKSPACE || byte == DELETE) line_erase_last();
    else if (byte == CTRL_U) line_erase();
    else if (byte == ESCAPE) handle_escape();
    else if (byte == TAB) complete();
    else if (byte >= ' ') line_add((char)byte);
  }
}
