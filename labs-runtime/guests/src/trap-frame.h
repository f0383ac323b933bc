/*
 * Traps as trap-frame.S takes them: with a frame of all registers that the handler may change before the trap returns. For guests that do
 * something with exceptions; start.S knows interrupts only, and is cheaper.
 */
#pragma once

#include "runtime.h"

/* What was interrupted, and why. The layout is the one of trap-frame.S. */
struct trap_frame {
  uint32_t registers[32]; /* x0 to x31; the word for x0 holds nothing */
  uint32_t address;       /* mepc: where the trap came from, and where it returns to */
  uint32_t cause;         /* mcause */
  uint32_t value;         /* mtval */
  uint32_t status;        /* mstatus, as the handler found it; to change it, change the register */
};

/* Numbers of registers in a frame (psABI, integer register convention). */
enum { REGISTER_SP = 2, REGISTER_A0 = 10, REGISTER_A1 = 11, REGISTER_A7 = 17 };

/* Handles one exception. It comes back at once unless the handler moves the frame's address. */
void on_exception(struct trap_frame *frame);

void trap_frame_entry(void);

/* Goes on at `entry` in user mode, on another stack. */
__attribute__((noreturn)) void enter_user(void (*entry)(void), void *stack_top);

/* From here on traps make frames. */
static inline void trap_frames_start(void) {
  __asm__ volatile("csrw mscratch, zero\n\tcsrw mtvec, %0" ::"r"(trap_frame_entry) : "memory");
}

/* Called by trap-frame.S. */
__attribute__((used)) void on_trap_frame(struct trap_frame *frame) {
  if (frame->cause >> 31) on_interrupt(frame->cause & 0x7fffffff, frame->address);
  else on_exception(frame);
}
