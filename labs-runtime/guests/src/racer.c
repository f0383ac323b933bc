/*
 * Harts that race: each adds 1 to one shared counter a thousand times, first with a plain load, add and store, then under a lock made of LR
 * and SC, then with AMOADD. Of the plain additions, those are lost that another hart's store overwrites. Which ones depends on how the
 * harts take turns, down to the single instruction: a replica must repeat that too, and VMware FT replicates one processor only (section 1).
 *
 * Nothing tells a bare program how many harts there are: each announces itself in memory, and hart 0 looks a bounded number of times.
 */
#include "runtime.h"

#define HARTS_MAX 4
#define ADDITIONS 1000

/* How often hart 0 looks for other harts: about 20,000 instructions, where another hart needs about 20 of its own to announce itself. */
#define LOOKS_MAX 4096
/* In the word in which harts announce themselves by bit n for hart n: whoever is not in yet stays out. */
#define RACE_CLOSED (1u << 31)

enum { PLAIN, LOCKED, ATOMIC, WAYS };

static volatile uint32_t announced;
/* Number of races started, and of harts that are through with the last one. */
static volatile uint32_t races_started;
static volatile uint32_t harts_done;

static volatile uint32_t shared_counter;
static volatile uint32_t lock;
/* Additions that each hart made in each race. */
static volatile uint32_t additions_made[WAYS][HARTS_MAX];

void on_interrupt(uint32_t code, uint32_t resume_address) {
  (void)code;
  (void)resume_address;
}

static inline uint32_t atomic_add(volatile uint32_t *word, uint32_t amount) {
  return __atomic_fetch_add(word, amount, __ATOMIC_SEQ_CST);
}

/* Takes the lock with LR and SC: SC fails if anyone has stored to the word since LR (unprivileged ISA, chapter on the A extension). */
static void lock_take(void) {
  uint32_t taken = 1;
  uint32_t is_held;
  do {
    __asm__ volatile(
        "lr.w.aq %0, (%1)\n\t"
        "bnez %0, 1f\n\t"
        "sc.w %0, %2, (%1)\n"
        "1:"
        : "=&r"(is_held)
        : "r"(&lock), "r"(taken)
        : "memory");
  } while (is_held);
}

static void lock_release(void) { __atomic_store_n(&lock, 0, __ATOMIC_RELEASE); }

static inline void add_plainly(void) { shared_counter = shared_counter + 1; }

static void add_once(uint32_t way) {
  if (way == PLAIN) {
    add_plainly();
  } else if (way == LOCKED) {
    lock_take();
    add_plainly();
    lock_release();
  } else {
    atomic_add(&shared_counter, 1);
  }
}

/* One hart's part of a race. */
static void race(uint32_t hart, uint32_t way) {
  for (uint32_t i = 0; i < ADDITIONS; i++) {
    add_once(way);
    additions_made[way][hart]++;
  }
  atomic_add(&harts_done, 1);
}

/* A hart other than 0: called by start-harts.S. */
__attribute__((used)) void hart_main(uint32_t hart) {
  if (__atomic_fetch_or(&announced, 1u << hart, __ATOMIC_SEQ_CST) & RACE_CLOSED) return;
  for (uint32_t way = 0; way < WAYS; way++) {
    while (races_started == way) {
    }
    race(hart, way);
  }
}

/* Waits for other harts, then closes the list. Returns the harts that take part, as bits. */
static uint32_t gather_harts(void) {
  uint32_t everyone = (1u << HARTS_MAX) - 1;
  __atomic_fetch_or(&announced, 1, __ATOMIC_SEQ_CST);
  for (uint32_t looks = 0; looks < LOOKS_MAX && announced != everyone; looks++) {
  }
  return __atomic_fetch_or(&announced, RACE_CLOSED, __ATOMIC_SEQ_CST);
}

static uint32_t count_bits(uint32_t bits) {
  uint32_t count = 0;
  for (; bits; bits &= bits - 1) count++;
  return count;
}

static void print_made(uint32_t harts, uint32_t way) {
  const char *before = " (";
  for (uint32_t hart = 0; hart < HARTS_MAX; hart++) {
    if (!(harts >> hart & 1)) continue;
    console_write_text(before);
    console_write_text("hart ");
    console_write_decimal(hart);
    console_write_text(": ");
    console_write_decimal(additions_made[way][hart]);
    before = ", ";
  }
  console_write_text(")\n");
}

/* Holds one race and prints its line, e.g. `plain 1713 of 2000 (hart 0: 1000, hart 1: 1000)`. */
static void hold_race(uint32_t harts, uint32_t way) {
  static const char *const names[WAYS] = {"plain ", "lock ", "atomic "};
  uint32_t hart_count = count_bits(harts);
  shared_counter = 0;
  harts_done = 0;
  __atomic_store_n(&races_started, way + 1, __ATOMIC_SEQ_CST);
  race(0, way);
  while (harts_done != hart_count) {
  }
  console_write_text(names[way]);
  console_write_decimal(shared_counter);
  console_write_text(" of ");
  console_write_decimal(hart_count * ADDITIONS);
  print_made(harts, way);
}

int main(void) {
  uint32_t harts = gather_harts();
  for (uint32_t way = 0; way < WAYS; way++) hold_race(harts, way);
  return 0;
}
