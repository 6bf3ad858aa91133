/* What a figure shows: the axis of collisions, the records worth drawing, one state of many. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "plot.h"
#include "si.h"

const um_quantity plot_curves[PLOT_CURVES] = {UM_ENERGY, UM_ERGOTROPY, UM_ERGOTROPY_INCOHERENT,
                                              UM_PURITY};

/* Where something else happens than charging, and the times are known, time is what is common. */
static bool is_protocol(const um_result *result)
{
    bool other = false;
    for (size_t i = 0; i < result->stages_count; i++)
        if (result->stages[i].kind != UM_STAGE_CHARGE) other = true;
    for (size_t i = 0; i < result->records; i++)
        if (!isfinite(result->time[i])) return false;
    return other && result->records > 1 && result->time[result->records - 1] > 0;
}

static plot_axis choose_time(const um_result *result)
{
    double last = result->time[result->records - 1];
    cli_unit unit = cli_choose_time_unit(&result->scale, last);
    return (plot_axis){.time = true,
                       .factor = unit.factor,
                       .unit = unit.name,
                       .min = result->time[0] * unit.factor,
                       .max = last * unit.factor};
}

double plot_axis_place(const plot_axis *axis, const um_result *result, size_t record)
{
    return axis->time ? result->time[record] * axis->factor
                      : plot_axis_map(axis, result->collision[record]);
}

plot_axis plot_axis_choose(const um_result *result)
{
    if (is_protocol(result)) return choose_time(result);
    /* Spread over decades: the gaps between records differ, and two decades and more are seen. */
    const int64_t *k = result->collision;
    size_t first = 0, n = result->records;
    while (first < n && k[first] == 0) first++;
    plot_axis axis = {.has_zero = first > 0 || n == 0, .max = 1};
    if (first == n) return axis;
    int64_t least = INT64_MAX, most = 0;
    for (size_t i = first + 1; i < n; i++) {
        int64_t gap = k[i] - k[i - 1];
        if (gap > 0 && gap < least) least = gap;
        if (gap > most) most = gap;
    }
    axis.log = most > 2 * least && k[n - 1] >= 100 * k[first];
    if (!axis.log) {
        axis.min = axis.has_zero ? 0 : (double)k[first];
        axis.max = (double)k[n - 1] > axis.min ? (double)k[n - 1] : axis.min + 1;
        return axis;
    }
    double low = floor(log10((double)k[first]) + 1e-9), high = log10((double)k[n - 1]);
    axis.low = low;
    axis.zero = low - 0.08 * (high - low);
    axis.min = axis.has_zero ? low - 0.12 * (high - low) : low;
    axis.max = high;
    return axis;
}

double plot_axis_map(const plot_axis *axis, int64_t collision)
{
    if (!axis->log) return (double)collision;
    return collision > 0 ? log10((double)collision) : axis->zero;
}

