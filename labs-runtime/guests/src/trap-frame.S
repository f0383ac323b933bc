# Traps with all registers of what was interrupted in a frame in memory, which the handler may look at and change (RISC-V privileged manual,
# sections 3.1.13 mscratch, 3.1.14 mepc, 3.3.2 MRET). A guest that wants them points mtvec here. trap-frame.h is the view from C.
#
# mscratch is zero in machine mode. In user mode it holds the machine mode's stack pointer, so that a trap never uses the user's stack.

    .equ    FRAME_BYTES, 144        # x0 to x31, mepc, mcause, mtval, mstatus
    .equ    FRAME_SP, 8
    .equ    FRAME_MEPC, 128
    .equ    FRAME_MCAUSE, 132
    .equ    FRAME_MTVAL, 136
    .equ    FRAME_MSTATUS, 140
    .equ    MSTATUS_MPP, 0x1800

    .macro  each_register instruction   # but x0, which is nothing, and x2, the stack pointer
    \instruction ra, 4(sp)
    \instruction gp, 12(sp)
    \instruction tp, 16(sp)
    \instruction t0, 20(sp)
    \instruction t1, 24(sp)
    \instruction t2, 28(sp)
    \instruction s0, 32(sp)
    \instruction s1, 36(sp)
    \instruction a0, 40(sp)
    \instruction a1, 44(sp)
    \instruction a2, 48(sp)
    \instruction a3, 52(sp)
    \instruction a4, 56(sp)
    \instruction a5, 60(sp)
    \instruction a6, 64(sp)
    \instruction a7, 68(sp)
    \instruction s2, 72(sp)
    \instruction s3, 76(sp)
    \instruction s4, 80(sp)
    \instruction s5, 84(sp)
    \instruction s6, 88(sp)
    \instruction s7, 92(sp)
    \instruction s8, 96(sp)
    \instruction s9, 100(sp)
    \instruction s10, 104(sp)
    \instruction s11, 108(sp)
    \instruction t3, 112(sp)
    \instruction t4, 116(sp)
    \instruction t5, 120(sp)
    \instruction t6, 124(sp)
    .endm

    .section .text, "ax", @progbits
    .globl trap_frame_entry
    .balign 4                       # mtvec keeps its low two bits for the vector mode
trap_frame_entry:
    csrrw   sp, mscratch, sp
    bnez    sp, save_frame          # from user mode: sp is the machine mode's now
    csrr    sp, mscratch            # from machine mode: the frame goes below what was interrupted
save_frame:
    addi    sp, sp, -FRAME_BYTES
    each_register sw
    csrrw   t0, mscratch, zero
    sw      t0, FRAME_SP(sp)
    csrr    t0, mepc
    sw      t0, FRAME_MEPC(sp)
    csrr    t0, mcause
    sw      t0, FRAME_MCAUSE(sp)
    csrr    t0, mtval
    sw      t0, FRAME_MTVAL(sp)
    csrr    t0, mstatus
    sw      t0, FRAME_MSTATUS(sp)
    mv      a0, sp
    call    on_trap_frame
    lw      t0, FRAME_MEPC(sp)
    csrw    mepc, t0
    li      t1, MSTATUS_MPP
    csrr    t0, mstatus
    and     t0, t0, t1
    bnez    t0, restore_registers
    addi    t0, sp, FRAME_BYTES     # back to user mode: the next trap finds the stack as this one did
    csrw    mscratch, t0
restore_registers:
    each_register lw
    lw      sp, FRAME_SP(sp)
    mret

# enter_user(entry, stack): goes on at an address in user mode, with another stack. It never returns; traps use the stack of the caller.
    .globl enter_user
enter_user:
    csrw    mepc, a0
    li      t0, MSTATUS_MPP
    csrc    mstatus, t0             # MPP zero is user mode
    csrw    mscratch, sp
    mv      sp, a1
    mret
