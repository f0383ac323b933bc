/*
 * Driver for the entropy device (virtio 1.2, section 5.4): random bytes from outside. No instruction of the guest's leads to them, so a
 * machine that replays it must be given the same ones (VMware FT, section 2.1).
 */
#pragma once

#include "virtio.h"
#include "wait.h"

#define ENTROPY 0x10003000
#define ENTROPY_ID 4

/* Bytes asked for at a time. The device may give fewer. */
#define ENTROPY_BUFFER_BYTES 16

static volatile struct queue entropy_queue;
static volatile uint8_t entropy_buffer[ENTROPY_BUFFER_BYTES];
static uint32_t entropy_bytes, entropy_bytes_used; /* in the buffer: from the device, and of them handed out */

/* Finds and sets up the device. Zero if there is none. */
static int entropy_start(void) {
  if (!device_found(ENTROPY, ENTROPY_ID, 0)) return 0;
  queue_start(ENTROPY, 0, &entropy_queue);
  entropy_queue.descriptors[0].address = (uint32_t)entropy_buffer;
  entropy_queue.descriptors[0].length = ENTROPY_BUFFER_BYTES;
  entropy_queue.descriptors[0].flags = DEVICE_WRITES;
  device_go(ENTROPY);
  return 1;
}

static inline void entropy_acknowledge_interrupt(void) { device_acknowledge_interrupt(ENTROPY); }

static int entropy_arrived(void) { return entropy_queue.used.index != entropy_queue.seen; }

/* Asks for a bufferful, and sleeps until it is there. */
static void entropy_fill(void) {
  queue_offer(&entropy_queue, 0);
  queue_notify(ENTROPY, 0);
  wait_until(entropy_arrived);
  memory_barrier();
  entropy_bytes = entropy_queue.used.elements[entropy_queue.seen % QUEUE_ENTRIES].length;
  entropy_bytes_used = 0;
  entropy_queue.seen++;
}

/* The next random byte. None is handed out twice. */
static uint8_t entropy_byte(void) {
  while (entropy_bytes_used == entropy_bytes) entropy_fill();
  return entropy_buffer[entropy_bytes_used++];
}
