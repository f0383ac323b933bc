/*
 * The key-value server on a disk: a request that changes something is on the disk before it is answered, by a write-ahead log, so that a
 * crash at any moment loses nothing that a client was told. See key-value.h for the server.
 *
 * On the disk are two areas for copies of the store, used in turn, and a log. A record of the log is one sector; record n lies in sector
 * n modulo the log's length and is only written over once a copy of the store that has it in it is complete. Nothing is written over that
 * is still needed, so that a write torn anywhere is one whose checksum is wrong and whose predecessor stands.
 */
#include "block.h"
#include "key-value.h"

#define STORE_SECTORS (sizeof store / SECTOR_BYTES)
#define AREA_SECTORS (1 + STORE_SECTORS) /* a record that says what the copy is, then the copy */
#define LOG_START (2 * AREA_SECTORS)
#define LOG_SECTORS 32
#define DISK_SECTORS (LOG_START + LOG_SECTORS)

/* A disk that says no is asked again this often; then the guest stops, for a server that may forget must not answer. */
#define ATTEMPTS_MAX 3

/* What kind of record: "LOG1" and "COP1". Anything else is none. */
enum { RECORD_REQUEST = 0x31474f4c, RECORD_COPY = 0x31504f43 };

/*
 * One sector. Sequence numbers count the records of the log from 1; a copy has the number of the last one in it. The checksum is over all
 * before it. A copy's payload is the checksum of the store.
 */
static struct {
  uint32_t kind;
  uint32_t sequence;
  uint32_t payload_bytes;
  uint8_t payload[SECTOR_BYTES - 16];
  uint32_t checksum;
} record;

_Static_assert(sizeof record == SECTOR_BYTES, "a record is one sector");
_Static_assert(REQUEST_BYTES_MAX <= sizeof record.payload, "a record has room for every request");

static uint32_t last_sequence; /* of the record written last */
static uint32_t copy_sequence; /* of the last copy of the store, 0 if there is none: the log has what came after */
static uint32_t copy_area;     /* which of the two areas has that copy */
static uint32_t copy_promised; /* of the newest copy that was complete once */

/* CRC-32 (polynomial 0xedb88320), four bits at a time. */
static uint32_t crc32(const void *data, uint32_t count) {
  static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                     0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  const uint8_t *bytes = data;
  uint32_t crc = 0xffffffff;
  for (uint32_t i = 0; i < count; i++) {
    crc ^= bytes[i];
    crc = crc >> 4 ^ table[crc & 15];
    crc = crc >> 4 ^ table[crc & 15];
  }
  return ~crc;
}

static void stop(const char *reason) {
  console_write_text("key-value on disk stops: ");
  console_write_text(reason);
  console_write('\n');
  power_off_now();
}

static void disk_read(uint32_t sector, void *data, uint32_t count) {
  for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++)
    if (block_transfer(BLOCK_READ, sector, data, count)) return;
  stop("the disk cannot be read");
}

/* Returns once the data is on the disk to stay. */
static void disk_write(uint32_t sector, void *data, uint32_t count) {
  for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++)
    if (block_transfer(BLOCK_WRITE, sector, data, count) && block_transfer(BLOCK_FLUSH, 0, 0, 0)) return;
  stop("the disk cannot be written");
}

static void record_write(uint32_t sector, uint32_t kind, uint32_t sequence, const uint8_t *payload, uint32_t payload_bytes) {
  record.kind = kind;
  record.sequence = sequence;
  record.payload_bytes = payload_bytes;
  copy_bytes(record.payload, payload, payload_bytes);
  fill_bytes(record.payload + payload_bytes, 0, sizeof record.payload - payload_bytes);
  record.checksum = crc32(&record, SECTOR_BYTES - sizeof record.checksum);
  disk_write(sector, &record, SECTOR_BYTES);
}

/* Reads a record. Zero if there is none of that kind, or a torn one. */
static int record_read(uint32_t sector, uint32_t kind) {
  disk_read(sector, &record, SECTOR_BYTES);
  return record.kind == kind && record.payload_bytes <= sizeof record.payload &&
         record.checksum == crc32(&record, SECTOR_BYTES - sizeof record.checksum);
}

