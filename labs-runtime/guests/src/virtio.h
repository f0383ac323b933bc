/*
 * What the drivers share: a virtio device over MMIO with split queues (virtio 1.2: sections 3.1 for the setup, 2.7 for the queues, 4.2.2
 * for the registers). A driver names its device by the address of its first register.
 */
#pragma once

#include "runtime.h"

#define VIRTIO_MAGIC(device) REGISTER32((device) + 0x000)
#define VIRTIO_VERSION(device) REGISTER32((device) + 0x004)
#define VIRTIO_DEVICE_ID(device) REGISTER32((device) + 0x008)
#define VIRTIO_DEVICE_FEATURES(device) REGISTER32((device) + 0x010)
#define VIRTIO_DEVICE_FEATURES_SELECT(device) REGISTER32((device) + 0x014)
#define VIRTIO_DRIVER_FEATURES(device) REGISTER32((device) + 0x020)
#define VIRTIO_DRIVER_FEATURES_SELECT(device) REGISTER32((device) + 0x024)
#define VIRTIO_QUEUE_SELECT(device) REGISTER32((device) + 0x030)
#define VIRTIO_QUEUE_SIZE(device) REGISTER32((device) + 0x038)
#define VIRTIO_QUEUE_READY(device) REGISTER32((device) + 0x044)
#define VIRTIO_QUEUE_NOTIFY(device) REGISTER32((device) + 0x050)
#define VIRTIO_INTERRUPT_STATUS(device) REGISTER32((device) + 0x060)
#define VIRTIO_INTERRUPT_ACKNOWLEDGE(device) REGISTER32((device) + 0x064)
#define VIRTIO_STATUS(device) REGISTER32((device) + 0x070)
#define VIRTIO_QUEUE_DESCRIPTORS(device) REGISTER32((device) + 0x080) /* of each address the low word; the high word, 4 bytes on, is zero */
#define VIRTIO_QUEUE_DRIVER(device) REGISTER32((device) + 0x090)
#define VIRTIO_QUEUE_DEVICE(device) REGISTER32((device) + 0x0a0)
#define VIRTIO_CONFIGURATION 0x100

/* Bits of the status register. */
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, FAILED = 128 };

/* VIRTIO_F_VERSION_1 in the word of feature bits 32 to 63. */
#define FEATURE_VERSION_1 (1u << 0)

/* Descriptors of a queue, and entries of its rings. */
#define QUEUE_ENTRIES 8

/* Flags of a descriptor: another one follows; the device writes, where it reads otherwise. */
#define DESCRIPTOR_NEXT 1
#define DEVICE_WRITES 2
#define NO_INTERRUPT 1 /* the available ring's flag */

struct descriptor {
  uint32_t address, address_high;
  uint32_t length;
  uint16_t flags, next;
};

struct queue {
  struct descriptor descriptors[QUEUE_ENTRIES];
  struct {
    uint16_t flags, index, heads[QUEUE_ENTRIES];
  } available;
  struct {
    uint16_t flags, index;
    struct {
      uint32_t head, length;
    } elements[QUEUE_ENTRIES];
  } used __attribute__((aligned(4)));
  uint16_t seen; /* elements of the used ring that the driver has looked at */
} __attribute__((aligned(16)));

/* What was written to memory before is seen by the device after, and the other way round. */
static inline void memory_barrier(void) { __asm__ volatile("fence" ::: "memory"); }

/* Hands the empty queue of that number to the device. */
static void queue_start(uint32_t device, uint32_t number, volatile struct queue *queue) {
  VIRTIO_QUEUE_SELECT(device) = number;
  VIRTIO_QUEUE_SIZE(device) = QUEUE_ENTRIES;
  VIRTIO_QUEUE_DESCRIPTORS(device) = (uint32_t)queue->descriptors;
  VIRTIO_QUEUE_DRIVER(device) = (uint32_t)&queue->available;
  VIRTIO_QUEUE_DEVICE(device) = (uint32_t)&queue->used;
  VIRTIO_QUEUE_READY(device) = 1;
}

/* Offers the buffer of one descriptor to the device, which looks when it is notified. */
static void queue_offer(volatile struct queue *queue, uint16_t head) {
  queue->available.heads[queue->available.index % QUEUE_ENTRIES] = head;
  memory_barrier();
  queue->available.index++;
}

static void queue_notify(uint32_t device, uint32_t number) {
  memory_barrier();
  VIRTIO_QUEUE_NOTIFY(device) = number;
}

/* Accepts version 1 and the features of bits 0 to 31 that are given. Zero if the device does not agree. */
static int features_accepted(uint32_t device, uint32_t features) {
  VIRTIO_DEVICE_FEATURES_SELECT(device) = 1;
  if (!(VIRTIO_DEVICE_FEATURES(device) & FEATURE_VERSION_1)) return 0;
  VIRTIO_DRIVER_FEATURES_SELECT(device) = 1;
  VIRTIO_DRIVER_FEATURES(device) = FEATURE_VERSION_1;
  VIRTIO_DRIVER_FEATURES_SELECT(device) = 0;
  VIRTIO_DRIVER_FEATURES(device) = features;
  VIRTIO_STATUS(device) = ACKNOWLEDGE | DRIVER | FEATURES_OK;
  return VIRTIO_STATUS(device) & FEATURES_OK;
}

/* First half of the setup, up to the queues: finds a device of that id and agrees on features. Zero if there is none to work with. */
static inline int device_found(uint32_t device, uint32_t id, uint32_t features) {
  if (VIRTIO_MAGIC(device) != 0x74726976 || VIRTIO_VERSION(device) != 2 || VIRTIO_DEVICE_ID(device) != id) return 0;
  VIRTIO_STATUS(device) = 0;
  VIRTIO_STATUS(device) = ACKNOWLEDGE;
  VIRTIO_STATUS(device) = ACKNOWLEDGE | DRIVER;
  if (!features_accepted(device, features)) {
    VIRTIO_STATUS(device) = FAILED;
    return 0;
  }
  return 1;
}

/* Second half: the queues are there, from now on the device looks at them. */
static inline void device_go(uint32_t device) { VIRTIO_STATUS(device) = ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK; }

/* Takes the device's interrupt line down. To be done before looking at the queues: what comes after raises it again. */
static inline void device_acknowledge_interrupt(uint32_t device) {
  VIRTIO_INTERRUPT_ACKNOWLEDGE(device) = VIRTIO_INTERRUPT_STATUS(device);
}
