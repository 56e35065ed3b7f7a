/*
 * interrupt.h - SIGINT and SIGTERM end a run cleanly, with what is known so far.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>

/* From now on the first SIGINT or SIGTERM is noted where the pointer points (not 0 then), for
 * whoever looks; the second one ends the program as it always did. Files that grow beyond what the
 * system allows become an error of writing instead of a signal. */
const volatile sig_atomic_t *interrupt_catch(void);

/* Did one come? */
bool interrupt_came(void);

#endif
