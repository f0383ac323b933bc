/* Words without meaning to work on, and a word that sums up words: what guests share that compute for the sake of a comparison. */
#pragma once

#include "runtime.h"

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
