/*
 * Processor benchmark: SHA-256 (FIPS 180-4, sections 4.1.2, 5.1.1 and 6.2), which is shifts, adds and logic on registers with few branches.
 * Hashes a message of pseudo-random bytes, writes the digest over its beginning, and so on; prints the last digest and powers off.
 */
#include "benchmark.h"
#include "bytes.h"

#define ROUNDS 16
#define MESSAGE_BYTES 30001 /* ends inside a block, so that the padding starts in the middle of one */

#define DIGEST_WORDS 8
#define BLOCK_BYTES 64
#define LENGTH_OFFSET 56 /* the message's length in bits is the last 8 bytes of the last block */

static uint8_t message[MESSAGE_BYTES];

/* Section 4.2.2: the first 32 bits of the fractions of the cube roots of the first 64 primes. */
static const uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* Section 5.3.3: those of the square roots of the first 8 primes. */
static const uint32_t initial_hash[DIGEST_WORDS] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static inline uint32_t rotate_right(uint32_t word, int bits) { return word >> bits | word << (32 - bits); }

/* Section 6.2.2, step 1. */
static void prepare_schedule(uint32_t *schedule, const uint8_t *block) {
  for (int t = 0; t < 16; t++) schedule[t] = read_word(block + 4 * t);
  for (int t = 16; t < 64; t++) {
    uint32_t near = schedule[t - 2], far = schedule[t - 15];
    uint32_t sigma1 = rotate_right(near, 17) ^ rotate_right(near, 19) ^ near >> 10;
    uint32_t sigma0 = rotate_right(far, 7) ^ rotate_right(far, 18) ^ far >> 3;
    schedule[t] = sigma1 + schedule[t - 7] + sigma0 + schedule[t - 16];
  }
}

/* Section 6.2.2, steps 2 to 4. */
static void hash_block(uint32_t *hash, const uint8_t *block) {
  uint32_t schedule[64];
  prepare_schedule(schedule, block);
  uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4], f = hash[5], g = hash[6], h = hash[7];
  for (int t = 0; t < 64; t++) {
    uint32_t sum1 = rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25);
    uint32_t sum0 = rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22);
    uint32_t choice = (e & f) ^ (~e & g);
    uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
    uint32_t first = h + sum1 + choice + round_constants[t] + schedule[t];
    uint32_t second = sum0 + majority;
    h = g, g = f, f = e, e = d + first;
    d = c, c = b, b = a, a = first + second;
  }
  hash[0] += a, hash[1] += b, hash[2] += c, hash[3] += d;
  hash[4] += e, hash[5] += f, hash[6] += g, hash[7] += h;
}

/* The last block, or two, with the rest of the message in it: a one bit, zeros and the length (section 5.1.1). */
static void hash_padding(uint32_t *hash, const uint8_t *rest, uint32_t rest_bytes, uint32_t message_bytes) {
  uint8_t block[BLOCK_BYTES];
  for (uint32_t i = 0; i < BLOCK_BYTES; i++) block[i] = i < rest_bytes ? rest[i] : i == rest_bytes ? 0x80 : 0;
  if (rest_bytes >= LENGTH_OFFSET) {
    hash_block(hash, block);
    for (uint32_t i = 0; i < BLOCK_BYTES; i++) block[i] = 0;
  }
  write_word(block + LENGTH_OFFSET, message_bytes >> 29);
  write_word(block + LENGTH_OFFSET + 4, message_bytes << 3);
  hash_block(hash, block);
}

static void sha256(uint32_t *hash, const uint8_t *bytes, uint32_t byte_count) {
  for (int i = 0; i < DIGEST_WORDS; i++) hash[i] = initial_hash[i];
  uint32_t hashed = 0;
  for (; byte_count - hashed >= BLOCK_BYTES; hashed += BLOCK_BYTES) hash_block(hash, bytes + hashed);
  hash_padding(hash, bytes + hashed, byte_count - hashed, byte_count);
}

int main(void) {
  uint32_t state = 1;
  uint32_t hash[DIGEST_WORDS];
  for (int i = 0; i < MESSAGE_BYTES; i++) message[i] = (uint8_t)random_next(&state);
  for (int round = 0; round < ROUNDS; round++) {
    sha256(hash, message, MESSAGE_BYTES);
    for (int i = 0; i < DIGEST_WORDS; i++) write_word(message + 4 * i, hash[i]);
  }
  for (int i = 0; i < DIGEST_WORDS; i++) console_write_hex(hash[i], 8);
  console_write('\n');
  return 0;
}
