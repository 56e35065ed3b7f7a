/* allocation.c - see allocation.h. */
#include "policies/lib/allocation.h"

#include <math.h>
#include <setjmp.h>

#include <glpk.h>

#include "sim/base/check.h"
#include "sim/base/rng.h"

enum { MOST_HALVINGS = 40, MOST_PIVOTS = 1000000 };

/* A program over x[j][k], and one more column for a bound that is to be raised. */
struct program {
    struct rounds *rounds;
    const struct allocation *allocation;
    glp_prob *lp;
    size_t jobs;
    uint32_t types;
    double *speeds;       /* steps a second by job and type, as the goal sees them */
    double *alone;        /* steps a second on a share of one's own */
    double *elapsed_s;    /* since submission */
    double *least;        /* scratch: what each job is to have */
    int *columns;         /* scratch, from 1 as GLPK counts */
    double *coefficients; /* same */
};

static double gpus_of(const struct rounds *rounds, size_t job)
{
    return (double)rounds->jobs.items[job].size_milli / 1000.0;
}

/* -- allocations without a program ----------------------------------------------------------- */

/* Each type dealt to all jobs alike, never more than all of a job's time. The order of operations
 * is that of the source: ties between jobs depend on it. */
static double share_of(const struct rounds *rounds, size_t job, uint32_t type, bool by_size)
{
    double jobs = (double)rounds->jobs.count;
    double size = by_size ? gpus_of(rounds, job) : 1;
    double sum = 0;
    for (uint32_t k = 0; k < rounds->type_count; k++) {
        sum += (double)rounds->types[k].milli / 1000.0 / jobs / size;
    }
    double x = (double)rounds->types[type].milli / 1000.0 / jobs / size;
    return sum > 1 ? x / sum : x;
}

static void take_shares(struct rounds *rounds, bool by_size)
{
    for (size_t i = 0; i < rounds->jobs.count; i++) {
        for (uint32_t k = 0; k < rounds->type_count; k++) {
            rounds_cells(rounds, i)[k].x = share_of(rounds, i, k, by_size);
        }
    }
}

/* -- the program ----------------------------------------------------------------------------- */

static int column_of(const struct program *program, size_t job, uint32_t type)
{
    bool reversed = program->allocation->last_first && job < program->jobs;
    size_t place = reversed ? program->jobs - 1 - job : job;
    return (int)(place * program->types + type) + 1;
}

static double speed_of(const struct program *program, size_t job, uint32_t type)
{
    return program->speeds[job * program->types + type];
}

static void add_limits(struct program *program)
{
    glp_prob *lp = program->lp;
    int row = glp_add_rows(lp, (int)(program->types + program->jobs));
    for (uint32_t k = 0; k < program->types; k++, row++) {
        for (size_t j = 0; j < program->jobs; j++) {
            program->columns[j + 1] = column_of(program, j, k);
            program->coefficients[j + 1] = gpus_of(program->rounds, j);
        }
        double gpus = (double)program->rounds->types[k].milli / 1000.0;
        glp_set_row_bnds(lp, row, GLP_UP, 0, gpus);
        glp_set_mat_row(lp, row, (int)program->jobs, program->columns, program->coefficients);
    }
    for (size_t j = 0; j < program->jobs; j++, row++) {
        for (uint32_t k = 0; k < program->types; k++) {
            program->columns[k + 1] = column_of(program, j, k);
            program->coefficients[k + 1] = 1;
        }
        glp_set_row_bnds(lp, row, GLP_UP, 0, 1);
        glp_set_mat_row(lp, row, (int)program->types, program->columns, program->coefficients);
    }
}

/* A row a job: factor times its throughput, less the bound times `slope`, is at least `least`. */
static int add_job_row(struct program *program, size_t job, double factor, double slope)
{
    int row = glp_add_rows(program->lp, 1);
    int count = 0;
    for (uint32_t k = 0; k < program->types; k++) {
        program->columns[++count] = column_of(program, job, k);
        program->coefficients[count] = factor * speed_of(program, job, k);
    }
    if (slope > 0) {
        program->columns[++count] = column_of(program, program->jobs, 0);
        program->coefficients[count] = -slope;
    }
    glp_set_mat_row(program->lp, row, count, program->columns, program->coefficients);
    glp_set_row_bnds(program->lp, row, GLP_LO, 0, 0);
    return row;
}

