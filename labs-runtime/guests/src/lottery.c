/*
 * Draws 6 numbers of 49 for each console byte. Nothing in the guest says which: they come from the entropy device, so that a machine that
 * replays it draws the same ones only if the log has the bytes (VMware FT, section 2.1).
 */
#include "bytes.h"
#include "entropy.h"

#define NUMBERS 49
#define NUMBERS_PER_DRAW 6

static volatile uint32_t draws_wanted; /* counted by the handler */
static uint32_t draws;

/* The bytes have to be taken at once, for each holds the line up; what they are makes no difference. */
void on_interrupt(uint32_t code, uint32_t resume_address) {
  (void)resume_address;
  if (code != MACHINE_EXTERNAL) return;
  entropy_acknowledge_interrupt();
  for (; console_has_byte(); draws_wanted++) console_read();
}

static int draw_is_wanted(void) { return draws_wanted != draws; }

/* From 1 to 49, each equally likely: of the 64 values of six bits, those that are no number are passed over. */
static uint32_t random_number(void) {
  for (;;) {
    uint32_t value = entropy_byte() & 63;
    if (value < NUMBERS) return value + 1;
  }
}

static void draw(void) {
  uint8_t is_drawn[NUMBERS + 1];
  fill_bytes(is_drawn, 0, sizeof is_drawn);
  for (uint32_t count = 0; count < NUMBERS_PER_DRAW;) {
    uint32_t number = random_number();
    if (is_drawn[number]) continue;
    is_drawn[number] = 1;
    count++;
  }
  console_write_text("draw ");
  console_write_decimal(++draws);
  console_write(':');
  for (uint32_t number = 1; number <= NUMBERS; number++) {
    if (!is_drawn[number]) continue;
    console_write(' ');
    console_write_decimal(number);
  }
  console_write('\n');
}

int main(void) {
  if (!entropy_start()) {
    console_write_text("lottery needs an entropy device\n");
    return 1;
  }
  console_start();
  enable_interrupts(1u << MACHINE_EXTERNAL);
  console_write_text("lottery: each key draws 6 of 49\n");
  for (;;) {
    wait_until(draw_is_wanted);
    draw();
  }
}
