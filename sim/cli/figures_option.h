/*
 * figures_option.h - the option of commands that write a page: its figures as files, too.
 */
#ifndef CLI_FIGURES_OPTION_H
#define CLI_FIGURES_OPTION_H

#include "sim/cli/cli.h"

#define CLI_FIGURES_OPTION                                                                         \
    {                                                                                              \
        "--figures", "KINDS", NULL,                                                                \
            "with --report: figures as files, too: of svg, png, pdf, as in png,pdf", false         \
    }

/* The set of enum figure_format that is asked for; none without the option. False when it is asked
 * for in vain: without --report, or of kinds that gnuplot cannot draw here. */
bool cli_figure_formats(const struct cli_args *args, unsigned *out, struct err *err);

#endif