static int compare_size(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* Indices of records first..last-1 that hold the extremes of the curves, first and last record. */
static size_t keep_extremes(const um_result *result, size_t first, size_t last, size_t *kept)
{
    size_t all[2 + 2 * PLOT_CURVES], n = 0, count = 0;
    all[n++] = first;
    all[n++] = last - 1;
    for (int c = 0; c < PLOT_CURVES; c++) {
        const double *y = result->series[plot_curves[c]];
        if (!y) continue;
        size_t low = first, high = first;
        for (size_t i = first; i < last; i++) {
            if (y[i] < y[low] || isnan(y[low])) low = i;
            if (y[i] > y[high] || isnan(y[high])) high = i;
        }
        all[n++] = low;
        all[n++] = high;
    }
    qsort(all, n, sizeof *all, compare_size);
    for (size_t i = 0; i < n; i++)
        if (count == 0 || kept[count - 1] != all[i]) kept[count++] = all[i];
    return count;
}

size_t *plot_records_get(const um_result *result, const plot_axis *axis, int room, size_t *count)
{
    size_t n = result->records, buckets = (size_t)room;
    size_t *kept = malloc((n < 10 * buckets ? n + 10 : 10 * buckets + 10) * sizeof *kept);
    *count = 0;
    if (!kept) return NULL;
    if (n <= 4 * buckets) {
        for (size_t i = 0; i < n; i++) kept[(*count)++] = i;
        return kept;
    }
    double scale = room / (axis->max - axis->min);
    size_t first = 0;
    while (first < n) {
        double place = floor((plot_axis_place(axis, result, first) - axis->min) * scale);
        size_t last = first + 1;
        while (last < n &&
               (plot_axis_place(axis, result, last) - axis->min) * scale < place + 1)
            last++;
        *count += keep_extremes(result, first, last, kept + *count);
        first = last;
    }
    return kept;
}

bool plot_has_series(const um_result *result, const char *input)
{
    for (int c = 0; c < PLOT_CURVES && result->records > 0; c++)
        if (result->series[plot_curves[c]]) return true;
    fprintf(stderr,
            "%s: no energy, ergotropy or purity was recorded; name one of them in the "
            "configuration's record.observables and run again\n",
            input);
    return false;
}

/* "10, 100, 1000" of what there is. */
static void print_collisions(size_t count, int64_t (*get)(const um_result *, size_t),
                             const um_result *result)
{
    for (size_t i = 0; i < count && i < 12; i++)
        fprintf(stderr, "%s%" PRId64, i ? ", " : "", get(result, i));
    if (count > 12) fprintf(stderr, ", ... (%zu in all)", count);
}

static int64_t collision_of_state(const um_result *result, size_t i)
{
    return result->states[i].collision;
}

static int64_t collision_of_wigner(const um_result *result, size_t i)
{
    return result->wigners[i].collision;
}

/* Levels up to the last one that a figure could show. */
static int count_shown(const plot_populations *populations)
{
    int shown = 1;
    for (size_t row = 0; row < populations->rows; row++)
        for (int n = shown; n < populations->levels; n++)
            if (populations->values[row * (size_t)populations->levels + (size_t)n] >= 1e-4)
                shown = n + 1;
    int least = populations->levels < 8 ? populations->levels : 8;
    return shown > least ? shown : least;
}

/* The diagonal of a saved density matrix. */
static bool take_diagonal(const um_saved_state *state, plot_populations *populations)
{
    size_t levels = (size_t)state->levels;
    populations->owned = malloc(levels * sizeof *populations->owned);
    if (!populations->owned) {
        fprintf(stderr, "umaser: out of memory\n");
        return false;
    }
    for (size_t n = 0; n < levels; n++) populations->owned[n] = state->real[n * (levels + 1)];
    populations->values = populations->owned;
    populations->levels = state->levels;
    return true;
}

bool plot_populations_get(const um_result *result, int64_t at, const char *input,
                          plot_populations *populations)
{
    *populations = (plot_populations){.rows = 1};
    size_t n = result->records, levels = (size_t)result->population_levels, row = n;
    int64_t end = n ? result->collision[n - 1] : 0;
    if (at < 0 && result->populations && n > 1) {
        populations->rows = n;
        populations->levels = result->population_levels;
        populations->values = result->populations;
    } else if ((at < 0 || at == end) && result->final_populations && result->final_levels > 0) {
        populations->levels = result->final_levels;
        populations->values = result->final_populations;
        populations->collision = end;
    } else {
        populations->collision = at;
        for (size_t i = 0; i < n && result->populations; i++)
            if (result->collision[i] == at) row = i;
        const um_saved_state *state = NULL;
        for (size_t i = 0; i < result->states_count; i++)
            if (result->states[i].collision == at) state = &result->states[i];
        if (row < n) {
            populations->levels = result->population_levels;
            populations->values = result->populations + row * levels;
        } else if (state) {
            if (!take_diagonal(state, populations)) return false;
        } else {
            fprintf(stderr,
                    "%s: no populations of collision %" PRId64 "; there are those of %" PRId64,
                    input, at, end);
            if (result->states_count) fputs(", ", stderr);
            print_collisions(result->states_count, collision_of_state, result);
            fputs(result->populations ? " and of every record" : "", stderr);
            fputs("; record more with record.observables: [populations] or record.states\n",
                  stderr);
            return false;
        }
    }
    populations->shown = count_shown(populations);
    return true;
}

static const char *name_image(enum plot_what what)
{
    return what == PLOT_WIGNER ? "Wigner" : "Husimi";
}

bool plot_has_images(const um_result *result, enum plot_what what, const char *input)
{
    if (result->wigners_count > 0 && result->wigner_grid.points >= 2) return true;
    fprintf(stderr,
            "%s: holds no %s function; have it recorded, for example with\n"
            "    record: {wigner: {at: [%" PRId64 "], grid: [-6, 6, 121]}}\n",
            input, name_image(what), result->collisions);
    return false;
}

bool plot_frame_get(const um_result *result, enum plot_what what, size_t index, const char *input,
                    plot_image *image)
{
    const um_saved_wigner *saved = &result->wigners[index];
    size_t points = (size_t)result->wigner_grid.points;
    *image = (plot_image){.grid = result->wigner_grid,
                          .collision = saved->collision,
                          .values = what == PLOT_WIGNER ? saved->wigner : saved->husimi,
                          .diverging = what == PLOT_WIGNER};
    if (!image->values) {
        fprintf(stderr, "%s: holds no %s function of collision %" PRId64 "\n", input,
                name_image(what), saved->collision);
        return false;
    }
    for (size_t i = 0; i < points * points; i++) {
        double modulus = fabs(image->values[i]);
        if (modulus > image->modulus) image->modulus = modulus;
    }
    return true;
}

bool plot_image_get(const um_result *result, enum plot_what what, int64_t at, const char *input,
                    plot_image *image)
{
    size_t count = result->wigners_count, index = count;
    if (!plot_has_images(result, what, input)) return false;
    for (size_t i = 0; i < count; i++)
        if (at == CLI_AT_LAST || result->wigners[i].collision == at) index = i;
    if (index < count) return plot_frame_get(result, what, index, input, image);
    fprintf(stderr, "%s: no %s function of collision %" PRId64 "; there are those of ", input,
            name_image(what), at);
    print_collisions(count, collision_of_wigner, result);
    fputs("; choose one with --at\n", stderr);
    return false;
}
