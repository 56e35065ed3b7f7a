/* account.c - see account.h. */
#include "account.h"

enum {
    ROUNDING_US = 3,       /* of one stretch of work at part of the speed */
    ROUNDING_PART = 100000 /* and this part of it: rates are rounded to millionths */
};

void account_init(struct account *account, int64_t work_us, uint32_t tasks)
{
    *account = (struct account){.left_us = work_us, .tasks = tasks};
}

void account_start(struct account *account, const struct account_terms *terms, int64_t now_us,
                   uint32_t held)
{
    account->latency_us = terms->settings->start_us + terms->bind_us;
    if (account->stopped_before) {
        account->latency_us += terms->settings->restore_us;
    }
    account->overhead_us = account->latency_us;
    account->finish_us = terms->settings->finish_us;
    account->at_run_us = account->left_us;
    account->since_us = now_us;
    account->start_us = now_us;
    account->held = held;
}

/* Work that takes `time_us` with the tasks it holds, rounded down. */
static int64_t work_in(const struct account *account, int64_t time_us)
{
    return time_us * account->held / account->tasks;
}

/* The other way, rounded up. */
static int64_t time_for(const struct account *account, int64_t work_us)
{
    return (work_us * account->tasks + account->held - 1) / account->held;
}

static void settle(struct account *account, int64_t now_us)
{
    int64_t passed_us = now_us - account->since_us;
    int64_t waited_us = passed_us < account->latency_us ? passed_us : account->latency_us;
    int64_t need_us = time_for(account, account->left_us);
    int64_t rest_us = passed_us - waited_us;
    account->latency_us -= waited_us;
    account->since_us = now_us;
    if (rest_us >= need_us) {
        account->left_us = 0;
        account->finish_us -= rest_us - need_us;
    } else {
        account->left_us -= work_in(account, rest_us);
    }
    if (account->held != account->tasks) {
        account->slack_us += ROUNDING_US + passed_us / ROUNDING_PART;
    }
}

void account_resize(struct account *account, int64_t now_us, uint32_t held)
{
    settle(account, now_us);
    account->held = held;
}

static bool is_near(int64_t a, int64_t b, int64_t slack_us)
{
    return a - b <= slack_us && b - a <= slack_us;
}

bool account_stop(struct account *account, const struct account_terms *terms, int64_t now_us,
                  int64_t interval_us, const struct log_record *record)
{
    int64_t passed_us = now_us - account->start_us;
    int64_t overhead_us = passed_us < account->overhead_us ? passed_us : account->overhead_us;
    int64_t halted_us = now_us - terms->grace_us;
    settle(account, halted_us > account->since_us ? halted_us : account->since_us);
    int64_t done_us = account->at_run_us - account->left_us;
    int64_t lost_us = interval_us == 0                ? 0
                      : interval_us == PARAM_NEVER_US ? done_us
                                                      : done_us % interval_us;
    /* A checkpoint that is just made or just missed because of rounding is a whole interval. */
    bool good =
        is_near(lost_us, record->lost_us, account->slack_us) ||
        (account->slack_us > 0 && interval_us > 0 && interval_us != PARAM_NEVER_US &&
         is_near(lost_us > record->lost_us ? lost_us - record->lost_us : record->lost_us - lost_us,
                 interval_us, account->slack_us));
    account->left_us += record->lost_us;
    account->stopped_before = true;
    return terms->leases || (good && overhead_us == record->overhead_us);
}

int64_t account_misses_us(const struct account *account, int64_t now_us)
{
    struct account end = *account;
    int64_t due_us = account->since_us + account->latency_us + time_for(account, account->left_us) +
                     account->finish_us;
    settle(&end, now_us);
    int64_t misses_us = due_us - now_us;
    int64_t slack_us = 2 * end.slack_us * end.tasks;
    if (misses_us > slack_us) {
        return misses_us - slack_us;
    }
    return misses_us < -slack_us ? misses_us + slack_us : 0;
}