static void open_program(struct program *program, struct rounds *rounds,
                         const struct allocation *allocation, struct sched_ctx *ctx)
{
    *program = (struct program){.rounds = rounds, .allocation = allocation};
    program->jobs = rounds->jobs.count;
    program->types = rounds->type_count;
    size_t cells = program->jobs * program->types;
    program->speeds = mem_alloc(cells, sizeof(double));
    program->alone = mem_alloc(program->jobs, sizeof(double));
    program->elapsed_s = mem_alloc(program->jobs, sizeof(double));
    program->least = mem_alloc(program->jobs, sizeof(double));
    program->columns = mem_alloc(cells + program->jobs + 2, sizeof(int));
    program->coefficients = mem_alloc(cells + program->jobs + 2, sizeof(double));
    for (size_t j = 0; j < program->jobs; j++) {
        uint32_t job = rounds->jobs.items[j].job;
        double reference = sched_step_speed(ctx, job, NAMES_NONE);
        for (uint32_t k = 0; k < program->types; k++) {
            double told = rounds_cells(rounds, j)[k].steps_per_s;
            double speed = allocation->speeds || told <= 0 ? told : reference;
            program->speeds[j * program->types + k] = speed;
            bool by_size = allocation->goal == GOAL_FINISH_TIME;
            program->alone[j] += speed * share_of(rounds, j, k, by_size);
        }
        int64_t age_us = sched_now_us(ctx) - sched_job(ctx, job).submit_us;
        program->elapsed_s[j] = (double)age_us / 1e6;
    }
    program->lp = glp_create_prob();
    glp_add_cols(program->lp, (int)cells + 1);
    for (size_t j = 0; j < program->jobs; j++) {
        for (uint32_t k = 0; k < program->types; k++) {
            int bounds = speed_of(program, j, k) > 0 ? GLP_LO : GLP_FX;
            glp_set_col_bnds(program->lp, column_of(program, j, k), bounds, 0, 0);
        }
    }
    glp_set_col_bnds(program->lp, (int)cells + 1, GLP_FX, 0, 0);
    add_limits(program);
}

static void close_program(struct program *program)
{
    glp_free_env(); /* this thread's, with the program in it, whatever state it is in */
    free(program->speeds);
    free(program->alone);
    free(program->elapsed_s);
    free(program->least);
    free(program->columns);
    free(program->coefficients);
}

/* One simplex from the given basis; false: no optimum. */
static bool run_simplex(struct program *program)
{
    glp_smcp settings;
    glp_init_smcp(&settings);
    settings.msg_lev = GLP_MSG_OFF;
    settings.it_lim = MOST_PIVOTS;
    settings.meth = program->allocation->dual ? GLP_DUAL : GLP_PRIMAL;
    settings.presolve = program->allocation->presolve ? GLP_ON : GLP_OFF;
    glp_set_obj_dir(program->lp, GLP_MAX);
    return glp_simplex(program->lp, &settings) == 0 && glp_get_status(program->lp) == GLP_OPT;
}

static void take_over(struct program *program)
{
    for (size_t j = 0; j < program->jobs; j++) {
        for (uint32_t k = 0; k < program->types; k++) {
            double x = glp_get_col_prim(program->lp, column_of(program, j, k));
            rounds_cells(program->rounds, j)[k].x = x < 1e-12 ? 0 : x > 1 ? 1 : x;
        }
    }
}

/* Solves it from scratch; the allocation is taken over when an optimum was found. */
static bool solve(struct program *program)
{
    glp_std_basis(program->lp);
    bool solved = run_simplex(program);
    if (solved) {
        take_over(program);
    }
    return solved;
}

/* Another of the optima: of those whose objective is as great but for a thousand-millionth, the one
 * that is greatest in directions drawn at random. For showing how much the choice matters. */
static void take_another(struct program *program)
{
    glp_prob *lp = program->lp;
    int columns = glp_get_num_cols(lp);
    int count = 0;
    double optimum = 0;
    for (int i = 1; i <= columns; i++) {
        double coefficient = glp_get_obj_coef(lp, i);
        optimum += coefficient * glp_get_col_prim(lp, i);
        if (coefficient > 0 || coefficient < 0) {
            program->columns[++count] = i;
            program->coefficients[count] = coefficient;
        }
    }
    if (count > 0) {
        int row = glp_add_rows(lp, 1);
        glp_set_mat_row(lp, row, count, program->columns, program->coefficients);
        glp_set_row_bnds(lp, row, GLP_LO, optimum - 1e-9 * fabs(optimum), 0);
    }
    gsl_rng *rng = rng_new(program->allocation->other, "optimum", program->allocation->drawn);
    for (int i = 1; i <= columns; i++) {
        double towards = gsl_rng_uniform(rng) - 0.5;
        glp_set_obj_coef(lp, i, i < columns ? towards : 0);
    }
    gsl_rng_free(rng);
    if (run_simplex(program)) {
        take_over(program);
    }
}

