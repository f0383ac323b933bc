/*
 * What the guests of the processor benchmark share: pseudo-random words to work on, a checksum of the work, and no interrupt. Such a guest
 * reads no clock, so that its log holds outputs only and every run of it is the same.
 */
#pragma once

#include "runtime.h"

void on_interrupt(uint32_t code, uint32_t resume_address) {
  (void)code;
  (void)resume_address;
}

/* The next word of a xorshift32 generator (Marsaglia, Xorshift RNGs, 2003). Its state is any word but zero. */
static inline uint32_t random_next(uint32_t *state) {
  uint32_t word = *state;
  word ^= word << 13;
  word ^= word >> 17;
  word ^= word << 5;
  return *state = word;
}

/* One to one in value for a given checksum and the other way round, so that a single wrong value always shows in the end. */
static inline uint32_t mix(uint32_t checksum, uint32_t value) {
  uint32_t mixed = (checksum ^ value) * 2654435761u;
  return mixed ^ (mixed >> 15);
}

static inline void print_checksum(uint32_t checksum) {
  console_write_hex(checksum, 8);
  console_write('\n');
}
