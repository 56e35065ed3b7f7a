/* parallel.c - see parallel.h. */
#include "sim/base/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { MOST_THREADS = 256 };

struct crew {
    atomic_size_t next;
    size_t count;
    void (*work)(void *arg, size_t item);
    void *arg;
};

unsigned parallel_processors(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : online > MOST_THREADS ? MOST_THREADS : (unsigned)online;
}

static void *help(void *arg)
{
    struct crew *crew = arg;
    for (size_t i = atomic_fetch_add(&crew->next, 1); i < crew->count;
         i = atomic_fetch_add(&crew->next, 1)) {
        crew->work(crew->arg, i);
    }
    return NULL;
}

void parallel_for(size_t count, unsigned threads, void (*work)(void *arg, size_t item), void *arg)
{
    struct crew crew = {.count = count, .work = work, .arg = arg};
    pthread_t helpers[MOST_THREADS];
    unsigned started = 0;
    threads = threads == 0 ? parallel_processors() : threads;
    threads = threads > MOST_THREADS ? MOST_THREADS : threads;
    /* A thread that cannot be started is no error: the others do its share. */
    while (started + 1 < threads && started + 1 < count &&
           pthread_create(&helpers[started], NULL, help, &crew) == 0) {
        started++;
    }
    (void)help(&crew);
    while (started > 0) {
        (void)pthread_join(helpers[--started], NULL);
    }
}
