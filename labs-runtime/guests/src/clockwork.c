/*
 * A guest whose output depends on every clock read and on the exact instruction at which each interrupt lands: the two things replay must
 * get right (VMware FT, section 2.1). It never waits; it counts, reads the clock now and then, and prints a digest every few interrupts.
 */
#include "runtime.h"

#define SPINS_PER_CLOCK_READ 128
#define TICKS_PER_TIMER_INTERRUPT 10000
#define INTERRUPTS_PER_LINE 4

/* Counted by main without a pause, sampled by the handler: together with the interrupted pc it tells the instruction hit. */
static volatile uint32_t spins;
static volatile uint32_t interrupts;
/* Two digests, so that neither context overwrites what the other has just mixed in, and main never has to mask interrupts. */
static uint32_t clock_digest = 1;
static volatile uint32_t interrupt_digest = 1;

/* One to one in value for a given digest and the other way round: a single difference is never mixed away by equal values after it. */
static inline uint32_t mix(uint32_t digest, uint32_t value) {
  uint32_t mixed = (digest ^ value) * 2654435761u;
  return mixed ^ (mixed >> 15);
}

/*
 * Starts the timer anew. Only the low half of mtime is ever loaded, so that every bit logged for a load of it matters; the high half
 * of mtimecmp is tracked here, from 0 at boot, and is right as long as the clock is read once in 2^32 ticks.
 */
static void timer_start(uint32_t now) {
  static uint32_t time_high, time_low_before;
  time_high += now < time_low_before;
  time_low_before = now;
  uint32_t low = now + TICKS_PER_TIMER_INTERRUPT;
  TIMER_COMPARE_HIGH = 0xffffffff; /* no match in between: privileged manual, section on mtime and mtimecmp */
  TIMER_COMPARE_LOW = low;
  TIMER_COMPARE_HIGH = time_high + (low < now);
}

void on_interrupt(uint32_t code, uint32_t resume_address) {
  uint32_t digest = mix(mix(mix(interrupt_digest, code), resume_address), spins);
  if (code == MACHINE_SOFTWARE) {
    SOFTWARE_INTERRUPT = 0;
  } else if (code == MACHINE_TIMER) {
    uint32_t now = TIME_LOW;
    digest = mix(digest, now);
    timer_start(now);
  } else {
    while (console_has_byte()) digest = mix(digest, console_read());
  }
  interrupt_digest = digest;
  interrupts++;
}

static void print_line(uint32_t count) {
  console_write_decimal(count);
  console_write(' ');
  console_write_hex(mix(clock_digest, interrupt_digest), 8);
  console_write('\n');
}

int main(void) {
  uint32_t interrupts_printed = 0;
  console_start();
  timer_start(TIME_LOW);
  enable_interrupts(1u << MACHINE_SOFTWARE | 1u << MACHINE_TIMER | 1u << MACHINE_EXTERNAL);
  for (;;) {
    spins++;
    if (spins % SPINS_PER_CLOCK_READ == 0) clock_digest = mix(clock_digest, TIME_LOW);
    uint32_t count = interrupts;
    if (count - interrupts_printed >= INTERRUPTS_PER_LINE) {
      interrupts_printed = count;
      print_line(count);
    }
  }
}
