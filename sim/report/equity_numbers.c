/* equity_numbers.c - numbers over all queues, their table and lines; see equity.h. */
#include <math.h>

#include "sim/report/equity.h"

static const char *const window_names[EQUITY_WINDOWS] = {"5min", "1h", "24h"};

/* A queue that seldom waits has no claim that could be hurt. */
static bool counts(const struct equity *equity, const struct equity_queue *queue)
{
    return queue->backlog_us > 0 && queue->backlog_fair > 0 &&
           queue->backlog_us >= 0.05 * (double)equity->now_us;
}

static double ratio_of(const struct equity_queue *queue)
{
    return queue->backlog_held / queue->backlog_fair;
}

static void add_spread(const struct equity *equity, struct equity_numbers *out)
{
    double sum = 0;
    double squares = 0;
    double differences = 0;
    out->least = (double)INFINITY;
    for (uint32_t i = 0; i < equity->queue_count; i++) {
        const struct equity_queue *queue = &equity->queues[i];
        if (!counts(equity, queue)) {
            continue;
        }
        double x = ratio_of(queue);
        out->tenants++;
        sum += x;
        squares += x * x;
        out->least = fmin(out->least, x);
        out->most = fmax(out->most, x);
        for (uint32_t k = 0; k < i; k++) {
            differences +=
                counts(equity, &equity->queues[k]) ? fabs(x - ratio_of(&equity->queues[k])) : 0;
        }
    }
    double count = out->tenants;
    out->least = out->tenants > 0 ? out->least : 0;
    out->jain = squares > 0 ? sum * sum / (count * squares) : 1;
    out->gini = sum > 0 ? differences / (count * sum) : 0;
}

static void add_errors(const struct equity *equity, struct equity_numbers *out)
{
    for (int k = 0; k < EQUITY_WINDOWS; k++) {
        double sum = 0;
        double windows = 0;
        for (uint32_t i = 0; i < equity->queue_count; i++) {
            const struct equity_window *window = &equity->queues[i].windows[k];
            sum += window->sum;
            windows += window->count;
            out->most_error_gpus[k] = fmax(out->most_error_gpus[k], window->most);
        }
        out->error_gpus[k] = windows > 0 ? sum / windows : 0;
    }
}

/* What queue i could have used, hour by hour, of what queue k held, for its weight. */
static double use_of(const struct equity_queue *i, const struct equity_queue *k)
{
    double scale = i->weight / k->weight;
    double sum = 0;
    for (size_t hour = 0; hour < i->hours.count && hour < k->hours.count; hour += 2) {
        sum += fmin(k->hours.items[hour] * scale, i->hours.items[hour + 1]);
    }
    return sum;
}

static void add_envy(const struct equity *equity, struct equity_numbers *out)
{
    out->most_envy = 1;
    for (uint32_t i = 0; i < equity->queue_count; i++) {
        const struct equity_queue *queue = &equity->queues[i];
        double own = queue->held_gpu_us / 3600e6;
        for (uint32_t k = 0; own > 0 && k < equity->queue_count; k++) {
            double gain = use_of(queue, &equity->queues[k]) / own;
            if (k != i && gain > 1 + 1e-9) {
                out->envious_pairs++;
                out->most_envy = fmax(out->most_envy, gain);
            }
        }
    }
}

struct equity_numbers equity_numbers(const struct equity *equity)
{
    struct equity_numbers out = {0};
    add_spread(equity, &out);
    add_errors(equity, &out);
    add_envy(equity, &out);
    out.drf_gap = equity->gap_time_us > 0 ? equity->gap_us / equity->gap_time_us : 0;
    out.most_drf_gap = equity->most_gap;
    for (uint32_t i = 0; i < equity->queue_count; i++) {
        const struct equity_queue *queue = &equity->queues[i];
        out.most_owed_gpu_hours = fmax(out.most_owed_gpu_hours, queue->most_owed_gpu_us / 3600e6);
        out.longest_short_s = fmax(out.longest_short_s, queue->longest_short_us / 1e6);
        out.over_quota_gpu_hours += queue->quota > 0 ? queue->over_quota_gpu_us / 3600e6 : 0;
    }
    return out;
}

