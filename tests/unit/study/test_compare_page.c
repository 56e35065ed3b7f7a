/* test_compare_page.c - a page has its verdicts, and every figure is a script that gnuplot takes.
 */
#include <criterion/criterion.h>

#include "sim/study/compare_page.h"
#include "world.h"

static void make(struct study_world *world, struct compare *compare)
{
    struct err err = {0};
    study_world_init(world, "users", "16x8", 300);
    study_world_add(world, "fifo");
    study_world_add(world, "srtf");
    study_world_add(world, "easy");
    struct compare_settings settings = {.replications = 4, .level = 0.95, .seed = 1};
    compare_init(compare, &world->plan, &settings);
    cr_assert(compare_run(compare, &err), "%s", err.msg);
    compare_judge(compare);
}

static bool has(const struct text *text, const char *words)
{
    return strstr(text->bytes, words) != NULL;
}

Test(compare_page, names_policies_verdicts_and_settings)
{
    struct study_world world;
    struct compare compare;
    struct out_folder folder;
    struct err err = {0};
    make(&world, &compare);
    cr_assert(out_folder_open(&folder, "build/test-compare-page", &err), "%s", err.msg);
    json_t *settings = json_pack("{s:s}", "program", "<none>");
    struct text page = {0};
    compare_add_page(&page, &compare, settings, &folder);
    cr_assert(has(&page, "Against fifo"));
    cr_assert(has(&page, "All metrics at an offered load"));
    cr_assert(has(&page, "mean wait, queue"), "groups have rows");
    cr_assert(has(&page, "&lt;none&gt;"), "settings are escaped");
    cr_assert(has(&page, "<svg") || has(&page, "they need gnuplot"));
    cr_assert(has(&page, "default-src 'none'") && !has(&page, "src="), "nothing from elsewhere");
    text_release(&page);
    json_decref(settings);
    out_folder_abandon(&folder);
    compare_release(&compare);
    study_world_release(&world);
}

Test(compare_page, every_figure_has_data_for_every_policy_in_it)
{
    struct study_world world;
    struct compare compare;
    make(&world, &compare);
    for (size_t i = 0; compare_figures[i].name != NULL; i++) {
        struct text script = {0};
        if (strcmp(compare_figures[i].name, "tornado") == 0) {
            cr_assert_not(compare_figures[i].script(&script, &compare), "there are no variants");
            continue;
        }
        cr_assert(compare_figures[i].script(&script, &compare), "%s", compare_figures[i].name);
        cr_assert(has(&script, "set terminal svg"));
        cr_assert(has(&script, "$p1 << EOD") && has(&script, "$p2 << EOD"));
        cr_assert(has(&script, "title \"srtf\""), "%s", script.bytes);
        text_release(&script);
    }
    compare_release(&compare);
    study_world_release(&world);
}
