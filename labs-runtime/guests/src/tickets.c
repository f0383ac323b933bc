/*
 * The ticket machine: each request over the network gets the next number and the time at which it was issued. A reply depends on every
 * request before it and on a clock, so two machines answer alike only if one replays the other (VMware FT, sections 2.1 to 2.3).
 *
 * A request is an Ethernet frame of type 0x88b5 with op u8, client u8, request u32, all big-endian; a reply repeats them and adds
 * ticket u32 and time u32. tickets-protocol.ts is the client's side. Lost requests and replies are the client's to ask for again.
 */
#include "bytes.h"
#include "network.h"
#include "timer.h"

#define ETHERNET_HEADER_BYTES 14 /* destination, source, type */
#define ETHERNET_TYPE 0x88b5     /* IEEE 802: local experimental */
#define REQUEST_BYTES 6
#define REPLY_BYTES 14

enum { TAKE_TICKET = 0x01, POWER_OFF = 0x02, TICKET_TAKEN = 0x81 };

#define CLIENTS 16

/* The last request of each client and its answer: a request that comes again is answered again, and takes no second ticket. */
static struct {
  uint32_t request; /* from 1; zero before the first */
  uint32_t ticket;
  uint32_t time;
} answers[CLIENTS];

static uint32_t tickets_issued;
static uint32_t timer_interrupts;

static void reply(const uint8_t *destination, uint8_t client) {
  uint8_t *frame = network_frame();
  for (int i = 0; i < ADDRESS_BYTES; i++) {
    frame[i] = destination[i];
    frame[ADDRESS_BYTES + i] = network_address[i];
  }
  frame[12] = ETHERNET_TYPE >> 8;
  frame[13] = ETHERNET_TYPE & 0xff;
  frame[14] = TICKET_TAKEN;
  frame[15] = client;
  write_word(frame + 16, answers[client].request);
  write_word(frame + 20, answers[client].ticket);
  write_word(frame + 24, answers[client].time);
  network_send(ETHERNET_HEADER_BYTES + REPLY_BYTES);
}

/* The reply goes out first, then a new ticket's number on the console. An old request is one that its client has given up: no answer. */
static void take_ticket(const uint8_t *destination, uint8_t client, uint32_t request) {
  if (client >= CLIENTS || request == 0 || request < answers[client].request) return;
  int is_new = request > answers[client].request;
  if (is_new) {
    answers[client].request = request;
    answers[client].ticket = ++tickets_issued;
    answers[client].time = (uint32_t)time_now();
  }
  reply(destination, client);
  if (is_new) {
    console_write_decimal(answers[client].ticket);
    console_write('\n');
  }
}

static int is_for_us(const uint8_t *destination) {
  for (int i = 0; i < ADDRESS_BYTES; i++)
    if (destination[i] != network_address[i]) return 0;
  return 1;
}

static void handle(const uint8_t *frame, uint32_t length) {
  if (length < ETHERNET_HEADER_BYTES + REQUEST_BYTES || !is_for_us(frame)) return;
  if ((frame[12] << 8 | frame[13]) != ETHERNET_TYPE) return;
  if (frame[14] == TAKE_TICKET) take_ticket(frame + ADDRESS_BYTES, frame[15], read_word(frame + 16));
  else if (frame[14] == POWER_OFF) power_off_now();
}

void on_interrupt(uint32_t code, uint32_t resume_address) {
  (void)resume_address;
  if (code == MACHINE_TIMER) {
    timer_interrupts++;
    timer_start();
    return;
  }
  /* Acknowledged first, so that a frame that comes while these are handled raises the line again. */
  network_acknowledge_interrupt();
  uint32_t length;
  for (const uint8_t *frame; (frame = network_receive(&length));) {
    handle(frame, length);
    network_release();
  }
}

int main(void) {
  if (!network_start()) return 1;
  timer_start();
  enable_interrupts(1u << MACHINE_TIMER | 1u << MACHINE_EXTERNAL);
  for (;;) wait_for_interrupt();
}
