/* cells.c - see cells.h. */
#include "sim/plan/cells.h"

#include <math.h>

json_t *cell_json(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

void cell_add_csv(struct text *out, double value)
{
    text_add_char(out, ',');
    if (isfinite(value)) {
        text_addf(out, "%.15g", value);
    }
}
