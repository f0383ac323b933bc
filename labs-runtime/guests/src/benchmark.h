/*
 * What the guests of the processor benchmark share. They take no interrupt and read no clock, so that the log of such a guest holds outputs
 * only, and every run of it is the same.
 */
#pragma once

#include "words.h"

void on_interrupt(uint32_t code, uint32_t resume_address) {
  (void)code;
  (void)resume_address;
}
