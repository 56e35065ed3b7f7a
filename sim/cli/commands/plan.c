/* plan.c - berth plan: the cheapest cluster that keeps the service levels, and how sure that is. */
#include "sim/base/file.h"
#include "sim/cli/figures_option.h"
#include "sim/cli/out_files.h"
#include "sim/cli/planning.h"
#include "sim/plan/files.h"
#include "sim/plan/quota_files.h"
#include "sim/plan/words.h"

static const struct cli_option plan_options[] = {
    PLANNING_OPTIONS,
    {"--out", "FOLDER", NULL, "write the results there; an older results folder is replaced",
     false},
    {"--report", NULL, NULL, "also write plan.html, a page with figures, and their scripts", false},
    CLI_FIGURES_OPTION,
    {.name = NULL},
};

typedef void add_file(struct text *out, const struct plan_answer *answer);

static bool write_table(const struct out_folder *folder, const char *name, add_file *add,
                        const struct plan_answer *answer, struct err *err)
{
    struct text text = {0};
    add(&text, answer);
    return out_text(folder, name, &text, err);
}

struct plan_output {
    const struct planning *planning;
    const struct plan_answer *answer;
};

static bool write_files(const struct figure_files *figures, const void *what, struct err *err)
{
    const struct plan_output *output = what;
    const struct plan_answer *answer = output->answer;
    const struct out_folder *folder = figures->folder;
    json_t *settings = planning_json(output->planning);
    bool ok = out_json(folder, "plan.json", plan_json(answer), err) &&
              write_table(folder, "candidates.csv", plan_add_candidates_csv, answer, err) &&
              write_table(folder, "ledger.csv", plan_add_ledger_csv, answer, err) &&
              write_table(folder, "sensitivity.csv", plan_add_sensitivity_csv, answer, err);
    if (ok && figures->keeps_scripts) {
        struct text page = {0};
        plan_add_page(&page, answer, settings, figures);
        ok = out_text(folder, "plan.html", &page, err);
    }
    if (!ok) {
        json_decref(settings);
        return false;
    }
    return out_json(folder, "run.json", settings, err);
}

/* -- quotas ---------------------------------------------------------------------------------- */

struct quota_output {
    const struct planning *planning;
    const struct plan_quotas_answer *answer;
};

static bool write_quota_files(const struct figure_files *figures, const void *what, struct err *err)
{
    const struct quota_output *output = what;
    const struct plan_quotas_answer *answer = output->answer;
    const struct out_folder *folder = figures->folder;
    struct text table = {0};
    struct text cluster = {0};
    json_t *settings = planning_json(output->planning);
    quota_add_csv(&table, answer);
    quota_add_cluster(&cluster, answer);
    bool ok = out_text(folder, "quotas.csv", &table, err) &&
              out_text(folder, "cluster.json", &cluster, err) &&
              out_json(folder, "quotas.json", quota_json(answer), err);
    if (ok && figures->keeps_scripts) {
        struct text page = {0};
        quota_add_page(&page, answer, settings, figures);
        ok = out_text(folder, "quotas.html", &page, err);
    }
    text_release(&table);
    text_release(&cluster);
    if (!ok) {
        json_decref(settings);
        return false;
    }
    return out_json(folder, "run.json", settings, err);
}

static bool run_quotas(const struct cli_args *args, unsigned formats, int *exit_status,
                       struct err *err)
{
    struct planning planning;
    struct plan_quotas_answer answer;
    if (!planning_read(args, PLAN_OF_QUOTAS, &planning, err)) {
        return false;
    }
    bool ok = plan_quotas_solve(&planning.study, planning.bench, &answer, err);
    progress_end(&planning.progress);
    if (ok) {
        struct text table = {0};
        quota_add_table(&table, &answer);
        const struct quota_output output = {&planning, &answer};
        ok = out_results(args, formats, write_quota_files, &output, err) && cli_print(&table, err);
        text_release(&table);
        *exit_status = plan_quotas_helps(&answer) ? EXIT_DONE : EXIT_DIFFERENT;
    }
    plan_quotas_release(&answer);
    planning_release(&planning);
    return ok;
}

static bool run_plan(const struct cli_args *args, int *exit_status, struct err *err)
{
    struct planning planning;
    unsigned formats = 0;
    if (cli_flag(args, "--report") && cli_value(args, "--out") == NULL) {
        return err_set(err, ERR_USAGE, 0, "--report needs --out FOLDER");
    }
    if (!cli_figure_formats(args, &formats, err)) {
        return false;
    }
    if (args->words.count > 0 && strcmp(args->words.items[0], "quotas") == 0) {
        return run_quotas(args, formats, exit_status, err);
    }
    if (!planning_read(args, PLAN_OF_NODES, &planning, err)) {
        return false;
    }
    struct plan_answer answer;
    bool ok = plan_solve(&planning.study, planning.bench, &answer, err);
    progress_end(&planning.progress);
    if (ok) {
        struct text table = {0};
        plan_add_table(&table, &answer);
        const struct plan_output output = {&planning, &answer};
        ok = out_results(args, formats, write_files, &output, err) && cli_print(&table, err);
        text_release(&table);
        *exit_status = answer.found ? EXIT_DONE : EXIT_DIFFERENT;
    }
    plan_answer_release(&answer);
    planning_release(&planning);
    return ok;
}

extern const struct cli_command cli_command_plan;
const struct cli_command cli_command_plan = {
    .name = "plan",
    .usage = "[quotas] STUDY.json [--out FOLDER] [options]",
    .help = "the cheapest cluster that keeps service levels, and what would change the answer",
    .details =
        "STUDY.json names the demand, the pools (how many nodes from and to), the policies, the\n"
        "service levels and what is to be least: sim/plan/README.md and results/plan. Finished\n"
        "runs are remembered beside the folder, so a search that was stopped goes on, and the\n"
        "next question is cheap. Exit status 1: no candidate keeps every level.\n"
        "'berth plan quotas STUDY.json' finds, for the cluster as it is, quotas, limits and "
        "weights\n"
        "by which the worst-off queue loses least. Exit status 1: nothing is better than now.",
    .options = plan_options,
    .run = run_plan,
};