static void set(json_t *object, const char *key, double value)
{
    (void)json_object_set_new(object, key, isfinite(value) ? json_real(value) : json_null());
}

json_t *equity_json(const struct equity_numbers *numbers)
{
    json_t *object = json_object();
    (void)json_object_set_new(object, "queues_backlogged", json_integer(numbers->tenants));
    set(object, "jain", numbers->jain);
    set(object, "gini", numbers->gini);
    set(object, "least_of_fair", numbers->least);
    set(object, "most_of_fair", numbers->most);
    set(object, "drf_gap", numbers->drf_gap);
    set(object, "drf_gap_max", numbers->most_drf_gap);
    json_t *errors = json_object();
    json_t *most = json_object();
    for (int k = 0; k < EQUITY_WINDOWS; k++) {
        set(errors, window_names[k], numbers->error_gpus[k]);
        set(most, window_names[k], numbers->most_error_gpus[k]);
    }
    (void)json_object_set_new(object, "share_error_gpus", errors);
    (void)json_object_set_new(object, "share_error_gpus_max", most);
    set(object, "service_lag_gpu_hours_max", numbers->most_owed_gpu_hours);
    set(object, "below_quota_s_max", numbers->longest_short_s);
    set(object, "over_quota_gpu_hours", numbers->over_quota_gpu_hours);
    (void)json_object_set_new(object, "envious_pairs", json_integer(numbers->envious_pairs));
    set(object, "envy_max", numbers->most_envy);
    return object;
}

void equity_add_rows(struct text *out, const struct equity *equity)
{
    text_add(out, "queue,weight,quota_gpus,held_gpu_hours,fair_gpu_hours,wanted_gpu_hours,"
                  "backlogged_h,held_of_fair,lag_gpu_hours_max,below_quota_s_max,"
                  "over_quota_gpu_hours,error_5min,error_1h,error_24h\n");
    for (uint32_t i = 0; i < equity->queue_count; i++) {
        const struct equity_queue *queue = &equity->queues[i];
        if (!(queue->wanted_gpu_us > 0)) {
            continue;
        }
        text_add_csv(out, names_get(&equity->workload->queues, i));
        text_addf(out, ",%.12g,%.12g,%.12g,%.12g,%.12g,%.12g,", queue->weight,
                  isfinite(queue->quota) ? queue->quota : -1, queue->held_gpu_us / 3600e6,
                  queue->fair_gpu_us / 3600e6, queue->wanted_gpu_us / 3600e6,
                  queue->backlog_us / 3600e6);
        if (queue->backlog_fair > 0) {
            text_addf(out, "%.12g", ratio_of(queue));
        }
        text_addf(out, ",%.12g,%.12g,%.12g", queue->most_owed_gpu_us / 3600e6,
                  queue->longest_short_us / 1e6, queue->over_quota_gpu_us / 3600e6);
        for (int k = 0; k < EQUITY_WINDOWS; k++) {
            const struct equity_window *window = &queue->windows[k];
            text_addf(out, ",%.12g", window->count > 0 ? window->sum / window->count : 0);
        }
        text_add_char(out, '\n');
    }
}

void equity_print(struct text *out, const struct equity_numbers *numbers)
{
    text_addf(out,
              "\nFairness among queues (held against a weighted max-min share)\n"
              "  Jain %.3f, Gini %.3f over %u queues that wait; they held %.2f to %.2f of their "
              "share\n"
              "  share error %.1f GPUs over 5 min, %.1f over 1 h, %.1f over 24 h; owed at most "
              "%.0f GPU-hours\n"
              "  dominant shares %.3f apart (at most %.3f); %u envious pairs, by up to %.2f "
              "times\n",
              numbers->jain, numbers->gini, numbers->tenants, numbers->least, numbers->most,
              numbers->error_gpus[0], numbers->error_gpus[1], numbers->error_gpus[2],
              numbers->most_owed_gpu_hours, numbers->drf_gap, numbers->most_drf_gap,
              numbers->envious_pairs, numbers->most_envy);
    if (numbers->longest_short_s > 0) {
        text_addf(out, "  a queue that waited was below its quota for up to %.0f s\n",
                  numbers->longest_short_s);
    }
}
