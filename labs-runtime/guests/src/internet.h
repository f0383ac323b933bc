/*
 * As much of the internet as a server needs that answers whoever asks it: ARP (RFC 826), IPv4 without fragments (RFC 791), echo (RFC 792)
 * and UDP (RFC 768). What does not follow the rules, or is for somebody else, is dropped. An answer goes back to the hardware address
 * that the question came from, so that there is no table of neighbours.
 */
#pragma once

/* A frame of 1514 bytes carries a packet of 1500. */
#define NETWORK_BUFFER_BYTES (12 + 1514)

#include "bytes.h"
#include "network.h"

#define INTERNET_ADDRESS 0x0a000001 /* 10.0.0.1 */

#define FRAME_HEADER_BYTES 14 /* destination, source, type */
#define TYPE_INTERNET 0x0800
#define TYPE_ARP 0x0806

#define ARP_BYTES 28
#define ARP_SENDER 8  /* offset of the hardware address, then the internet address */
#define ARP_TARGET 18 /* the same */
enum { ARP_REQUEST = 1, ARP_REPLY = 2 };

#define PACKET_HEADER_BYTES 20
#define FRAGMENT_BITS 0x3fff /* more fragments, and the offset of this one */
#define DO_NOT_FRAGMENT 0x4000
#define TIME_TO_LIVE 64
enum { PROTOCOL_ICMP = 1, PROTOCOL_UDP = 17 };

#define ICMP_HEADER_BYTES 8
enum { ECHO_REPLY = 0, ECHO_REQUEST = 8 };

#define UDP_HEADER_BYTES 8

