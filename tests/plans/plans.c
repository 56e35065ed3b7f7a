/*
 * plans.c - are plans right? Queues whose size a formula tells, and studies small enough to try
 * everything.
 *
 *     plans sizing
 *
 * asks 40 questions about M/M/c and M/D/c, and ends with 1 when fewer than 38 get the formula's
 * answer.
 *
 *     plans optima STUDIES
 *
 * makes random studies of two pools and two policies: the search against trying every candidate on
 * every replication. It ends with 1 when the search is dearer by more than 1 % in over 5 % of them,
 * when the answer breaks its level, on 200 new replications, in more of them than the confidence
 * allows, or when it took a tenth of the runs or more.
 *
 * Prints a row a question as CSV, and what it comes to on standard error.
 */
#include <math.h>
#include <stdio.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "sim/base/check.h"
#include "sim/base/parse.h"
#include "sim/base/rng.h"
#include "sim/cli/chosen.h"
#include "sim/plan/solve.h"

enum { MOST_POLICIES = 2, FRESH = 200 };

/* -- a study from its texts ------------------------------------------------------------------ */

struct question {
    struct plan_study study;
    struct generate_model model;
    struct workload base;
    struct replicate replicate;
    struct engine_settings settings;
    struct chosen_policy chosen[MOST_POLICIES];
    struct chosen_place place;
    struct grid_policy policies[MOST_POLICIES];
    struct plan_store *store;
    struct plan_bench *bench;
};

static void ask(struct question *question, const char *model, const char *study, uint32_t jobs,
                uint64_t seed)
{
    struct err err = {0};
    *question = (struct question){
        .replicate = {.kind = REPLICATE_MODEL, .seed = seed, .options = {.jobs = jobs}}};
    bool ok = plan_study_read(study, strlen(study), PLAN_OF_NODES, &question->study, &err) &&
              generate_model_read(view_of(model), &question->model, &err) &&
              generate_workload(&question->model, seed, &question->replicate.options,
                                &question->base, &err) &&
              chosen_place_read("count", &question->place, &err);
    if (!ok) {
        fprintf(stderr, "%s\n", err.msg);
    }
    CHECK(ok);
    question->replicate.model = &question->model;
    question->replicate.base = &question->base;
    engine_settings_init(&question->settings);
    question->settings.estimates = ESTIMATES_ORACLE;
    for (size_t i = 0; i < question->study.policies.count; i++) {
        CHECK(chosen_policy_read(question->study.policies.items[i], &question->chosen[i], &err));
        question->policies[i] = (struct grid_policy){
            .label = question->study.policies.items[i],
            .ops = question->chosen[i].ops,
            .params = question->chosen[i].params,
            .place = question->place.ops,
            .place_params = question->place.params,
        };
    }
    const struct plan_bench_input input = {
        .demand = {.study = &question->study, .replicate = &question->replicate},
        .policies = question->policies,
        .settings = &question->settings,
        .identity = "",
    };
    question->store = plan_store_open(NULL, &err);
    question->bench = plan_bench_new(&input, question->store);
}

static void forget(struct question *question)
{
    plan_bench_free(question->bench);
    plan_store_close(question->store);
    for (size_t i = 0; i < question->study.policies.count; i++) {
        free(question->chosen[i].params);
    }
    free(question->place.params);
    workload_release(&question->base);
    generate_model_release(&question->model);
    plan_study_release(&question->study);
}

static struct search_terms everything(void)
{
    return (struct search_terms){plan_as_it_is, SEARCH_NO_LEVEL, SEARCH_ANY_POLICY};
}

/* -- sizing ---------------------------------------------------------------------------------- */

static const double MEAN_S = 1000;

enum { MOST_STATES = 600 };

/* What M/M/c or M/D/c says: mean wait over the mean service, P(wait <= one mean service), P(no
 * wait).
 */
struct queue {
    double mean;
    double within;
    double at_once;
};

static struct queue mmc(double load, int servers)
{
    double blocked = 1; /* Erlang B, by its recursion */
    for (int i = 1; i <= servers; i++) {
        blocked = load * blocked / (i + load * blocked);
    }
    double waits = blocked / (1 - load / servers * (1 - blocked));
    return (struct queue){waits / (servers - load), 1 - waits * exp(-(servers - load)), 1 - waits};
}

/* The number in the system is that of one service time before, less the servers' work, plus the
 * arrivals meanwhile (Crommelin 1932): iterated until it stays. Who comes to n others starts within
 * one service time when n < 2 c. */
