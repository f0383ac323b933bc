/*
 * The processor benchmark: sieves the odd numbers below 60,000 and takes a CRC-32 of the sieve, again and again, then prints the checksum and
 * powers off. It reads no clock and takes no interrupt, so that its log holds outputs only.
 */
#include "runtime.h"

#define ROUNDS 100
#define ODD_NUMBERS 30000

/* composite[i] says that 2 * i + 1 is no prime. */
static uint8_t composite[ODD_NUMBERS];
static uint32_t crc_table[256];

void on_interrupt(uint32_t code, uint32_t resume_address) {
  (void)code;
  (void)resume_address;
}

static void make_crc_table(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = (crc & 1) ? (crc >> 1) ^ 0xedb88320u : crc >> 1;
    crc_table[byte] = crc;
  }
}

static void sieve(void) {
  for (uint32_t i = 0; i < ODD_NUMBERS; i++) composite[i] = i == 0;
  for (uint32_t i = 1; 2 * i * (i + 1) < ODD_NUMBERS; i++) {
    if (composite[i]) continue;
    /* Starts at the square of 2 * i + 1 and goes on in steps of twice that number. */
    for (uint32_t multiple = 2 * i * (i + 1); multiple < ODD_NUMBERS; multiple += 2 * i + 1) composite[multiple] = 1;
  }
}

static uint32_t crc32(uint32_t crc) {
  for (uint32_t i = 0; i < ODD_NUMBERS; i++) crc = crc_table[(crc ^ composite[i]) & 255] ^ (crc >> 8);
  return crc;
}

int main(void) {
  uint32_t crc = 0xffffffff;
  make_crc_table();
  for (int round = 0; round < ROUNDS; round++) {
    sieve();
    crc = crc32(crc);
  }
  console_write_hex(~crc, 8);
  console_write('\n');
  return 0;
}
