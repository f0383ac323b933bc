/*
 * The key-value server in memory: what it was told lives as long as the machine, which is as long as a pair keeps one of its two (VMware
 * FT, section 2.1). See key-value.h for what it does; key-value-disk.c outlives a power failure.
 */
#include "key-value.h"

/* There is nothing safer than memory here. */
static void commit(const uint8_t *payload, uint32_t payload_bytes) {
  (void)payload;
  (void)payload_bytes;
}

void on_interrupt(uint32_t code, uint32_t resume_address) {
  (void)resume_address;
  if (code == MACHINE_TIMER) timer_start();
  else network_acknowledge_interrupt();
}

int main(void) {
  if (!network_start()) {
    console_write_text("key-value needs a network device\n");
    return 1;
  }
  timer_start();
  enable_interrupts(1u << MACHINE_TIMER | 1u << MACHINE_EXTERNAL);
  console_write_text("key-value in memory");
  console_write_place();
  internet_announce();
  serve_forever();
}
