# First code a guest runs, and the way in and out of its traps (RISC-V privileged manual, 3.1: machine-level CSRs).
# _start sets the stack and the trap vector, zeroes .bss and calls main; a main that returns powers the machine off.

    .section .text.start, "ax", @progbits
    .globl _start
_start:
    la      sp, stack_top
    la      t0, trap_entry
    csrw    mtvec, t0
    la      t0, bss_start
    la      t1, bss_end
zero_bss:
    bgeu    t0, t1, call_main
    sw      zero, 0(t0)
    addi    t0, t0, 4
    j       zero_bss
call_main:
    call    main
    call    power_off

# Saves what a C function may change, hands mcause and mepc to on_trap, and returns to where the trap came from.
    .balign 4                       # mtvec keeps its low two bits for the vector mode
trap_entry:
    addi    sp, sp, -64
    sw      ra, 0(sp)
    sw      t0, 4(sp)
    sw      t1, 8(sp)
    sw      t2, 12(sp)
    sw      t3, 16(sp)
    sw      t4, 20(sp)
    sw      t5, 24(sp)
    sw      t6, 28(sp)
    sw      a0, 32(sp)
    sw      a1, 36(sp)
    sw      a2, 40(sp)
    sw      a3, 44(sp)
    sw      a4, 48(sp)
    sw      a5, 52(sp)
    sw      a6, 56(sp)
    sw      a7, 60(sp)
    csrr    a0, mcause
    csrr    a1, mepc
    call    on_trap
    lw      ra, 0(sp)
    lw      t0, 4(sp)
    lw      t1, 8(sp)
    lw      t2, 12(sp)
    lw      t3, 16(sp)
    lw      t4, 20(sp)
    lw      t5, 24(sp)
    lw      t6, 28(sp)
    lw      a0, 32(sp)
    lw      a1, 36(sp)
    lw      a2, 40(sp)
    lw      a3, 44(sp)
    lw      a4, 48(sp)
    lw      a5, 52(sp)
    lw      a6, 56(sp)
    lw      a7, 60(sp)
    addi    sp, sp, 64
    mret