static struct queue mdc(double load, int servers)
{
    static double now[MOST_STATES];
    static double next[MOST_STATES];
    static double arrivals[MOST_STATES];
    for (int i = 0; i < MOST_STATES; i++) {
        arrivals[i] = gsl_ran_poisson_pdf((unsigned)i, load);
        now[i] = i == 0;
    }
    double change = 1;
    while (change > 1e-13) {
        for (int i = 0; i < MOST_STATES; i++) {
            next[i] = 0;
        }
        for (int from = 0; from < MOST_STATES; from++) {
            int left = from > servers ? from - servers : 0;
            for (int more = 0; left + more < MOST_STATES && more < 200; more++) {
                next[left + more] += now[from] * arrivals[more];
            }
        }
        change = 0;
        for (int i = 0; i < MOST_STATES; i++) {
            change += fabs(next[i] - now[i]);
            now[i] = next[i];
        }
    }
    struct queue out = {0, 0, 0};
    for (int i = 0; i < MOST_STATES; i++) {
        out.mean += i > servers ? (i - servers) * now[i] / load : 0;
        out.within += i < 2 * servers ? now[i] : 0;
        out.at_once += i < servers ? now[i] : 0;
    }
    return out;
}

static struct queue queue_of(bool is_md, double load, int servers)
{
    return is_md ? mdc(load, servers) : mmc(load, servers);
}

enum sizing_level { LEVEL_MEAN, LEVEL_WITHIN, LEVEL_AT_ONCE };

struct sizing {
    bool is_md;
    enum sizing_level level;
    double load; /* Erlangs */
    double use;  /* the answer is about so busy */
};

/* A level between what the answer and the next smaller number of servers give. */
static double level_for(const struct sizing *sizing, int servers)
{
    struct queue own = queue_of(sizing->is_md, sizing->load, servers);
    bool has_less = servers - 1 > sizing->load;
    struct queue less = has_less
                            ? queue_of(sizing->is_md, sizing->load, servers - 1)
                            : (struct queue){own.mean * 4, own.within * 0.8, own.at_once * 0.8};
    return sizing->level == LEVEL_WITHIN    ? (own.within + less.within) / 2
           : sizing->level == LEVEL_AT_ONCE ? (own.at_once + less.at_once) / 2
                                            : sqrt(own.mean * less.mean);
}

/* One question; true: the formula's answer. */
static bool size_one(const struct sizing *sizing, uint64_t seed)
{
    int servers = (int)ceil(sizing->load / sizing->use);
    double level = level_for(sizing, servers);
    struct text model = {0};
    struct text study = {0};
    text_addf(&model,
              "{\"name\": \"queue\", \"arrivals\": {\"interarrival\": {\"family\": "
              "\"exponential\", \"mean\": %.17g}}, \"sizes\": {\"classes\": [{\"gpus\": 1, "
              "\"weight\": 1}]}, \"durations\": {\"distribution\": {\"family\": \"%s\", \"%s\": "
              "%.17g}}}",
              MEAN_S / sizing->load, sizing->is_md ? "constant" : "exponential",
              sizing->is_md ? "value" : "mean", MEAN_S);
    text_addf(&study,
              "{\"demand\": {}, \"policies\": [\"fifo\"], \"replications\": 40, \"warmup_s\": "
              "%.17g, \"cluster\": {\"pools\": [{\"name\": \"n\", \"gpus\": 1, \"price_per_hour\": "
              "1, \"nodes\": {\"from\": 1, \"to\": %d}}]}, \"levels\": [{\"of\": \"wait_s\", ",
              2000 * MEAN_S / sizing->load, servers * 4);
    if (sizing->level != LEVEL_MEAN) {
        text_addf(&study, "\"share\": %.17g, \"at_most\": %.17g}]}", level,
                  sizing->level == LEVEL_WITHIN ? MEAN_S : 0);
    } else {
        text_addf(&study, "\"at_most\": %.17g}]}", level * MEAN_S);
    }
    struct question question;
    struct err err = {0};
    plan_candidates candidates = {0};
    struct search search;
    ask(&question, model.bytes, study.bytes, 12000, seed);
    CHECK(plan_candidates_make(&question.study, &candidates, &err));
    const struct search_terms terms = everything();
    CHECK(search_run(&search, question.bench, &question.study, &candidates, &terms, &err));
    long long found =
        search.best == SEARCH_NONE ? 0 : (long long)candidates.items[search.best].nodes[0];
    printf("%s,%g,%s,%.6g,%d,%lld,%zu,%zu\n", sizing->is_md ? "M/D/c" : "M/M/c", sizing->load,
           sizing->level == LEVEL_WITHIN    ? "share that waits at most a service time"
           : sizing->level == LEVEL_AT_ONCE ? "share that does not wait"
                                            : "mean wait in service times",
           level, servers, found, search.tried, plan_run_count(question.bench));
    (void)fflush(stdout);
    search_release(&search);
    vec_release(&candidates);
    forget(&question);
    text_release(&model);
    text_release(&study);
    return found == servers;
}

