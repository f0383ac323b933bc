/*
 * Driver for the network device, a virtio-net over MMIO (virtio 1.2: sections 3.1 for the setup, 2.7 for the queues, 4.2.2 for the
 * registers, 5.1 for the device). Frames come in by interrupt, through 8 buffers; sending waits until the device has taken the frame.
 */
#pragma once

#include "runtime.h"

#define NETWORK_REGISTER(offset) REGISTER32(0x10001000 + (offset))
#define NETWORK_MAGIC NETWORK_REGISTER(0x000)
#define NETWORK_VERSION NETWORK_REGISTER(0x004)
#define NETWORK_DEVICE_ID NETWORK_REGISTER(0x008)
#define NETWORK_DEVICE_FEATURES NETWORK_REGISTER(0x010)
#define NETWORK_DEVICE_FEATURES_SELECT NETWORK_REGISTER(0x014)
#define NETWORK_DRIVER_FEATURES NETWORK_REGISTER(0x020)
#define NETWORK_DRIVER_FEATURES_SELECT NETWORK_REGISTER(0x024)
#define NETWORK_QUEUE_SELECT NETWORK_REGISTER(0x030)
#define NETWORK_QUEUE_SIZE NETWORK_REGISTER(0x038)
#define NETWORK_QUEUE_READY NETWORK_REGISTER(0x044)
#define NETWORK_QUEUE_NOTIFY NETWORK_REGISTER(0x050)
#define NETWORK_INTERRUPT_STATUS NETWORK_REGISTER(0x060)
#define NETWORK_INTERRUPT_ACKNOWLEDGE NETWORK_REGISTER(0x064)
#define NETWORK_STATUS NETWORK_REGISTER(0x070)
#define NETWORK_QUEUE_DESCRIPTORS NETWORK_REGISTER(0x080) /* of each address the low word; the high word, 4 bytes on, is zero */
#define NETWORK_QUEUE_DRIVER NETWORK_REGISTER(0x090)
#define NETWORK_QUEUE_DEVICE NETWORK_REGISTER(0x0a0)
#define NETWORK_ADDRESS_BYTE(index) REGISTER8(0x10001100 + (index))

/* Bits of the status register. */
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, FAILED = 128 };

/* Feature bits: VIRTIO_NET_F_MAC in the word of bits 0 to 31, VIRTIO_F_VERSION_1 in the next. */
#define FEATURE_ADDRESS (1u << 5)
#define FEATURE_VERSION_1 (1u << 0)

enum { RECEIVE_QUEUE = 0, TRANSMIT_QUEUE = 1 };

/* Buffers for received frames, each of them with the header of 12 bytes in front. A longer frame than fits is one for somebody else. */
#define NETWORK_BUFFERS 8
#define NETWORK_BUFFER_BYTES 256
#define NETWORK_HEADER_BYTES 12

#define ADDRESS_BYTES 6

#define DEVICE_WRITES 2 /* a descriptor's flag */
#define NO_INTERRUPT 1  /* the available ring's flag */

struct descriptor {
  uint32_t address, address_high;
  uint32_t length;
  uint16_t flags, next;
};

struct queue {
  struct descriptor descriptors[NETWORK_BUFFERS];
  struct {
    uint16_t flags, index, heads[NETWORK_BUFFERS];
  } available;
  struct {
    uint16_t flags, index;
    struct {
      uint32_t head, length;
    } elements[NETWORK_BUFFERS];
  } used __attribute__((aligned(4)));
  uint16_t seen; /* elements of the used ring that the driver has looked at */
} __attribute__((aligned(16)));

static volatile struct queue receive_queue, transmit_queue;
static uint8_t receive_buffers[NETWORK_BUFFERS][NETWORK_BUFFER_BYTES];
static uint8_t transmit_buffer[NETWORK_BUFFER_BYTES];
static uint8_t network_address[ADDRESS_BYTES];

/* What was written to memory before is seen by the device after, and the other way round. */
static inline void memory_barrier(void) { __asm__ volatile("fence" ::: "memory"); }

static void queue_start(uint32_t number, volatile struct queue *queue) {
  NETWORK_QUEUE_SELECT = number;
  NETWORK_QUEUE_SIZE = NETWORK_BUFFERS;
  NETWORK_QUEUE_DESCRIPTORS = (uint32_t)queue->descriptors;
  NETWORK_QUEUE_DRIVER = (uint32_t)&queue->available;
  NETWORK_QUEUE_DEVICE = (uint32_t)&queue->used;
  NETWORK_QUEUE_READY = 1;
}