static const uint8_t broadcast_address[ADDRESS_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/* A packet that came in, whole and for this machine. */
struct packet {
  const uint8_t *hardware_source;
  uint32_t source;
  uint8_t protocol;
  const uint8_t *body;
  uint32_t body_bytes;
};

/* A UDP datagram that came in on the port asked for. */
struct datagram {
  struct packet packet;
  uint16_t source_port, port;
  const uint8_t *payload;
  uint32_t payload_bytes;
};

/* Adds bytes to a sum of 16-bit words; an odd last byte counts as the first of a word (RFC 1071). Good for 64 KiB in all. */
static uint32_t checksum_add(uint32_t sum, const uint8_t *bytes, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
  return sum;
}

/* The checksum of what was added; zero if a right checksum was among it. */
static uint16_t checksum_of(uint32_t sum) {
  sum = (sum >> 16) + (sum & 0xffff);
  sum += sum >> 16;
  return (uint16_t)~sum;
}

/* What UDP sums besides the datagram itself. */
static uint32_t pseudo_header_sum(uint32_t peer, uint32_t datagram_bytes) {
  return (peer >> 16) + (peer & 0xffff) + (INTERNET_ADDRESS >> 16) + (INTERNET_ADDRESS & 0xffff) + PROTOCOL_UDP + datagram_bytes;
}

/* Starts the frame to be sent. Returns where what it carries begins. */
static uint8_t *frame_start(const uint8_t *destination, uint16_t type) {
  uint8_t *frame = network_frame();
  copy_bytes(frame, destination, ADDRESS_BYTES);
  copy_bytes(frame + ADDRESS_BYTES, network_address, ADDRESS_BYTES);
  write_half(frame + 12, type);
  return frame + FRAME_HEADER_BYTES;
}

/* Starts the packet that answers another. Returns where its body begins, body_bytes of which are to follow. */
static uint8_t *packet_start(const struct packet *question, uint32_t body_bytes) {
  uint8_t *header = frame_start(question->hardware_source, TYPE_INTERNET);
  header[0] = 0x45; /* version 4, 5 words of header */
  header[1] = 0;
  write_half(header + 2, (uint16_t)(PACKET_HEADER_BYTES + body_bytes));
  write_half(header + 4, 0); /* the number is for fragments only (RFC 6864) */
  write_half(header + 6, DO_NOT_FRAGMENT);
  header[8] = TIME_TO_LIVE;
  header[9] = question->protocol;
  write_half(header + 10, 0);
  write_word(header + 12, INTERNET_ADDRESS);
  write_word(header + 16, question->source);
  write_half(header + 10, checksum_of(checksum_add(0, header, PACKET_HEADER_BYTES)));
  return header + PACKET_HEADER_BYTES;
}

static void packet_send(uint32_t body_bytes) { network_send(FRAME_HEADER_BYTES + PACKET_HEADER_BYTES + body_bytes); }

static void arp_send(uint16_t operation, const uint8_t *destination, const uint8_t *target_hardware, uint32_t target) {
  uint8_t *arp = frame_start(destination, TYPE_ARP);
  write_half(arp, 1); /* Ethernet */
  write_half(arp + 2, TYPE_INTERNET);
  arp[4] = ADDRESS_BYTES;
  arp[5] = 4;
  write_half(arp + 6, operation);
  copy_bytes(arp + ARP_SENDER, network_address, ADDRESS_BYTES);
  write_word(arp + ARP_SENDER + ADDRESS_BYTES, INTERNET_ADDRESS);
  copy_bytes(arp + ARP_TARGET, target_hardware, ADDRESS_BYTES);
  write_word(arp + ARP_TARGET + ADDRESS_BYTES, target);
  network_send(FRAME_HEADER_BYTES + ARP_BYTES);
}

/* Tells the network unasked where the address is (RFC 5227, section 2.3): switches and neighbours may know another machine under it. */
static void internet_announce(void) {
  static const uint8_t nobody[ADDRESS_BYTES];
  arp_send(ARP_REQUEST, broadcast_address, nobody, INTERNET_ADDRESS);
}

/* Answers who asks for this machine's address. */
static void arp_handle(const uint8_t *arp, uint32_t length) {
  static const uint8_t ethernet_and_internet[6] = {0, 1, TYPE_INTERNET >> 8, TYPE_INTERNET & 0xff, ADDRESS_BYTES, 4};
  if (length < ARP_BYTES || !bytes_equal(arp, ethernet_and_internet, sizeof ethernet_and_internet)) return;
  if (read_half(arp + 6) != ARP_REQUEST || read_word(arp + ARP_TARGET + ADDRESS_BYTES) != INTERNET_ADDRESS) return;
  const uint8_t *sender = arp + ARP_SENDER;
  if (sender[0] & 1) return; /* a group of machines asks nothing */
  arp_send(ARP_REPLY, sender, sender, read_word(sender + ADDRESS_BYTES));
}

/* Whether an answer to that address reaches one other machine: not "this network", the sender itself, a group or everybody. */
static int is_host(uint32_t address) {
  uint32_t network = address >> 24;
  return network != 0 && network != 127 && network < 224 && address != INTERNET_ADDRESS;
}

/* Takes a packet apart. Zero if there is anything wrong with it. What follows the packet in its frame is padding. */
static int packet_read(const uint8_t *header, uint32_t length, struct packet *packet) {
  if (length < PACKET_HEADER_BYTES || header[0] >> 4 != 4) return 0;
  uint32_t header_bytes = 4 * (header[0] & 15u);
  uint32_t packet_bytes = read_half(header + 2);
  if (header_bytes < PACKET_HEADER_BYTES || packet_bytes < header_bytes || packet_bytes > length) return 0;
  if (checksum_of(checksum_add(0, header, header_bytes)) != 0 || read_half(header + 6) & FRAGMENT_BITS) return 0;
  packet->source = read_word(header + 12);
  if (!is_host(packet->source) || read_word(header + 16) != INTERNET_ADDRESS) return 0;
  packet->protocol = header[9];
  packet->body = header + header_bytes;
  packet->body_bytes = packet_bytes - header_bytes;
  return 1;
}

/* Answers an echo request with what it carries. */
static void echo_handle(const struct packet *packet) {
  const uint8_t *request = packet->body;
  if (packet->body_bytes < ICMP_HEADER_BYTES || request[0] != ECHO_REQUEST || request[1] != 0) return;
  if (checksum_of(checksum_add(0, request, packet->body_bytes)) != 0) return;
  uint8_t *reply = packet_start(packet, packet->body_bytes);
  copy_bytes(reply, request, packet->body_bytes);
  reply[0] = ECHO_REPLY;
  write_half(reply + 2, 0);
  write_half(reply + 2, checksum_of(checksum_add(0, reply, packet->body_bytes)));
  packet_send(packet->body_bytes);
}

/* Takes a UDP datagram apart. Zero if there is anything wrong with it; a checksum of zero means that it has none. */
static int datagram_read(struct datagram *datagram) {
  const struct packet *packet = &datagram->packet;
  const uint8_t *header = packet->body;
  if (packet->body_bytes < UDP_HEADER_BYTES) return 0;
  uint32_t datagram_bytes = read_half(header + 4);
  if (datagram_bytes < UDP_HEADER_BYTES || datagram_bytes > packet->body_bytes) return 0;
  uint32_t sum = checksum_add(pseudo_header_sum(packet->source, datagram_bytes), header, datagram_bytes);
  if (read_half(header + 6) != 0 && checksum_of(sum) != 0) return 0;
  datagram->source_port = read_half(header);
  datagram->port = read_half(header + 2);
  datagram->payload = header + UDP_HEADER_BYTES;
  datagram->payload_bytes = datagram_bytes - UDP_HEADER_BYTES;
  return datagram->source_port != 0; /* from port 0 no answer is wanted */
}

/* Handles a frame. Non-zero if it carries a datagram for the guest, which lies inside the frame. */
static int internet_handle(const uint8_t *frame, uint32_t length, struct datagram *datagram) {
  const uint8_t *source = frame + ADDRESS_BYTES;
  if (length < FRAME_HEADER_BYTES || source[0] & 1) return 0;
  int is_for_us = bytes_equal(frame, network_address, ADDRESS_BYTES);
  uint16_t type = read_half(frame + 12);
  if (type == TYPE_ARP && (is_for_us || bytes_equal(frame, broadcast_address, ADDRESS_BYTES)))
    arp_handle(frame + FRAME_HEADER_BYTES, length - FRAME_HEADER_BYTES);
  if (type != TYPE_INTERNET || !is_for_us) return 0;
  struct packet *packet = &datagram->packet;
  packet->hardware_source = source;
  if (!packet_read(frame + FRAME_HEADER_BYTES, length - FRAME_HEADER_BYTES, packet)) return 0;
  if (packet->protocol == PROTOCOL_ICMP) echo_handle(packet);
  return packet->protocol == PROTOCOL_UDP && datagram_read(datagram);
}

/* Where the answer to a datagram is to be written. It may have 1472 bytes. */
static inline uint8_t *datagram_answer(void) {
  return network_frame() + FRAME_HEADER_BYTES + PACKET_HEADER_BYTES + UDP_HEADER_BYTES;
}

/* Sends what was written there, back to where the datagram came from. */
static void datagram_send(const struct datagram *question, uint32_t payload_bytes) {
  uint32_t datagram_bytes = UDP_HEADER_BYTES + payload_bytes;
  uint8_t *header = packet_start(&question->packet, datagram_bytes);
  write_half(header, question->port);
  write_half(header + 2, question->source_port);
  write_half(header + 4, (uint16_t)datagram_bytes);
  write_half(header + 6, 0);
  uint16_t checksum = checksum_of(checksum_add(pseudo_header_sum(question->packet.source, datagram_bytes), header, datagram_bytes));
  write_half(header + 6, checksum ? checksum : 0xffff); /* zero would mean none; the two are the same number */
  packet_send(datagram_bytes);
}

/* The machine's address, in words. */
static inline void console_write_internet_address(void) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    console_write_decimal(INTERNET_ADDRESS >> shift & 255);
    if (shift) console_write('.');
  }
}
