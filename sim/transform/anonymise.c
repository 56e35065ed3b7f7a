/* anonymise.c - see anonymise.h. */
#include "sim/transform/anonymise.h"

#include <inttypes.h>
#include <stdio.h>

#include "sim/base/check.h"

enum { MOST_WEEKS = 4096 };

static const int64_t week_us = (int64_t)7 * 86400 * 1000000;

/* The same word as a user and as a queue gets two replacements, so that neither tells the other. */
static uint64_t keyed(struct siphash_key key, char kind, const char *name)
{
    struct text text = {0};
    text_add_char(&text, kind);
    text_add(&text, name);
    uint64_t value = siphash(key, (struct view){text.bytes, text.length});
    text_release(&text);
    return value;
}

uint64_t anonymise_name(const struct anonymise *anonymise, char kind, const char *name)
{
    return keyed(anonymise->key, kind, name);
}

/* Replaces every name of a table, each by one of the same number. */
static bool replace_all(struct names *names, struct siphash_key key, char kind, struct err *err)
{
    struct names replaced = {0};
    for (uint32_t i = 0; i < names_count(names); i++) {
        char name[24] = "";
        const char *old = names_get(names, i);
        if (old[0] != '\0') {
            (void)snprintf(name, sizeof(name), "%c%016" PRIx64, kind, keyed(key, kind, old));
        }
        bool is_new = false;
        (void)names_add(&replaced, view_of(name), &is_new);
        if (!is_new) {
            names_release(&replaced);
            return err_set(err, ERR_USAGE, 0,
                           "two names get the same replacement, expected different ones (another "
                           "key will do)");
        }
    }
    names_release(names);
    *names = replaced;
    return true;
}

static void move_time(const struct anonymise *anonymise, struct workload *workload)
{
    switch (anonymise->when) {
    case ANONYMISE_WEEKS:
        workload->epoch_us -= (int64_t)(keyed(anonymise->key, 't', "") % MOST_WEEKS + 1) * week_us;
        break;
    case ANONYMISE_ZERO:
        workload->epoch_us = 0;
        break;
    case ANONYMISE_KEEP:
        break;
    }
}

bool anonymise_apply(const struct anonymise *anonymise, struct workload *workload, struct err *err)
{
    if (!replace_all(&workload->ids, anonymise->key, 'j', err) ||
        !replace_all(&workload->users, anonymise->key, 'u', err) ||
        (!anonymise->keeps_queues && !replace_all(&workload->queues, anonymise->key, 'q', err))) {
        return false;
    }
    move_time(anonymise, workload);
    names_release(&workload->notes);
    return true;
}
