/*
 * Driver for the network device (virtio 1.2, section 5.1). Frames come in by interrupt, through 8 buffers; sending waits until the device
 * has taken the frame.
 */
#pragma once

#include "virtio.h"

#define NETWORK 0x10001000
#define NETWORK_ID 1
#define NETWORK_ADDRESS_BYTE(index) REGISTER8(NETWORK + VIRTIO_CONFIGURATION + (index))

/* VIRTIO_NET_F_MAC: the device has an address. */
#define FEATURE_ADDRESS (1u << 5)

enum { RECEIVE_QUEUE = 0, TRANSMIT_QUEUE = 1 };

/*
 * Size of each buffer, which has the header of 12 bytes in front of the frame. A longer frame than fits is one for somebody else. A guest
 * that wants longer ones defines it before it includes this file.
 */
#ifndef NETWORK_BUFFER_BYTES
#define NETWORK_BUFFER_BYTES 256
#endif
#define NETWORK_HEADER_BYTES 12

#define ADDRESS_BYTES 6

static volatile struct queue receive_queue, transmit_queue;
static uint8_t receive_buffers[QUEUE_ENTRIES][NETWORK_BUFFER_BYTES];
static uint8_t transmit_buffer[NETWORK_BUFFER_BYTES];
static uint8_t network_address[ADDRESS_BYTES];

/* Finds and sets up the device, by polling, and offers it every receive buffer. Zero if there is none that the driver can work with. */
static int network_start(void) {
  if (!device_found(NETWORK, NETWORK_ID, FEATURE_ADDRESS)) return 0;
  for (uint32_t i = 0; i < ADDRESS_BYTES; i++) network_address[i] = NETWORK_ADDRESS_BYTE(i);
  queue_start(NETWORK, RECEIVE_QUEUE, &receive_queue);
  queue_start(NETWORK, TRANSMIT_QUEUE, &transmit_queue);
  transmit_queue.available.flags = NO_INTERRUPT;
  transmit_queue.descriptors[0].address = (uint32_t)transmit_buffer;
  device_go(NETWORK);
  for (uint16_t i = 0; i < QUEUE_ENTRIES; i++) {
    receive_queue.descriptors[i].address = (uint32_t)receive_buffers[i];
    receive_queue.descriptors[i].length = NETWORK_BUFFER_BYTES;
    receive_queue.descriptors[i].flags = DEVICE_WRITES;
    queue_offer(&receive_queue, i);
  }
  queue_notify(NETWORK, RECEIVE_QUEUE);
  return 1;
}

static inline void network_acknowledge_interrupt(void) { device_acknowledge_interrupt(NETWORK); }

/* The next frame received and its length, or null. It stays in its buffer until network_release. */
static const uint8_t *network_receive(uint32_t *length) {
  if (receive_queue.used.index == receive_queue.seen) return 0;
  memory_barrier();
  uint32_t element = receive_queue.seen % QUEUE_ENTRIES;
  *length = receive_queue.used.elements[element].length - NETWORK_HEADER_BYTES;
  return receive_buffers[receive_queue.used.elements[element].head] + NETWORK_HEADER_BYTES;
}

/* Gives the buffer of the frame that network_receive told of last back to the device. */
static void network_release(void) {
  uint16_t head = (uint16_t)receive_queue.used.elements[receive_queue.seen % QUEUE_ENTRIES].head;
  receive_queue.seen++;
  queue_offer(&receive_queue, head);
  queue_notify(NETWORK, RECEIVE_QUEUE);
}

/* Where the next frame to send is to be written; the header before it stays zero, which asks the device for nothing special. */
static inline uint8_t *network_frame(void) { return transmit_buffer + NETWORK_HEADER_BYTES; }

/* Sends what was written there, and returns when the buffer is free again. Each call is one output of the guest's. */
static void network_send(uint32_t length) {
  transmit_queue.descriptors[0].length = NETWORK_HEADER_BYTES + length;
  queue_offer(&transmit_queue, 0);
  queue_notify(NETWORK, TRANSMIT_QUEUE);
  while (transmit_queue.used.index != transmit_queue.available.index) {
  }
}
