/* test_auction.c - partial allocation worked out by hand, and leases by it. */
#include <math.h>

#include <criterion/criterion.h>

#include "policies/lib/auction.h"
#include "schedule.h"

/* Room for all: nobody costs anybody anything. */
Test(auction, lets_all_keep_all_where_there_is_room)
{
    struct auction_bid bids[] = {{.gpus = 2, .log_gain = 1}, {.gpus = 3, .log_gain = 0.5}};
    auction_hold(bids, 2, 5);
    for (uint32_t i = 0; i < 2; i++) {
        cr_assert(bids[i].wins);
        cr_assert_float_eq(bids[i].keeps, 1, 1e-12);
    }
}

/* Four GPUs: 3 + 1 give a factor of 6 * 2 = 12, two pairs 4 * 2.5 = 10. Without the first the pairs
 * win 10 where the others have 2 now; without the second, 6 and the same pairs 10 to 6. */
Test(auction, winners_keep_what_they_do_not_cost_the_others)
{
    struct auction_bid bids[] = {
        {.gpus = 3, .log_gain = log(6)},
        {.gpus = 1, .log_gain = log(2)},
        {.gpus = 2, .log_gain = log(4)},
        {.gpus = 2, .log_gain = log(2.5)},
    };
    auction_hold(bids, 4, 4);
    cr_assert(bids[0].wins && bids[1].wins && !bids[2].wins && !bids[3].wins);
    cr_assert_float_eq(bids[0].keeps, 2.0 / 10, 1e-12);
    cr_assert_float_eq(bids[1].keeps, 6.0 / 10, 1e-12);
    cr_assert_eq((int)bids[2].keeps, 0);
}

Test(auction, earlier_bids_win_when_equal)
{
    struct auction_bid bids[] = {{.gpus = 1, .log_gain = 0.3}, {.gpus = 1, .log_gain = 0.3}};
    auction_hold(bids, 2, 1);
    cr_assert(bids[0].wins && !bids[1].wins);
    cr_assert_float_eq(bids[0].keeps, exp(-0.3), 1e-12);
}

Test(auction, nobody_wins_more_than_there_is)
{
    struct auction_bid bids[] = {{.gpus = 9, .log_gain = 2}};
    auction_hold(bids, 1, 8);
    cr_assert(!bids[0].wins);
}

/* Alone on half of the GPU each takes 40 s. At 0 both bid log(30/20); a wins as the earlier one and
 * keeps 20/30, not yet a lease; what is left goes by rho, which is equal, to a. At 10, a bids
 * log(30/20) and b log(40/30): a wins again, keeps 30/40, and with a credit of 17/12 runs and ends.
 */
Test(themis, auctions_leases)
{
    assert_schedule("themis:lease=10,mode=auction,filter=0", "1x1", "a,0,20,1,\nb,0,20,1,\n",
                    "a 0-20, b 20-40");
}
