/*
 * Sleeping until a handler or a device has made something true. The look and the WFI happen with interrupts off, so that none comes
 * between them and is slept through: WFI wakes for a pending interrupt all the same (privileged manual, section on WFI).
 */
#pragma once

#include "runtime.h"

/* Returns with interrupts on, once is_so says yes. Each interrupt on the way is handled. */
static void wait_until(int (*is_so)(void)) {
  for (;;) {
    __asm__ volatile("csrci mstatus, 8" ::: "memory");
    if (is_so()) break;
    wait_for_interrupt();
    __asm__ volatile("csrsi mstatus, 8" ::: "memory"); /* what woke it is handled here */
  }
  __asm__ volatile("csrsi mstatus, 8" ::: "memory");
}