/* Offers the buffer of one descriptor to the device, which looks when it is notified. */
static void queue_offer(volatile struct queue *queue, uint16_t head) {
  queue->available.heads[queue->available.index % NETWORK_BUFFERS] = head;
  memory_barrier();
  queue->available.index++;
}

static void queue_notify(uint32_t number) {
  memory_barrier();
  NETWORK_QUEUE_NOTIFY = number;
}

static int features_accepted(void) {
  NETWORK_DEVICE_FEATURES_SELECT = 1;
  if (!(NETWORK_DEVICE_FEATURES & FEATURE_VERSION_1)) return 0;
  NETWORK_DRIVER_FEATURES_SELECT = 1;
  NETWORK_DRIVER_FEATURES = FEATURE_VERSION_1;
  NETWORK_DRIVER_FEATURES_SELECT = 0;
  NETWORK_DRIVER_FEATURES = FEATURE_ADDRESS;
  NETWORK_STATUS = ACKNOWLEDGE | DRIVER | FEATURES_OK;
  return NETWORK_STATUS & FEATURES_OK;
}

/* Finds and sets up the device, by polling, and offers it every receive buffer. Zero if there is none that the driver can work with. */
static int network_start(void) {
  if (NETWORK_MAGIC != 0x74726976 || NETWORK_VERSION != 2 || NETWORK_DEVICE_ID != 1) return 0;
  NETWORK_STATUS = 0;
  NETWORK_STATUS = ACKNOWLEDGE;
  NETWORK_STATUS = ACKNOWLEDGE | DRIVER;
  if (!features_accepted()) {
    NETWORK_STATUS = FAILED;
    return 0;
  }
  for (uint32_t i = 0; i < ADDRESS_BYTES; i++) network_address[i] = NETWORK_ADDRESS_BYTE(i);
  queue_start(RECEIVE_QUEUE, &receive_queue);
  queue_start(TRANSMIT_QUEUE, &transmit_queue);
  transmit_queue.available.flags = NO_INTERRUPT;
  transmit_queue.descriptors[0].address = (uint32_t)transmit_buffer;
  NETWORK_STATUS = ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK;
  for (uint16_t i = 0; i < NETWORK_BUFFERS; i++) {
    receive_queue.descriptors[i].address = (uint32_t)receive_buffers[i];
    receive_queue.descriptors[i].length = NETWORK_BUFFER_BYTES;
    receive_queue.descriptors[i].flags = DEVICE_WRITES;
    queue_offer(&receive_queue, i);
  }
  queue_notify(RECEIVE_QUEUE);
  return 1;
}

static inline void network_acknowledge_interrupt(void) { NETWORK_INTERRUPT_ACKNOWLEDGE = NETWORK_INTERRUPT_STATUS; }

/* The next frame received and its length, or null. It stays in its buffer until network_release. */
static const uint8_t *network_receive(uint32_t *length) {
  if (receive_queue.used.index == receive_queue.seen) return 0;
  memory_barrier();
  uint32_t element = receive_queue.seen % NETWORK_BUFFERS;
  *length = receive_queue.used.elements[element].length - NETWORK_HEADER_BYTES;
  return receive_buffers[receive_queue.used.elements[element].head] + NETWORK_HEADER_BYTES;
}

/* Gives the buffer of the frame that network_receive told of last back to the device. */
static void network_release(void) {
  uint16_t head = (uint16_t)receive_queue.used.elements[receive_queue.seen % NETWORK_BUFFERS].head;
  receive_queue.seen++;
  queue_offer(&receive_queue, head);
  queue_notify(RECEIVE_QUEUE);
}

/* Where the next frame to send is to be written; the header before it stays zero, which asks the device for nothing special. */
static inline uint8_t *network_frame(void) { return transmit_buffer + NETWORK_HEADER_BYTES; }

/* Sends what was written there, and returns when the buffer is free again. Each call is one output of the guest's. */
static void network_send(uint32_t length) {
  transmit_queue.descriptors[0].length = NETWORK_HEADER_BYTES + length;
  queue_offer(&transmit_queue, 0);
  queue_notify(TRANSMIT_QUEUE);
  while (transmit_queue.used.index != transmit_queue.available.index) {
  }
}