static uint32_t log_sector(uint32_t sequence) { return LOG_START + sequence % LOG_SECTORS; }

/* Writes a copy of the store into the area whose copy is the older one; the record before it says last that it is complete. */
static void copy_write(void) {
  uint32_t area = !copy_area;
  uint32_t checksum = crc32(&store, sizeof store);
  disk_write(area * AREA_SECTORS + 1, &store, sizeof store);
  record_write(area * AREA_SECTORS, RECORD_COPY, last_sequence, (const uint8_t *)&checksum, sizeof checksum);
  copy_area = area;
  copy_sequence = last_sequence;
}

/* Reads the copy in an area into the store, which is good for nothing then unless it is whole. Its sequence number, or zero. */
static uint32_t copy_read(uint32_t area) {
  if (!record_read(area * AREA_SECTORS, RECORD_COPY)) return 0;
  if (record.sequence > copy_promised) copy_promised = record.sequence;
  disk_read(area * AREA_SECTORS + 1, &store, sizeof store);
  uint32_t checksum = crc32(&store, sizeof store);
  return bytes_equal(record.payload, (const uint8_t *)&checksum, sizeof checksum) ? record.sequence : 0;
}

static void commit(const uint8_t *payload, uint32_t payload_bytes) {
  if (last_sequence - copy_sequence == LOG_SECTORS) copy_write();
  record_write(log_sector(last_sequence + 1), RECORD_REQUEST, last_sequence + 1, payload, payload_bytes);
  last_sequence++;
}

/* Carries out again the request that the record read last holds. It was written by this program, so that it follows the rules. */
static void record_replay(void) {
  struct request request;
  if (!request_read(record.payload, record.payload_bytes, &request)) stop("the log is not this server's");
  struct client *client = client_of(request.client);
  if (!client) stop("the log has more clients than there is room for");
  carry_out(&request, client);
}

/* Loads the newer of the copies, or begins with nothing. Only the older one may have been torn, by writing a new one over it. */
static void copy_recover(void) {
  uint32_t first = copy_read(0), second = copy_read(1);
  copy_area = second > first;
  copy_sequence = copy_read(copy_area);
  if (copy_promised > copy_sequence) stop("the disk has lost a copy of the store");
}

/*
 * Replays the log from the copy on, up to the first record that is missing or torn: nobody was told of that one, for each is complete
 * before the next is begun. For the same reason nothing can come after it, unless the disk has lost what it had promised to keep.
 */
static void recover(void) {
  copy_recover();
  last_sequence = copy_sequence;
  while (record_read(log_sector(last_sequence + 1), RECORD_REQUEST) && record.sequence == last_sequence + 1) {
    record_replay();
    last_sequence++;
  }
  for (uint32_t i = 0; i < LOG_SECTORS; i++)
    if (record_read(LOG_START + i, RECORD_REQUEST) && record.sequence > last_sequence) stop("the disk has lost a record of the log");
}

static uint32_t keys_held(void) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < KEYS_MAX; i++) count += store.entries[i].key_bytes != 0;
  return count;
}

static void console_write_state(void) {
  console_write_text("key-value on disk, ");
  console_write_decimal(keys_held());
  console_write_text(" keys after ");
  console_write_decimal(last_sequence);
  console_write_text(" changes,");
  console_write_place();
}

void on_interrupt(uint32_t code, uint32_t resume_address) {
  (void)resume_address;
  if (code == MACHINE_TIMER) {
    timer_start();
    return;
  }
  network_acknowledge_interrupt();
  block_acknowledge_interrupt();
}

int main(void) {
  if (!network_start() || !block_start(DISK_SECTORS)) {
    console_write_text("key-value-disk needs a network device and a disk of ");
    console_write_decimal(DISK_SECTORS);
    console_write_text(" sectors that can flush\n");
    return 1;
  }
  timer_start();
  enable_interrupts(1u << MACHINE_TIMER | 1u << MACHINE_EXTERNAL);
  recover();
  console_write_state();
  internet_announce();
  serve_forever();
}
