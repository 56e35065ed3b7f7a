/* node_figure.c - the map of nodes and time, darker where more GPUs are allocated; see figures.h.
 */
#include <inttypes.h>
#include <stdio.h>

#include "sim/report/figures.h"
#include "sim/report/node_use.h"

enum {
    MAP_HEIGHT = 360, /* about; rows are whole pixels */
    ROW_MOST = 18,
    ROW_LEAST = 5,
    LABEL_HEIGHT = 15,
    FRAME_HEIGHT = 110, /* axis and legend */
};

/* The first node of every so many rows, as many as there is room for. */
static void add_labels(struct text *script, const struct node_use *use, uint32_t row_height)
{
    uint32_t apart = (LABEL_HEIGHT + row_height - 1) / row_height;
    const char *separator = "";
    text_add(script, "set ytics noenhanced scale 0 (");
    for (uint32_t row = 0; row < use->rows.count; row += apart) {
        const struct node_use_row *own = &use->rows.items[row];
        text_add(script, separator);
        figure_add_name(script, use->cluster->nodes.items[own->first_node].name);
        text_addf(script, " %" PRIu32, row);
        separator = ", ";
    }
    text_add(script, ")\n");
}

static void add_data(struct text *script, const struct node_use *use)
{
    text_add(script, "$data << EOD\n");
    for (uint32_t row = 0; row < use->rows.count; row++) {
        for (uint32_t step = 0; step < profile_used(&use->profile); step++) {
            text_addf(script, step > 0 ? " %.3g" : "%.3g", node_use_share(use, row, step) * 100);
        }
        text_add_char(script, '\n');
    }
    text_add(script, "EOD\n");
}

static bool is_any_used(const struct node_use *use)
{
    for (uint32_t row = 0; row < use->rows.count; row++) {
        for (uint32_t step = 0; step < profile_used(&use->profile); step++) {
            if (profile_peak(&use->profile, row, step) > 0) {
                return true;
            }
        }
    }
    return false;
}

bool figure_nodes(struct text *script, const struct page *page)
{
    const struct node_use *use = page->node_use;
    uint32_t rows = (uint32_t)use->rows.count;
    if (rows < 2 || profile_used(&use->profile) < 2 || !is_any_used(use)) {
        return false;
    }
    uint32_t fitting = MAP_HEIGHT / rows;
    uint32_t row_height = fitting > ROW_MOST ? ROW_MOST : fitting < ROW_LEAST ? ROW_LEAST : fitting;
    char nodes[32] = "";
    if (use->nodes_a_row > 1) {
        (void)snprintf(nodes, sizeof(nodes), "%" PRIu32 " nodes a row", use->nodes_a_row);
    }
    figure_begin_time(script, "nodes", (int)(FRAME_HEIGHT + rows * row_height), nodes,
                      &use->profile);
    text_addf(script,
              "unset grid\nset xtics scale 0\nset border 0\nset yrange [%" PRIu32 ".5:-0.5]\n"
              "set palette defined (0 '#f4f4f2', 0.5 '#56b4e9', 1 '#08306b')\n"
              "set cbrange [0:100]\nset cblabel '%% of GPUs allocated'\n"
              "set colorbox noborder\nset key off\n",
              rows - 1);
    add_labels(script, use, row_height);
    add_data(script, use);
    double width = figure_bucket_start(&use->profile, 1);
    text_addf(script, "plot $data matrix using (($1 + 0.5) * %.9g):2:3 with image\n", width);
    return true;
}
