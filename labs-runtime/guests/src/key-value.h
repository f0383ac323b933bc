/*
 * A key-value server on the network: UDP, port 7000. Each request is carried out at most once, however often it arrives, which is what a
 * client needs that asks again when an answer is lost, and what a backup that goes live may rely on (VMware FT, section 2.2).
 *
 * A request is op u8, lengths of key, value and expected value u8 each, client u32, number u32, then key, value and expected value; a
 * reply is op u8 with the top bit set, status u8, length of the value u8, zero, client u32, number u32, value. Numbers are big-endian.
 * key-value-protocol.ts is the client's side. A request that does not follow the rules is dropped.
 *
 * The guest that includes this file defines commit, which returns once a request cannot be lost any more, and on_interrupt.
 */
#pragma once

#include "bytes.h"
#include "internet.h"
#include "timer.h"
#include "wait.h"

#define PORT 7000

#define KEY_BYTES_MAX 32
#define VALUE_BYTES_MAX 128
#define KEYS_MAX 128
#define CLIENTS_MAX 16

#define REQUEST_HEADER_BYTES 12
#define REPLY_HEADER_BYTES 12
#define REQUEST_BYTES_MAX (REQUEST_HEADER_BYTES + KEY_BYTES_MAX + 2 * VALUE_BYTES_MAX)
#define REPLY_BIT 0x80

enum { GET = 1, PUT, DELETE, COMPARE_AND_SET, APPEND };
enum { OK, NOT_FOUND, DIFFERS, NO_ROOM, TOO_LONG, TOO_MANY_CLIENTS };

/* A value under its key; without a key the entry is free. */
struct entry {
  uint8_t key_bytes, value_bytes;
  uint8_t key[KEY_BYTES_MAX], value[VALUE_BYTES_MAX];
};

/* The last request of a client and its answer; without a number the place is free. */
struct client {
  uint32_t id, number;
  uint8_t op, status, value_bytes;
  uint8_t value[VALUE_BYTES_MAX];
};

/* All that the server knows, as it can be written to a disk: a whole number of sectors. */
static struct {
  struct entry entries[KEYS_MAX];
  struct client clients[CLIENTS_MAX];
} __attribute__((aligned(512))) store;

/* A request taken apart. */
struct request {
  uint8_t op, key_bytes, value_bytes, expected_bytes;
  uint32_t client, number;
  const uint8_t *key, *value, *expected;
};

/* Sees to it that a request that changes something is not forgotten, before it is carried out and answered. */
static void commit(const uint8_t *payload, uint32_t payload_bytes);

/* Whether the op takes a value, or an expected one, is part of the rules. */
static int has_right_lengths(const struct request *request) {
  int takes_value = request->op == PUT || request->op == COMPARE_AND_SET || request->op == APPEND;
  int takes_expected = request->op == COMPARE_AND_SET;
  return request->key_bytes >= 1 && request->key_bytes <= KEY_BYTES_MAX && request->value_bytes <= (takes_value ? VALUE_BYTES_MAX : 0) &&
         request->expected_bytes <= (takes_expected ? VALUE_BYTES_MAX : 0);
}

/* Takes a request apart. Zero if it does not follow the rules. */
static int request_read(const uint8_t *payload, uint32_t payload_bytes, struct request *request) {
  if (payload_bytes < REQUEST_HEADER_BYTES) return 0;
  request->op = payload[0];
  request->key_bytes = payload[1];
  request->value_bytes = payload[2];
  request->expected_bytes = payload[3];
  request->client = read_word(payload + 4);
  request->number = read_word(payload + 8);
  request->key = payload + REQUEST_HEADER_BYTES;
  request->value = request->key + request->key_bytes;
  request->expected = request->value + request->value_bytes;
  return request->op >= GET && request->op <= APPEND && request->number != 0 && has_right_lengths(request) &&
         request->expected + request->expected_bytes == payload + payload_bytes;
}

/* The client's place, or a free one for a client that has none, or null if all are taken. */
static struct client *client_of(uint32_t id) {
  struct client *free = 0;
  for (struct client *client = store.clients; client < store.clients + CLIENTS_MAX; client++) {
    if (client->number != 0 && client->id == id) return client;
    if (client->number == 0 && !free) free = client;
  }
  return free;
}

/* The entry of a key, or null. */
static struct entry *entry_of(const struct request *request) {
  for (struct entry *entry = store.entries; entry < store.entries + KEYS_MAX; entry++)
    if (entry->key_bytes == request->key_bytes && bytes_equal(entry->key, request->key, request->key_bytes)) return entry;
  return 0;
}

