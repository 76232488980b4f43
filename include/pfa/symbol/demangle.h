/*
 * Names as their programmers wrote them: of C++ (Itanium ABI) and Rust (legacy and v0),
 * without parameters, return type and what marks a part of a function (".cold"), as perf
 * prints them. By libiberty, GCC's own.
 *
 * A name is also rid of its version ("memcpy@@GLIBC_2.14"), and of bytes that would
 * upset a terminal or a line format ('?' stands for them).
 */
#ifndef PFA_SYMBOL_DEMANGLE_H
#define PFA_SYMBOL_DEMANGLE_H

struct intern;

/* Borrowed from the pool. */
const char *demangle(struct intern *names, const char *symbol);

/* No name of a function, but text from the same files: a path. */
const char *printable(struct intern *names, const char *text);

#endif
