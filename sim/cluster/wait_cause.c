/* wait_cause.c - see wait_cause.h. */
#include "sim/cluster/wait_cause.h"

#include "sim/base/check.h"

static const struct {
    const char *name;
    const char *text;
} causes[WAIT_CAUSE_COUNT] = {
    [WAIT_ORDER] = {"order", "behind others in the order"},
    [WAIT_LIMIT] = {"limit", "limit of the queue"},
    [WAIT_SHARE] = {"share", "no room, over the fair share"},
    [WAIT_PROTECTED] = {"protected", "no room, others protected"},
    [WAIT_ROOM] = {"room", "no room at all"},
    [WAIT_FRAGMENTED] = {"fragmented", "room, but in pieces"},
    [WAIT_GANG] = {"gang", "room for a part of the gang"},
    [WAIT_TOPOLOGY] = {"topology", "room, but not close together"},
    [WAIT_MODEL] = {"model", "room on other GPU models"},
    [WAIT_PERIOD] = {"period", "the scheduler's period"},
    [WAIT_FAILURE] = {"failure", "broken or away"},
};

const char *wait_cause_name(enum wait_cause cause)
{
    CHECK(cause < WAIT_CAUSE_COUNT);
    return causes[cause].name;
}

const char *wait_cause_text(enum wait_cause cause)
{
    CHECK(cause < WAIT_CAUSE_COUNT);
    return causes[cause].text;
}
