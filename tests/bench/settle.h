/*
 * Waits until the machine has forgotten the last tracer.
 *
 * Closing a tracepoint takes the kernel up to 100 ms, one after the other. Some
 * tracers wait for it, others (pfa) leave it to the kernel and are gone: for a
 * second or more the kernel is still at it, and whoever runs next would pay.
 */
#ifndef TESTS_BENCH_SETTLE_H
#define TESTS_BENCH_SETTLE_H

void settle(void);

#endif
