/*
 * A regular timer interrupt for guests that wait for their clients. It keeps entries in the log while nobody asks for anything: silence
 * means that the machine failed (VMware FT, section 2.3).
 */
#pragma once

#include "runtime.h"

#define TICKS_PER_TIMER_INTERRUPT 10000

/* mtime. Only its low word is loaded; the high one is counted here, right as long as the timer keeps running. */
static uint64_t time_now(void) {
  static uint64_t last;
  uint32_t low = TIME_LOW;
  last += low - (uint32_t)last;
  return last;
}

/* Asks for the next interrupt, and takes the one before down. */
static void timer_start(void) {
  uint64_t due = time_now() + TICKS_PER_TIMER_INTERRUPT;
  TIMER_COMPARE_HIGH = 0xffffffff; /* no match in between */
  TIMER_COMPARE_LOW = (uint32_t)due;
  TIMER_COMPARE_HIGH = (uint32_t)(due >> 32);
}
