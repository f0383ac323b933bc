# First code of a guest that uses all harts, in place of start.S (RISC-V privileged manual, 3.1.5 mhartid: one hart has number 0). Every
# hart starts here. Hart 0 zeroes .bss and calls main; the others wait until that is done, then call hart_main with their number and wait
# for ever when it returns. A main that returns powers the machine off. Such a guest takes no interrupts: any trap is a bug, which on_trap
# tells.

    .equ    HARTS_MAX, 4
    .equ    STACK_BYTES, 1024       # of each hart but hart 0, whose stack is all that is left of RAM

    .section .text.start, "ax", @progbits
    .globl _start
_start:
    la      t0, trap_entry
    csrw    mtvec, t0
    csrr    a0, mhartid
    bnez    a0, other_hart
    la      sp, stack_top
    la      t0, bss_start
    la      t1, bss_end
zero_bss:
    bgeu    t0, t1, call_main
    sw      zero, 0(t0)
    addi    t0, t0, 4
    j       zero_bss
call_main:
    li      t0, 1
    la      t1, is_memory_ready
    fence                           # the zeros are in memory before anyone is told so
    sw      t0, 0(t1)
    call    main
    call    power_off

other_hart:
    li      t0, HARTS_MAX
    bgeu    a0, t0, wait_for_ever
    la      t1, is_memory_ready
wait_for_memory:
    lw      t0, 0(t1)
    beqz    t0, wait_for_memory
    fence
    la      sp, stacks
    li      t0, STACK_BYTES
    mul     t0, t0, a0              # the stack of hart n ends n * STACK_BYTES on
    add     sp, sp, t0
    call    hart_main
wait_for_ever:
    wfi                             # mie is zero: nothing wakes this hart
    j       wait_for_ever

    .balign 4                       # mtvec keeps its low two bits for the vector mode
trap_entry:
    csrr    a0, mcause
    csrr    a1, mepc
    call    on_trap
    j       wait_for_ever

    .data                           # not .bss, which is still being zeroed while the other harts look at this
    .balign 4
is_memory_ready:
    .word   0

    .bss
    .balign 16
stacks:
    .zero   (HARTS_MAX - 1) * STACK_BYTES
