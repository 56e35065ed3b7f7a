/* auction.c - see auction.h. */
#include "policies/lib/auction.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"

/* Sums closer than this are equal: which bids are added first must not decide. */
static const double EQUAL = 1e-12;

/* best[g]: the greatest sum within g GPUs, without bid `skip`. Bids come in from the last to the
 * first, and takes[i * (gpus + 1) + g] tells whether bid i is in the best of those from i on; NULL:
 * nobody asks. */
static void fill_best(const struct auction_bid *bids, uint32_t count, uint32_t skip, uint32_t gpus,
                      double *best, bool *takes)
{
    memset(best, 0, ((size_t)gpus + 1) * sizeof(*best));
    for (uint32_t i = count; i-- > 0;) {
        if (i == skip) {
            continue;
        }
        for (uint32_t g = gpus; g >= bids[i].gpus; g--) {
            double with = best[g - bids[i].gpus] + bids[i].log_gain;
            bool better = with > best[g] - EQUAL;
            best[g] = better ? with : best[g];
            if (takes != NULL) {
                takes[(size_t)i * (gpus + 1) + g] = better;
            }
        }
    }
}

void auction_hold(struct auction_bid *bids, uint32_t count, uint32_t gpus)
{
    CHECK(gpus <= AUCTION_MOST_GPUS);
    double *best = mem_alloc((size_t)gpus + 1, sizeof(*best));
    bool *takes = mem_alloc((size_t)count * (gpus + 1) + 1, sizeof(*takes));
    fill_best(bids, count, UINT32_MAX, gpus, best, takes);
    double all = best[gpus];
    uint32_t left = gpus;
    for (uint32_t i = 0; i < count; i++) {
        CHECK(bids[i].gpus > 0 && bids[i].log_gain >= 0);
        bids[i].wins = bids[i].gpus <= left && takes[(size_t)i * (gpus + 1) + left];
        left -= bids[i].wins ? bids[i].gpus : 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        bids[i].keeps = 0;
        if (bids[i].wins) {
            fill_best(bids, count, i, gpus, best, NULL);
            double keeps = exp(all - bids[i].log_gain - best[gpus]);
            bids[i].keeps = keeps > 1 ? 1 : keeps;
        }
    }
    free(best);
    free(takes);
}
