/*
 * journal.h - the file that lets an interrupted run go on (`--checkpoint`, `--resume`).
 *
 * It lies beside the results folder, as FOLDER.checkpoint, while the run lasts. Records are
 * appended and never changed: first what is run, by which program; then, in the order of the run,
 * results of long computations (sched_remember) and marks: how many instants have passed, the time,
 * and the fingerprint of all decisions so far. A record carries a digest over all before it, so
 * what a kill or a full disk cut off at the end is seen and left out.
 *
 * A resumed run starts from its beginning and recalls what was computed, which takes little; every
 * mark must come up again as it was written, else it ends. Its results are those of a run that was
 * never interrupted. Numbers are in the byte order of the machine: the file is good for the program
 * that wrote it only, and says so.
 */
#ifndef CLI_JOURNAL_H
#define CLI_JOURNAL_H

#include <jansson.h>

#include "sim/engine/engine.h"

struct journal;

struct journal_terms {
    const char *folder; /* of the results */
    const json_t *run;  /* what is run: another run cannot be resumed from it */
    int64_t every_us;   /* between marks, by the clock on the wall: what a kill can cost */
    bool resume;        /* go on with what is there; else a file that is there is replaced */
};

/* Opens the file, which nobody else may have open. A file of another run or another program is an
 * error, and so is one that cannot be written; none at all is none. NULL with *err filled. */
struct journal *journal_open(const struct journal_terms *terms, struct err *err);

/* Whether there was anything to go on with. */
bool journal_resumes(const struct journal *journal);

/* For engine_input.journal; valid as long as the journal. */
const struct engine_journal *journal_for_engine(struct journal *journal);

/* The run is over: removes the file if the run is complete, else writes what is still to be
 * written. Releases everything; NULL is allowed. */
void journal_close(struct journal *journal, bool complete);

#endif
