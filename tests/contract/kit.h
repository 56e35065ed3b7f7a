/*
 * kit.h - the judge of policies: holds one policy, in the table or not, to its laws in one world.
 *
 * Every law is a function that runs the world once or more often and says what is broken. Laws that
 * a policy has to promise are judged only then; the others hold for everybody.
 */
#ifndef TESTS_CONTRACT_KIT_H
#define TESTS_CONTRACT_KIT_H

#include "variants.h"
#include "worlds.h"

struct kit_trial {
    const struct variant *variant;
    const struct world *world;
    gsl_rng *random;       /* for what the world leaves open */
    const char *place;     /* NULL: drawn */
    bool is_calm;          /* default settings; else they are drawn */
    struct text complaint; /* what is broken, with the world and the schedule */
};

struct kit_law {
    const char *name;
    enum sched_law law; /* to be promised; SCHED_LAW_NONE: by everybody */
    bool (*judge)(struct kit_trial *trial);
};

/* Laws seen in the log of one run (kit_schedule), and each of those that compare runs. */
extern const struct kit_law KIT_LAWS[];
enum { KIT_LAW_COUNT = 8 };

bool kit_judges(const struct kit_law *law, const struct variant *variant);

/* -- for the laws ---------------------------------------------------------------------------- */

/* Makes and runs the world under the policy of the trial. */
void kit_prepare(struct kit_trial *trial, const struct world *world, struct replay *replay);

/* Notes the first law that does not hold; gives back `holds`. */
bool kit_check(struct kit_trial *trial, bool holds, const char *law, const struct replay *replay,
               const struct world *world);

/* A scheduler that enforces quotas can start, and stop for the sake of a queue that is owed more,
 * the same jobs in every cycle (tests/data/kai_circle*.csv): nobody is lost, but nothing ends
 * before the horizon. */
bool kit_is_circle(const struct kit_trial *trial, const struct replay *replay);

bool kit_schedule(struct kit_trial *trial);
bool kit_queue_limits(struct kit_trial *trial);
bool kit_names(struct kit_trial *trial);
bool kit_idle_time(struct kit_trial *trial);
bool kit_time_scale(struct kit_trial *trial);
bool kit_spare_nodes(struct kit_trial *trial);
bool kit_head_first(struct kit_trial *trial);
bool kit_no_delay(struct kit_trial *trial);

#endif