/* -- goals ----------------------------------------------------------------------------------- */

static bool solve_max_min(struct program *program)
{
    int bound = column_of(program, program->jobs, 0);
    glp_set_col_bnds(program->lp, bound, GLP_LO, 0, 0);
    glp_set_obj_coef(program->lp, bound, 1);
    for (size_t j = 0; j < program->jobs; j++) {
        double normal = program->allocation->speeds ? program->alone[j] : speed_of(program, j, 0);
        for (uint32_t k = 1; !program->allocation->speeds && normal <= 0 && k < program->types;
             k++) {
            normal = speed_of(program, j, k);
        }
        (void)add_job_row(program, j, gpus_of(program->rounds, j) / normal, 1);
    }
    return solve(program);
}

static bool solve_max_sum(struct program *program)
{
    for (size_t j = 0; j < program->jobs; j++) {
        for (uint32_t k = 0; k < program->types; k++) {
            glp_set_obj_coef(program->lp, column_of(program, j, k), speed_of(program, j, k));
        }
    }
    return solve(program);
}

/* Can every job make `least` steps a second? */
static bool is_feasible(struct program *program, int first_row, const double *least)
{
    for (size_t j = 0; j < program->jobs; j++) {
        glp_set_row_bnds(program->lp, first_row + (int)j, GLP_LO, least[j], 0);
    }
    return solve(program);
}

/* The search is over: the allocation with these least speeds, where another one is wanted. */
static bool settle_on(struct program *program, int first_row, const double *least)
{
    return program->allocation->other == 0 || is_feasible(program, first_row, least);
}

static int add_throughput_rows(struct program *program)
{
    int first = glp_get_num_rows(program->lp) + 1;
    for (size_t j = 0; j < program->jobs; j++) {
        (void)add_job_row(program, j, 1, 0);
    }
    return first;
}

/* The published search for the shortest T, with its limits and its precision of a twentieth. */
static bool solve_makespan(struct program *program)
{
    int first = add_throughput_rows(program);
    double *least = program->least;
    double low_s = 100;
    double high_s = 1e6;
    double last_high_s = high_s;
    double best_s = high_s;
    bool found = false;
    for (uint32_t tries = 0; !found && tries < MOST_HALVINGS; tries++) {
        while (1.05 * low_s < high_s) {
            double middle_s = (low_s + high_s) / 2;
            for (size_t j = 0; j < program->jobs; j++) {
                least[j] = program->rounds->jobs.items[j].steps_left / middle_s;
            }
            bool feasible = is_feasible(program, first, least);
            found = found || feasible;
            *(feasible ? &high_s : &low_s) = middle_s;
            best_s = feasible ? middle_s : best_s;
        }
        high_s = last_high_s * 10;
        low_s = last_high_s;
        last_high_s *= 10;
    }
    for (size_t j = 0; j < program->jobs; j++) {
        least[j] = program->rounds->jobs.items[j].steps_left / best_s;
    }
    found = found && settle_on(program, first, least);
    return found;
}

/* Throughput with which each job ends within `ratio` of its time alone; false: it is too late. */
static bool needs_for(const struct program *program, double ratio, double *least)
{
    for (size_t j = 0; j < program->jobs; j++) {
        const struct rounds_job *job = &program->rounds->jobs.items[j];
        double alone_s = job->alone_s + job->steps_left / program->alone[j];
        double left_s = ratio * alone_s - program->elapsed_s[j];
        if (left_s <= 0) {
            return false; /* even with no step left: it has not ended */
        }
        least[j] = job->steps_left > 0 ? job->steps_left / left_s : 0;
    }
    return true;
}