static int size_all(void)
{
    static const double loads[] = {1.5, 4, 9, 20, 45};
    /* Large systems are busier at the same wait, and hardly anybody waits long in them. */
    static const double uses[][2] = {
        {0.7, 0.85}, {0.7, 0.85}, {0.7, 0.85}, {0.85, 0.93}, {0.85, 0.93}};
    int equal = 0;
    int count = 0;
    printf("queue,load,level,goal,servers_by_formula,servers_found,candidates_run,runs\n");
    for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
        enum sizing_level tail = i < 3 ? LEVEL_WITHIN : LEVEL_AT_ONCE;
        for (size_t k = 0; k < 2; k++) {
            for (int kind = 0; kind < 4; kind++) {
                const struct sizing sizing = {kind % 2 == 1, kind / 2 == 1 ? tail : LEVEL_MEAN,
                                              loads[i], uses[i][k]};
                equal += size_one(&sizing, 1000 + (uint64_t)count) ? 1 : 0;
                count++;
            }
        }
    }
    fprintf(stderr, "sizing: %d of %d as the formula has it\n", equal, count);
    return equal >= 38 ? 0 : 1;
}

/* -- optima ---------------------------------------------------------------------------------- */

struct tally {
    int studies, answers, optimal, violated;
    double runs, enumerated;
};

static void make_texts(gsl_rng *rng, struct text *model, struct text *study)
{
    double between_s = 50 + 60 * gsl_rng_uniform(rng);
    double mean_s = 600 + 1200 * gsl_rng_uniform(rng);
    double single = 0.3 + 0.6 * gsl_rng_uniform(rng);
    double pair = (1 - single) * gsl_rng_uniform(rng);
    double gpus = (single + 2 * pair + 4 * (1 - single - pair)) * mean_s / between_s;
    double sigma = 0.3 + gsl_rng_uniform(rng);
    text_addf(model,
              "{\"name\": \"small\", \"arrivals\": {\"interarrival\": {\"family\": "
              "\"exponential\", \"mean\": %.17g}}, \"sizes\": {\"classes\": [{\"gpus\": 1, "
              "\"weight\": %.17g}, {\"gpus\": 2, \"weight\": %.17g}, {\"gpus\": 4, \"weight\": "
              "%.17g}]}, \"durations\": {\"distribution\": {\"family\": \"lognormal\", \"mu\": "
              "%.17g, \"sigma\": %.17g}}}",
              between_s, single, pair, 1 - single - pair, log(mean_s) - sigma * sigma / 2, sigma);
    long most_large = lround(gpus / 8 * 1.4) + 2;
    long most_small = lround(gpus / 4 * 0.8) + 2;
    double dear = 1 + 0.5 * gsl_rng_uniform(rng);
    double wait_s = mean_s * (0.05 + 0.5 * gsl_rng_uniform(rng));
    double share = 0.8 + 0.18 * gsl_rng_uniform(rng);
    text_addf(
        study,
        "{\"demand\": {}, \"policies\": [\"fifo\", \"sjf\"], \"replications\": 40, "
        "\"warmup_s\": %.17g, \"cluster\": {\"pools\": [{\"name\": \"large\", \"gpus\": 8, "
        "\"price_per_hour\": 8, \"nodes\": {\"from\": 0, \"to\": %ld}}, {\"name\": \"small\", "
        "\"gpus\": 4, \"price_per_hour\": %.4f, \"nodes\": {\"from\": 0, \"to\": %ld}}]}, "
        "\"levels\": [{\"of\": \"wait_s\", \"share\": %.4f, \"at_most\": %.17g}]}",
        between_s * 100, most_large, 4 * dear, most_small, share, wait_s);
}

