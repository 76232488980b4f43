/*
 * A terminal that is drawn on, put back as it was however the program ends: by exit(),
 * by a signal that kills it, or at once.
 *
 * There is one at most. Only SIGKILL leaves it as it is (then `reset` helps).
 */
#ifndef PFA_BASE_TERMINAL_H
#define PFA_BASE_TERMINAL_H

/* From now on. `ending` is what is written to it then; copied. */
void terminal_keep(int fd, const char *ending);

/* It has been put back by other means. */
void terminal_let_go(void);

/* Puts it back, if it is kept. Safe in a signal handler. */
void terminal_put_back(void);

#endif
