/*
 * Where each thread's copy of the program's thread-local variables lies.
 *
 * They end at the thread pointer ("ELF Handling For Thread-Local Storage", variant II).
 * The first thread sets that by arch_prctl(2). For the others clone3(2) has it in memory
 * that no record tells of; but each of them calls set_robust_list(2) with an address
 * that lies as far from its thread pointer as the first thread's does from its own.
 */
#ifndef PFA_MODEL_TLS_H
#define PFA_MODEL_TLS_H

#include <stdbool.h>
#include <stdint.h>

struct image;
struct thread;

void tls_thread_pointer(struct thread *thread, uint64_t value);
void tls_robust_list(struct thread *thread, uint64_t head);

/* A child's thread has what the one that forked has; after exec nothing is known. */
void tls_fork(struct thread *child, const struct thread *parent);
void tls_exec(struct thread *thread);

/* Whether the address lies in the thread's copy: if so, *image is its place in PT_TLS. */
bool tls_find(struct thread *thread, uint64_t addr, struct image *image);

#endif
