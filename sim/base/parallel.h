/*
 * parallel.h - the same work for many items, on several threads.
 *
 * Items are taken in ascending order by whoever is free, so a result must depend on its item only
 * and go to a place of its own; then it is the same for any number of threads.
 */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include <stddef.h>

/* Processors this process may use, at least 1. */
unsigned parallel_processors(void);

/* Calls work(arg, i) once for each i below `count` on up to `threads` threads (0: one a processor)
 * and returns when all calls have. With one thread everything happens in the caller's. */
void parallel_for(size_t count, unsigned threads, void (*work)(void *arg, size_t item), void *arg);

#endif