static bool solve_finish_time(struct program *program)
{
    int first = add_throughput_rows(program);
    double *least = program->least;
    double low = 0;
    double high = 1;
    bool found = false;
    for (uint32_t i = 0; !found && i < MOST_HALVINGS; i++) {
        found = needs_for(program, high, least) && is_feasible(program, first, least);
        low = found ? low : high;
        high = found ? high : high * 2;
    }
    for (uint32_t i = 0; found && i < MOST_HALVINGS && high - low > 1e-9 * high; i++) {
        double middle = (low + high) / 2;
        bool feasible = needs_for(program, middle, least) && is_feasible(program, first, least);
        *(feasible ? &high : &low) = middle;
    }
    found = found && needs_for(program, high, least) && settle_on(program, first, least);
    return found;
}

/* How long the work so far takes on a share of one's own, with the shares as they were. */
static void account_alone(struct program *program, struct sched_ctx *ctx)
{
    for (size_t j = 0; j < program->jobs; j++) {
        struct rounds_job *job = &program->rounds->jobs.items[j];
        double left_us = (double)sched_remaining_us(ctx, job->job);
        double left = round(left_us / 1e6 * sched_step_speed(ctx, job->job, NAMES_NONE));
        left = job->no_steps ? -(double)job->past_steps : left;
        if (job->has_x && job->alone_steps_per_s > 0) {
            job->alone_s += (job->steps_left - left) / job->alone_steps_per_s;
        }
        job->steps_left = left;
        job->alone_steps_per_s = program->alone[j];
    }
}

/* Without speeds all types are one, and how a job's time is split between them is left open: in
 * proportion to their GPUs, which every total that fits allows. */
static void even_out(struct program *program)
{
    double gpus = 0;
    for (uint32_t k = 0; k < program->types; k++) {
        gpus += (double)program->rounds->types[k].milli;
    }
    for (size_t j = 0; j < program->jobs; j++) {
        struct rounds_cell *cells = rounds_cells(program->rounds, j);
        double sum = 0;
        bool anywhere = true;
        for (uint32_t k = 0; k < program->types; k++) {
            sum += cells[k].x;
            anywhere = anywhere && cells[k].steps_per_s > 0;
        }
        for (uint32_t k = 0; anywhere && k < program->types; k++) {
            cells[k].x = sum * (double)program->rounds->types[k].milli / gpus;
        }
    }
}

static bool solve_goal(struct program *program)
{
    switch (program->allocation->goal) {
    case GOAL_MAX_MIN:
        return solve_max_min(program);
    case GOAL_FINISH_TIME:
        return solve_finish_time(program);
    case GOAL_MAX_SUM:
        return solve_max_sum(program);
    case GOAL_MAKESPAN:
        return solve_makespan(program);
    case GOAL_PROPORTIONAL:
    case GOAL_ISOLATED:
        break;
    }
    return false;
}

/* -- GLPK's own errors ----------------------------------------------------------------------- */

static int say_nothing(void *info, const char *text)
{
    (void)info;
    (void)text;
    return 1;
}

static void go_back(void *info)
{
    longjmp(*(jmp_buf *)info, 1);
}

/* Solves and takes over. GLPK ends the process when an assertion of its own fails, as its simplex
 * does on numbers far apart: here that is a program without a solution. What it leaves behind can
 * only be freed. */
static bool solve_guarded(struct program *program)
{
    jmp_buf back;
    glp_term_hook(say_nothing, NULL);
    glp_error_hook(go_back, &back);
    if (setjmp(back) != 0 || !solve_goal(program)) {
        return false;
    }
    if (program->allocation->other != 0) {
        take_another(program);
    } else if (!program->allocation->speeds && !program->allocation->split_as_solved) {
        even_out(program);
    }
    return true;
}

void allocation_compute(void *owner, struct rounds *rounds, struct sched_ctx *ctx)
{
    struct allocation *allocation = owner;
    allocation->drawn++;
    CHECK(rounds->jobs.count > 0);
    if (allocation->goal == GOAL_PROPORTIONAL || allocation->goal == GOAL_ISOLATED) {
        take_shares(rounds, allocation->goal == GOAL_ISOLATED);
        return;
    }
    struct program program;
    open_program(&program, rounds, allocation, ctx);
    if (allocation->goal == GOAL_FINISH_TIME || allocation->goal == GOAL_MAKESPAN) {
        account_alone(&program, ctx);
    }
    if (rounds_recall(rounds, ctx)) {
        close_program(&program);
        return;
    }
    if (!solve_guarded(&program)) {
        take_shares(rounds, true);
    }
    rounds_remember(rounds, ctx);
    close_program(&program);
}
