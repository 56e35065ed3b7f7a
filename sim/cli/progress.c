/* progress.c - see progress.h. */
#include "sim/cli/progress.h"

#include <stdio.h>
#include <unistd.h>

enum { EVERY_US = 200000 };

int64_t progress_clock_us(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void progress_init(struct progress *progress, bool quiet)
{
    progress->shown = !quiet && isatty(STDERR_FILENO) == 1;
    progress->started_us = progress_clock_us();
    progress->printed_us = progress->started_us;
}

bool progress_show(void *self, const struct engine_progress *state)
{
    struct progress *progress = self;
    int64_t now_us = progress->shown ? progress_clock_us() : 0;
    if (!progress->shown || now_us - progress->printed_us < EVERY_US) {
        return true;
    }
    progress->printed_us = now_us;
    double share = (double)state->jobs_ended / state->job_count;
    (void)fprintf(stderr, "\r%5.1f %%  %u of %u jobs ended, simulated day %.1f", share * 100,
                  state->jobs_ended, state->job_count, (double)state->now_us / 86400e6);
    if (share > 0.01) {
        double passed_s = (double)(now_us - progress->started_us) / 1e6;
        (void)fprintf(stderr, ", about %.0f s left", passed_s * (1 - share) / share);
    }
    (void)fprintf(stderr, "\033[K");
    return true;
}

bool progress_show_runs(void *self, size_t done, size_t total)
{
    struct progress *progress = self;
    int64_t now_us = progress->shown ? progress_clock_us() : 0;
    if (!progress->shown || now_us - progress->printed_us < EVERY_US) {
        return true;
    }
    progress->printed_us = now_us;
    double passed_s = (double)(now_us - progress->started_us) / 1e6;
    (void)fprintf(stderr, "\r%zu of %zu runs done, about %.0f s left\033[K", done, total,
                  passed_s * (double)(total - done) / (double)done);
    return true;
}

void progress_end(struct progress *progress)
{
    if (progress->shown) {
        (void)fprintf(stderr, "\r\033[K");
    }
}
