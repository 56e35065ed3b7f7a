/*
 * auction.h - the partial allocation mechanism (Cole, Gkatzelis and Goel, EC 2013), for bidders
 * that want all of what they ask for or nothing.
 *
 * Each bidder says by what factor its value grows if it wins. Winners are those that fit and whose
 * factors have the greatest product. Then each winner keeps only the part of its prize by which the
 * others are worse off for its taking part: the greatest product of the others with it there, over
 * that without it. With this a bidder gains nothing by a false bid.
 */
#ifndef POLICIES_LIB_AUCTION_H
#define POLICIES_LIB_AUCTION_H

#include <stdbool.h>
#include <stdint.h>

enum { AUCTION_MOST_GPUS = 4096 };

struct auction_bid {
    uint32_t gpus;   /* at least 1 */
    double log_gain; /* logarithm of the factor, 0 or more */
    bool wins;       /* filled, and */
    double keeps;    /* this part of the prize, more than 0 and at most 1; 0 for losers */
};

/* `gpus` is at most AUCTION_MOST_GPUS. Of equal products earlier bids win. Exact: a knapsack,
 * solved once and again for each winner, O(count^2 gpus). */
void auction_hold(struct auction_bid *bids, uint32_t count, uint32_t gpus);

#endif
