/*
 * Bytes in frames and records: numbers with the most significant byte first, as networks have them, and what a C file without a library
 * lacks for arrays.
 */
#pragma once

#include <stdint.h>

static inline uint32_t read_word(const uint8_t *from) { return (uint32_t)from[0] << 24 | from[1] << 16 | from[2] << 8 | from[3]; }

static inline void write_word(uint8_t *to, uint32_t value) {
  for (int i = 0; i < 4; i++) to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static inline uint16_t read_half(const uint8_t *from) { return (uint16_t)(from[0] << 8 | from[1]); }

static inline void write_half(uint8_t *to, uint16_t value) {
  to[0] = (uint8_t)(value >> 8);
  to[1] = (uint8_t)value;
}

static inline void copy_bytes(uint8_t *to, const uint8_t *from, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) to[i] = from[i];
}

static inline void fill_bytes(uint8_t *to, uint8_t value, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) to[i] = value;
}

static inline int bytes_equal(const uint8_t *one, const uint8_t *other, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    if (one[i] != other[i]) return 0;
  return 1;
}
