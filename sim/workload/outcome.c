/* outcome.c - see outcome.h. */
#include "sim/workload/outcome.h"

#include "sim/base/check.h"

struct word {
    const char *text; /* in small letters */
    enum job_outcome outcome;
};

/* Helios and Acme write as Slurm does; Philly and the tables made from it say pass, killed, failed;
 * PAI says terminated for success; fleetsim writes canceled with one l. */
static const struct word words[] = {
    {"completed", OUTCOME_COMPLETED},  {"pass", OUTCOME_COMPLETED},
    {"succeeded", OUTCOME_COMPLETED},  {"success", OUTCOME_COMPLETED},
    {"terminated", OUTCOME_COMPLETED}, {"failed", OUTCOME_FAILED},
    {"cancelled", OUTCOME_CANCELLED},  {"canceled", OUTCOME_CANCELLED},
    {"killed", OUTCOME_CANCELLED},     {"timeout", OUTCOME_TIMEOUT},
    {"node_fail", OUTCOME_NODE_FAIL},  {"unfinished", OUTCOME_UNFINISHED},
    {"running", OUTCOME_UNFINISHED},   {"pending", OUTCOME_UNFINISHED},
    {"waiting", OUTCOME_UNFINISHED},   {"unknown", OUTCOME_UNKNOWN},
};

static char small_letter(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_word(struct view word, const char *text)
{
    for (size_t i = 0; i < word.length; i++) {
        if (text[i] == '\0' || small_letter(word.at[i]) != text[i]) {
            return false;
        }
    }
    return text[word.length] == '\0';
}

enum job_outcome outcome_of_word(struct view word, bool *known)
{
    enum job_outcome outcome = OUTCOME_UNKNOWN;
    bool found = word.length == 0;
    for (size_t i = 0; !found && i < sizeof(words) / sizeof(words[0]); i++) {
        if (same_word(word, words[i].text)) {
            found = true;
            outcome = words[i].outcome;
        }
    }
    if (known != NULL) {
        *known = found;
    }
    return outcome;
}

const char *outcome_word(enum job_outcome outcome)
{
    switch (outcome) {
    case OUTCOME_UNKNOWN:
        return "";
    case OUTCOME_COMPLETED:
        return "completed";
    case OUTCOME_FAILED:
        return "failed";
    case OUTCOME_CANCELLED:
        return "cancelled";
    case OUTCOME_TIMEOUT:
        return "timeout";
    case OUTCOME_NODE_FAIL:
        return "node_fail";
    case OUTCOME_UNFINISHED:
        return "unfinished";
    }
    CHECK_NEVER("a job_outcome of this enum");
}
