/*
 * Processor benchmark: products of square integer matrices, row by column, which is multiplications and regular loads. Each product becomes
 * the next right-hand factor; the checksum runs over all elements of all products, which wrap at 32 bits.
 */
#include "benchmark.h"

#define ROUNDS 20
#define SIDE 64

static uint32_t left[SIDE][SIDE], right[SIDE][SIDE], product[SIDE][SIDE];

static void fill(uint32_t matrix[SIDE][SIDE], uint32_t *state) {
  for (int row = 0; row < SIDE; row++) {
    for (int column = 0; column < SIDE; column++) matrix[row][column] = random_next(state);
  }
}

static void multiply(void) {
  for (int row = 0; row < SIDE; row++) {
    for (int column = 0; column < SIDE; column++) {
      uint32_t sum = 0;
      for (int i = 0; i < SIDE; i++) sum += left[row][i] * right[i][column];
      product[row][column] = sum;
    }
  }
}

/* High bits are folded into low ones on the way: the low bits of products of products would soon be all zero. */
static uint32_t take_product(uint32_t checksum) {
  for (int row = 0; row < SIDE; row++) {
    for (int column = 0; column < SIDE; column++) {
      uint32_t element = product[row][column];
      checksum = mix(checksum, element);
      right[row][column] = element ^ element >> 16;
    }
  }
  return checksum;
}

int main(void) {
  uint32_t state = 1;
  uint32_t checksum = 0;
  fill(left, &state);
  fill(right, &state);
  for (int round = 0; round < ROUNDS; round++) {
    multiply();
    checksum = take_product(checksum);
  }
  print_checksum(checksum);
  return 0;
}