/* The cheapest that keeps the level when every candidate is run on every replication. */
static size_t enumerate(struct question *question, const plan_candidates *candidates)
{
    struct err err = {0};
    size_t best = SEARCH_NONE;
    for (size_t i = 0; i < candidates->count; i++) {
        const struct plan_tried *tried =
            plan_try(question->bench, &candidates->items[i], &plan_as_it_is,
                     question->study.replications, &err);
        CHECK(tried != NULL);
        if (best == SEARCH_NONE &&
            search_judge(question->bench, &question->study, tried, question->study.confidence,
                         SEARCH_NO_LEVEL) == SEARCH_KEEPS) {
            best = i;
        }
    }
    return best;
}

/* Does the answer break its level on new replications, as far as they tell? */
static bool violates(const char *model, const char *study, const struct plan_candidate *candidate,
                     uint64_t seed)
{
    struct question fresh;
    struct err err = {0};
    ask(&fresh, model, study, 1200, seed);
    const struct plan_tried *tried = plan_try(fresh.bench, candidate, &plan_as_it_is, FRESH, &err);
    CHECK(tried != NULL);
    bool broken = plan_level_of(fresh.bench, tried, 0, 0.95).margin < 0;
    forget(&fresh);
    return broken;
}

static void study_one(uint64_t number, struct tally *tally)
{
    gsl_rng *rng = rng_new(7, "planted study", number);
    struct text model = {0};
    struct text study = {0};
    make_texts(rng, &model, &study);
    gsl_rng_free(rng);
    struct question question;
    struct err err = {0};
    plan_candidates candidates = {0};
    struct search search;
    ask(&question, model.bytes, study.bytes, 1200, number);
    CHECK(plan_candidates_make(&question.study, &candidates, &err));
    const struct search_terms terms = everything();
    CHECK(search_run(&search, question.bench, &question.study, &candidates, &terms, &err));
    size_t runs = plan_run_count(question.bench);
    size_t best = enumerate(&question, &candidates);
    double found = search.best == SEARCH_NONE ? 0 : candidates.items[search.best].spend;
    double least = best == SEARCH_NONE ? 0 : candidates.items[best].spend;
    bool optimal = (search.best == SEARCH_NONE) == (best == SEARCH_NONE) && found <= least * 1.01;
    bool broken =
        search.best != SEARCH_NONE &&
        violates(model.bytes, study.bytes, &candidates.items[search.best], number + 1000000);
    size_t enumerated = candidates.count * question.study.replications;
    printf("%llu,%zu,%.6g,%.6g,%d,%d,%zu,%zu\n", (unsigned long long)number, candidates.count,
           found / 1e6, least / 1e6, optimal, broken, runs, enumerated);
    (void)fflush(stdout);
    tally->studies++;
    tally->answers += search.best != SEARCH_NONE;
    tally->optimal += optimal;
    tally->violated += broken;
    tally->runs += (double)runs;
    tally->enumerated += (double)enumerated;
    search_release(&search);
    vec_release(&candidates);
    forget(&question);
    text_release(&model);
    text_release(&study);
}

static int study_all(int64_t studies)
{
    struct tally tally = {0};
    printf("study,candidates,cost_found,cost_least,optimal,violated,runs,runs_of_enumeration\n");
    for (int64_t i = 1; i <= studies; i++) {
        study_one((uint64_t)i, &tally);
    }
    /* As many violations as luck gives in one of a hundred such tables, each with 5 %. */
    int allowed = 0;
    while (gsl_cdf_binomial_P((unsigned)allowed, 0.05, (unsigned)tally.answers) < 0.99) {
        allowed++;
    }
    fprintf(stderr,
            "optima: %d of %d within 1 %% of the least cost; %d of %d answers broken on new "
            "replications (luck: up to %d); %.1f %% of the runs\n",
            tally.optimal, tally.studies, tally.violated, tally.answers, allowed,
            100 * tally.runs / tally.enumerated);
    return tally.optimal >= 0.95 * tally.studies && tally.violated <= allowed &&
                   tally.runs < 0.1 * tally.enumerated
               ? 0
               : 1;
}

int main(int argc, char **argv)
{
    int64_t studies = 0;
    if (argc == 2 && strcmp(argv[1], "sizing") == 0) {
        return size_all();
    }
    if (argc == 3 && strcmp(argv[1], "optima") == 0 &&
        parse_i64(view_of(argv[2]), &studies) == PARSE_OK) {
        return study_all(studies);
    }
    fprintf(stderr, "usage: plans sizing | plans optima STUDIES\n");
    return 2;
}
