# For gdb --batch -x: runs the program, and at each breakpoint it has in itself prints
# its registers ("reg DWARF-NUMBER VALUE") and the pcs of its stack as gdb unwinds it
# ("pc VALUE", those of a signal plus one, as unwind() has them), then "stop". The top
# of the stack goes to files PREFIX.0, PREFIX.1, ..., the process's maps to PREFIX.maps;
# PREFIX is the environment's STACKS.
import os
import gdb

REGISTERS = ("rax rdx rcx rbx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip").split()
STACK_BYTES = 65536


def number(register):
    return int(gdb.parse_and_eval("(unsigned long)$" + register))


def read_stack(start):
    size = STACK_BYTES
    while size > 0:
        try:
            return gdb.selected_inferior().read_memory(start, size)
        except gdb.MemoryError:
            size -= 16
    return b""


def tell_stop(index):
    for i, register in enumerate(REGISTERS):
        print("reg %d %d" % (i, number(register)))
    with open("%s.%d" % (os.environ["STACKS"], index), "wb") as out:
        out.write(bytes(read_stack(number("rsp"))))
    with open("/proc/%d/maps" % gdb.selected_inferior().pid) as maps:
        with open("%s.maps" % os.environ["STACKS"], "w") as out:
            out.write(maps.read())
    frame = gdb.newest_frame()
    interrupted = False
    while frame:
        if frame.type() not in (gdb.INLINE_FRAME, gdb.TAILCALL_FRAME):
            trampoline = frame.type() == gdb.SIGTRAMP_FRAME
            print("pc %d" % (frame.pc() + (trampoline or interrupted)))
            interrupted = trampoline
        frame = frame.older()
    print("stop", flush=True)


for command in ("set pagination off", "set backtrace past-main on",
                "set backtrace past-entry on", "handle SIGUSR1 nostop noprint pass",
                "run"):
    gdb.execute(command, to_string=True)
index = 0
while gdb.selected_inferior().pid:
    tell_stop(index)
    index += 1
    gdb.execute("continue", to_string=True)