/* An entry with that key and an empty value, or null if all are taken. */
static struct entry *entry_new(const struct request *request) {
  for (struct entry *entry = store.entries; entry < store.entries + KEYS_MAX; entry++) {
    if (entry->key_bytes != 0) continue;
    entry->key_bytes = request->key_bytes;
    entry->value_bytes = 0;
    copy_bytes(entry->key, request->key, request->key_bytes);
    return entry;
  }
  return 0;
}

/* Puts the request's value behind the bytes of the old one that are kept. */
static uint8_t value_write(const struct request *request, struct entry *entry, uint8_t kept_bytes) {
  if (kept_bytes + request->value_bytes > VALUE_BYTES_MAX) return TOO_LONG;
  copy_bytes(entry->value + kept_bytes, request->value, request->value_bytes);
  entry->value_bytes = kept_bytes + request->value_bytes;
  return OK;
}

/* The client is told the value that the key has. */
static void answer_value(struct client *client, const struct entry *entry) {
  client->value_bytes = entry->value_bytes;
  copy_bytes(client->value, entry->value, entry->value_bytes);
}

static int has_expected_value(const struct request *request, const struct entry *entry) {
  return entry->value_bytes == request->expected_bytes && bytes_equal(entry->value, request->expected, request->expected_bytes);
}

/* Carries a request out. The status is the answer's; a value comes with what was got, or with what differs from what was expected. */
static uint8_t execute(const struct request *request, struct client *client) {
  struct entry *entry = entry_of(request);
  if (request->op == PUT || request->op == APPEND) {
    if (!entry) entry = entry_new(request);
    if (!entry) return NO_ROOM;
    return value_write(request, entry, request->op == APPEND ? entry->value_bytes : 0);
  }
  if (!entry) return NOT_FOUND;
  if (request->op == DELETE) {
    entry->key_bytes = 0;
    return OK;
  }
  if (request->op == COMPARE_AND_SET && has_expected_value(request, entry)) return value_write(request, entry, 0);
  answer_value(client, entry);
  return request->op == GET ? OK : DIFFERS;
}

/* Carries a request out and keeps the answer in the client's place. */
static void carry_out(const struct request *request, struct client *client) {
  client->id = request->client;
  client->number = request->number;
  client->op = request->op;
  client->value_bytes = 0;
  client->status = execute(request, client);
}

static void reply(const struct datagram *question, const struct client *client) {
  uint8_t *payload = datagram_answer();
  payload[0] = client->op | REPLY_BIT;
  payload[1] = client->status;
  payload[2] = client->value_bytes;
  payload[3] = 0;
  write_word(payload + 4, client->id);
  write_word(payload + 8, client->number);
  copy_bytes(payload + REPLY_HEADER_BYTES, client->value, client->value_bytes);
  datagram_send(question, REPLY_HEADER_BYTES + client->value_bytes);
}

static void refuse(const struct datagram *question, const struct request *request) {
  static struct client nobody;
  nobody.id = request->client;
  nobody.number = request->number;
  nobody.op = request->op;
  nobody.status = TOO_MANY_CLIENTS;
  reply(question, &nobody);
}

/*
 * Serves a datagram. A request that comes again gets the answer that it got before; one older than its client's last gets none, for its
 * client has had the answer. A get changes nothing and is not committed.
 */
static void serve(const struct datagram *datagram) {
  struct request request;
  if (datagram->port != PORT || !request_read(datagram->payload, datagram->payload_bytes, &request)) return;
  struct client *client = client_of(request.client);
  if (!client) {
    refuse(datagram, &request);
    return;
  }
  if (request.number < client->number) return;
  if (request.number > client->number) {
    if (request.op != GET) commit(datagram->payload, datagram->payload_bytes);
    carry_out(&request, client);
  }
  reply(datagram, client);
}

static int frame_waits(void) {
  uint32_t length;
  return network_receive(&length) != 0;
}

/* Serves frame after frame. Interrupts are on, so that the timer goes on while a request waits for a disk. */
__attribute__((noreturn)) static void serve_forever(void) {
  for (;;) {
    wait_until(frame_waits);
    uint32_t length;
    const uint8_t *frame = network_receive(&length);
    struct datagram datagram;
    if (internet_handle(frame, length, &datagram)) serve(&datagram);
    network_release();
  }
}

/* Where the server is found, as the last part of a line. */
static void console_write_place(void) {
  console_write_text(" at ");
  console_write_internet_address();
  console_write_text(" port ");
  console_write_decimal(PORT);
  console_write('\n');
}
