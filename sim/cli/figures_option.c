/* figures_option.c - see figures_option.h. */
#include "sim/cli/figures_option.h"

#include "sim/report/draw.h"

bool cli_figure_formats(const struct cli_args *args, unsigned *out, struct err *err)
{
    const char *list = cli_value(args, "--figures");
    *out = 0;
    if (list != NULL && !cli_flag(args, "--report")) {
        return err_set(err, ERR_USAGE, 0, "--figures needs --report");
    }
    return list == NULL || figure_read_formats(list, out, err);
}
