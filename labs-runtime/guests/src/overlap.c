/*
 * A guest that asks its disk for two things at a time in one place. For each byte from the console it writes one sector twice, then reads it
 * and writes it once more meanwhile, and prints what it read: the byte after the one that came. Whoever does them in another order than they were asked for leaves something else on the disk, and lets the read see something else
 * (VMware FT paper, sections 3.4 and 4.2). At a full stop it writes the sector twice and switches itself off, without a wait for either.
 */
#include "block.h"

#define SECTOR 0
#define KEYS 16 /* a power of two: bytes that can wait */
#define LAST_KEY '.'

/* The descriptors behind those of the driver's one request, for a second that is with the device at the same time. */
enum { SECOND_HEADER = 3, SECOND_DATA, SECOND_STATUS };

static volatile struct {
  uint32_t type, reserved;
  uint32_t sector, sector_high;
} second_header;
static volatile uint8_t second_status;

static uint8_t first_sector[SECTOR_BYTES];
static uint8_t second_sector[SECTOR_BYTES];

static volatile uint8_t keys[KEYS];
static volatile uint32_t keys_come, keys_taken;

/* Bytes that find no room are lost. */
void on_interrupt(uint32_t code, uint32_t resume_address) {
  (void)resume_address;
  if (code != MACHINE_EXTERNAL) return;
  block_acknowledge_interrupt();
  while (console_has_byte()) {
    uint8_t key = console_read();
    if (keys_come - keys_taken < KEYS) keys[keys_come++ % KEYS] = key;
  }
}

static int key_waits(void) { return keys_come != keys_taken; }

static void fill(uint8_t *sector, uint8_t byte) {
  for (uint32_t i = 0; i < SECTOR_BYTES; i++) sector[i] = byte;
}

static void second_start(void) {
  volatile struct descriptor *descriptors = block_queue.descriptors;
  descriptors[SECOND_HEADER].address = (uint32_t)&second_header;
  descriptors[SECOND_HEADER].length = sizeof second_header;
  descriptors[SECOND_HEADER].flags = DESCRIPTOR_NEXT;
  descriptors[SECOND_HEADER].next = SECOND_DATA;
  descriptors[SECOND_DATA].address = (uint32_t)second_sector;
  descriptors[SECOND_DATA].length = SECTOR_BYTES;
  descriptors[SECOND_DATA].flags = DESCRIPTOR_NEXT;
  descriptors[SECOND_DATA].next = SECOND_STATUS;
  descriptors[SECOND_STATUS].address = (uint32_t)&second_status;
  descriptors[SECOND_STATUS].length = sizeof second_status;
  descriptors[SECOND_STATUS].flags = DEVICE_WRITES;
  second_header.type = BLOCK_WRITE;
  second_header.sector = SECTOR;
}

/* A write of that byte all over the sector, whatever else is with the device. */
static void second_submit(uint8_t byte) {
  fill(second_sector, byte);
  queue_offer(&block_queue, SECOND_HEADER);
  queue_notify(BLOCK, 0);
}

static int both_done(void) { return (uint16_t)(block_queue.used.index - block_queue.seen) == 2; }

/* Waits for the two. Zero if one of them failed. */
static int both_finish(void) {
  wait_until(both_done);
  block_queue.seen++;
  return block_finish() && second_status == BLOCK_OK;
}

/* Three bytes go to the sector, and the second of them is read back while the third is on its way. */
static int round_succeeds(uint8_t key) {
  fill(first_sector, key);
  block_submit(BLOCK_WRITE, SECTOR, first_sector, SECTOR_BYTES);
  second_submit(key + 1);
  if (!both_finish()) return 0;
  block_submit(BLOCK_READ, SECTOR, first_sector, SECTOR_BYTES);
  second_submit(key + 2);
  return both_finish();
}

/* Two writes are on their way, and nobody waits for them. */
static void leave(void) {
  fill(first_sector, LAST_KEY);
  block_submit(BLOCK_WRITE, SECTOR, first_sector, SECTOR_BYTES);
  second_submit(LAST_KEY + 1);
  console_write(LAST_KEY);
}

int main(void) {
  if (!block_start(SECTOR + 1)) {
    console_write_text("overlap needs a disk that can flush\n");
    return 1;
  }
  second_start();
  console_start();
  enable_interrupts(1u << MACHINE_EXTERNAL);
  for (;;) {
    wait_until(key_waits);
    uint8_t key = keys[keys_taken++ % KEYS];
    if (key == LAST_KEY) break;
    console_write(round_succeeds(key) ? (char)first_sector[0] : '!');
  }
  leave();
  return 0;
}
