/*
 * The counter server of the lecture: each console byte in is a request, the number of requests so far is the reply. The reply also
 * carries a CRC-16 of all bytes, so that a byte lost, repeated or out of order shows in every later reply. Idle, it waits in WFI.
 */
#include "runtime.h"

static uint32_t requests;
static uint16_t checksum = 0xffff;

/* CRC-16/CCITT-FALSE, one byte: polynomial 0x1021, most significant bit first. It tells any two adjacent bytes that change places. */
static uint16_t crc16_step(uint16_t crc, uint8_t byte) {
  crc ^= (uint16_t)(byte << 8);
  for (int bit = 0; bit < 8; bit++) crc = (uint16_t)((crc & 0x8000) ? (crc << 1) ^ 0x1021 : crc << 1);
  return crc;
}

static void reply(void) {
  console_write_decimal(requests);
  console_write(' ');
  console_write_hex(checksum, 4);
  console_write('\n');
}

void on_interrupt(uint32_t code, uint32_t resume_address) {
  (void)resume_address;
  if (code != MACHINE_EXTERNAL) return;
  while (console_has_byte()) {
    checksum = crc16_step(checksum, console_read());
    requests++;
    reply();
  }
}

int main(void) {
  console_start();
  enable_interrupts(1u << MACHINE_EXTERNAL);
  for (;;) wait_for_interrupt();
}
