/*
 * Driver for the block device, a disk of 512-byte sectors (virtio 1.2, section 5.2). One request at a time: submitted, then waited for or
 * polled. A write that has completed may still be lost in a crash until a flush after it has completed (section 5.2.6.2).
 */
#pragma once

#include "virtio.h"
#include "wait.h"

#define BLOCK 0x10002000
#define BLOCK_ID 2
#define BLOCK_CAPACITY_LOW REGISTER32(BLOCK + VIRTIO_CONFIGURATION) /* in sectors */
#define BLOCK_CAPACITY_HIGH REGISTER32(BLOCK + VIRTIO_CONFIGURATION + 4)

/* VIRTIO_BLK_F_FLUSH. */
#define FEATURE_FLUSH (1u << 9)

#define SECTOR_BYTES 512

/* Types of request, and the status of one that went well. */
enum { BLOCK_READ = 0, BLOCK_WRITE = 1, BLOCK_FLUSH = 4 };
#define BLOCK_OK 0

/* Descriptors of the one request: what is asked for, the data, which a flush has none of, and where the device says how it went. */
enum { HEADER_DESCRIPTOR, DATA_DESCRIPTOR, STATUS_DESCRIPTOR };

static volatile struct queue block_queue;
static volatile struct {
  uint32_t type, reserved;
  uint32_t sector, sector_high;
} block_header;
static volatile uint8_t block_status;

/* Finds and sets up the device. Zero if there is none, none that can flush, or one of fewer sectors than asked for. */
static int block_start(uint32_t sectors) {
  if (!device_found(BLOCK, BLOCK_ID, FEATURE_FLUSH)) return 0;
  if (BLOCK_CAPACITY_HIGH == 0 && BLOCK_CAPACITY_LOW < sectors) return 0;
  queue_start(BLOCK, 0, &block_queue);
  block_queue.descriptors[HEADER_DESCRIPTOR].address = (uint32_t)&block_header;
  block_queue.descriptors[HEADER_DESCRIPTOR].length = sizeof block_header;
  block_queue.descriptors[HEADER_DESCRIPTOR].flags = DESCRIPTOR_NEXT;
  block_queue.descriptors[DATA_DESCRIPTOR].next = STATUS_DESCRIPTOR;
  block_queue.descriptors[STATUS_DESCRIPTOR].address = (uint32_t)&block_status;
  block_queue.descriptors[STATUS_DESCRIPTOR].length = sizeof block_status;
  block_queue.descriptors[STATUS_DESCRIPTOR].flags = DEVICE_WRITES;
  device_go(BLOCK);
  return 1;
}

static inline void block_acknowledge_interrupt(void) { device_acknowledge_interrupt(BLOCK); }

/* Asks the device for a transfer between its sectors and memory, count bytes, a multiple of 512; a flush has none. */
static void block_submit(uint32_t type, uint32_t sector, void *data, uint32_t count) {
  block_header.type = type;
  block_header.sector = sector;
  block_queue.descriptors[HEADER_DESCRIPTOR].next = count ? DATA_DESCRIPTOR : STATUS_DESCRIPTOR;
  block_queue.descriptors[DATA_DESCRIPTOR].address = (uint32_t)data;
  block_queue.descriptors[DATA_DESCRIPTOR].length = count;
  block_queue.descriptors[DATA_DESCRIPTOR].flags = DESCRIPTOR_NEXT | (type == BLOCK_READ ? DEVICE_WRITES : 0);
  queue_offer(&block_queue, HEADER_DESCRIPTOR);
  queue_notify(BLOCK, 0);
}

/* Whether the device is through with the request. */
static int block_done(void) { return block_queue.used.index != block_queue.seen; }

/* Takes note that it is through. Zero if the request failed. */
static int block_finish(void) {
  block_queue.seen++;
  memory_barrier();
  return block_status == BLOCK_OK;
}

/* The same, start to end, asleep while the device works. */
static inline int block_transfer(uint32_t type, uint32_t sector, void *data, uint32_t count) {
  block_submit(type, sector, data, count);
  wait_until(block_done);
  return block_finish();
}
