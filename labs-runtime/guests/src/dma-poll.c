/*
 * A guest that looks at a buffer while the disk writes into it, and prints when it saw what. A device that writes to memory at moments
 * that no log knows makes two runs of it differ; one that hands its data over together with the completion, through bounce buffers, never
 * does (VMware FT, section 3.5).
 */
#include "block.h"

#define READS 8
#define SECTORS_PER_READ 8
#define MARK 0xa5a5a5a5 /* what the buffer holds before the read, in each word */
#define WORDS_PER_SECTOR (SECTOR_BYTES / 4)

static volatile uint32_t buffer[SECTORS_PER_READ][WORDS_PER_SECTOR];

/* For each sector the look at which its first word was new, counted from 1; zero if that came to pass with the completion, or never. */
static uint32_t seen_at[SECTORS_PER_READ];

/* Over everything that was printed: one number to compare two runs by. */
static uint32_t digest;

void on_interrupt(uint32_t code, uint32_t resume_address) {
  (void)code;
  (void)resume_address;
}

/* One to one in value for a given digest: a single difference is never mixed away by equal values after it. */
static void mix(uint32_t value) {
  uint32_t mixed = (digest ^ value) * 2654435761u;
  digest = mixed ^ (mixed >> 15);
}

static void buffer_mark(void) {
  for (uint32_t sector = 0; sector < SECTORS_PER_READ; sector++) {
    seen_at[sector] = 0;
    for (uint32_t word = 0; word < WORDS_PER_SECTOR; word++) buffer[sector][word] = MARK;
  }
}

/* Looks until the request is done. Returns the number of looks that found it under way. */
static uint32_t buffer_watch(void) {
  for (uint32_t look = 1;; look++) {
    for (uint32_t sector = 0; sector < SECTORS_PER_READ; sector++) {
      if (seen_at[sector] != 0 || buffer[sector][0] == MARK) continue;
      if (block_done()) return look - 1; /* it came with the completion */
      seen_at[sector] = look;
    }
    if (block_done()) return look - 1;
  }
}

static void print_read(uint32_t number, uint32_t looks, int succeeded) {
  console_write_text("read ");
  console_write_decimal(number);
  console_write_text(succeeded ? ": done after look " : ": failed after look ");
  console_write_decimal(looks);
  mix(looks);
  uint32_t early = 0;
  for (uint32_t sector = 0; sector < SECTORS_PER_READ; sector++) {
    mix(seen_at[sector]);
    if (seen_at[sector] == 0) continue;
    console_write_text(early++ ? ", " : ", early: ");
    console_write_decimal(sector);
    console_write_text(" at ");
    console_write_decimal(seen_at[sector]);
  }
  console_write('\n');
}

int main(void) {
  if (!block_start(READS * SECTORS_PER_READ)) {
    console_write_text("dma-poll needs a disk of ");
    console_write_decimal(READS * SECTORS_PER_READ);
    console_write_text(" sectors that can flush\n");
    return 1;
  }
  for (uint32_t read = 0; read < READS; read++) {
    buffer_mark();
    block_submit(BLOCK_READ, read * SECTORS_PER_READ, (void *)buffer, sizeof buffer);
    uint32_t looks = buffer_watch();
    int succeeded = block_finish();
    for (uint32_t sector = 0; sector < SECTORS_PER_READ; sector++)
      for (uint32_t word = 0; word < WORDS_PER_SECTOR; word++) mix(buffer[sector][word]);
    print_read(read + 1, looks, succeeded);
  }
  console_write_text("digest ");
  console_write_hex(digest, 8);
  console_write('\n');
  return 0;
}
