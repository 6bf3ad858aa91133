/* Resonant collisions of eight parameter points at once, one thread.
 * usage: bench_lanes full pure|general N COLLISIONS
 *            umi_lanes_apply alone, states that fill all N levels and orders
 *        bench_lanes run pure|general N COLLISIONS
 *            from the vacuum as a sweep has it: energy after each collision, windows trimmed
 * theta from 0.8 to 3, q from 0.3 to 0.9; c = 1 or 0.7. Prints one JSON line: the median over
 * repetitions per collision and point, and the energies at the end, after um_map_apply too. */
#include "bench.h"

#include "map/lanes.h"

#include "peak.h"

enum { SAMPLES_MAX = 1000, TRIM_EVERY = 8, PEAK_ROUNDS = 100000 };

typedef struct points {
    um_model *model[UMI_LANES];
    int levels, full;
    int64_t collisions;
} points;

static void create_points(um_context *ctx, points *it, double c)
{
    for (int l = 0; l < UMI_LANES; l++) {
        um_spec spec;
        um_stage stage;
        bench_spec(&spec, &stage, it->levels, it->collisions, 0.8 + 2.2 * l / (UMI_LANES - 1));
        stage.atoms.q = 0.3 + 0.6 * l / (UMI_LANES - 1);
        stage.atoms.c = c;
        BENCH_TRY(ctx, um_model_create(ctx, &spec, &it->model[l]));
    }
}

static um_state *create_state(um_context *ctx, const points *it, int point)
{
    um_state *state = NULL;
    if (it->full) {
        BENCH_TRY(ctx, um_state_create(ctx, it->levels, 1, 0, 0.0, &state));
        bench_fill(ctx, state, it->levels);
    } else {
        const um_battery *battery = &um_model_get_spec(it->model[point])->battery;
        BENCH_TRY(ctx, um_state_create_initial(ctx, &battery->initial, battery, it->levels, 1, &state,
                                               NULL));
    }
    return state;
}

static double lanes_once(um_context *ctx, const points *it, umi_lanes *lanes, double *energy)
{
    const double tolerance[UMI_LANES] = {1e-18, 1e-18, 1e-18, 1e-18, 1e-18, 1e-18, 1e-18, 1e-18};
    BENCH_TRY(ctx, umi_lanes_load(lanes, UMI_LANES, (const um_model *const *)it->model, 0));
    um_state *full = it->full ? create_state(ctx, it, 0) : NULL;
    for (int l = 0; l < UMI_LANES && full; l++)
        BENCH_TRY(ctx, umi_lanes_set_state(lanes, l, full, 0));
    um_state_destroy(full);
    double start = bench_seconds();
    for (int64_t k = 1; k <= it->collisions; k++) {
        umi_lanes_apply(lanes);
        if (it->full) continue;
        if (k % TRIM_EVERY == 0) umi_lanes_trim(lanes, tolerance, NULL);
        umi_lanes_energy(lanes, energy);
    }
    double seconds = bench_seconds() - start;
    umi_lanes_energy(lanes, energy);
    return seconds / (double)it->collisions / UMI_LANES;
}

static double step_alone(um_context *ctx, const points *it, int point)
{
    um_map *map = NULL;
    BENCH_TRY(ctx, um_map_create(ctx, it->model[point], 0, it->levels, &map));
    double energy = bench_energy_after(ctx, map, create_state(ctx, it, point), it->levels, it->collisions);
    um_map_destroy(map);
    return energy;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: bench_lanes full|run pure|general N COLLISIONS\n");
        return 2;
    }
    int pure = strcmp(argv[2], "pure") == 0;
    points it = {.levels = atoi(argv[3]),
                 .full = strcmp(argv[1], "full") == 0,
                 .collisions = atoll(argv[4])};
    um_context *ctx = NULL;
    if (um_context_create(NULL, &ctx) != UM_OK) return 1;
    create_points(ctx, &it, pure ? 1.0 : 0.7);
    umi_lanes *lanes = NULL;
    BENCH_TRY(ctx, umi_lanes_create(ctx, it.levels, &lanes));
    double samples[SAMPLES_MAX], energy[UMI_LANES], spent = 0, difference = 0, peak = 0;
    int count = 0;
    /* The first one warms the caches up and does not count. */
    for (int i = 0; i <= SAMPLES_MAX && (i < 4 || spent < 0.5); i++) {
        double begun = bench_seconds(), seconds = lanes_once(ctx, &it, lanes, energy);
        spent += bench_seconds() - begun;
        peak = fmax(peak, peak_multiply_adds(PEAK_ROUNDS));
        if (i > 0) samples[count++] = seconds;
    }
    for (int l = 0; l < UMI_LANES; l++)
        difference = fmax(difference, fabs(energy[l] / step_alone(ctx, &it, l) - 1));
    double median = bench_median(samples, count);
    printf("{\"workload\": \"%s\", \"atoms\": \"%s\", \"kernel\": \"%s\", \"N\": %d, \"collisions\": "
           "%lld, \"points\": %d, \"seconds_per_collision\": %.9g, \"fastest\": %.9g, "
           "\"multiply_adds\": %d, \"peak\": %.5g, \"difference\": %.3g}\n",
           argv[1], argv[2], umi_lanes_get_kernel(lanes), it.levels, (long long)it.collisions,
           UMI_LANES, median, samples[0], pure ? 8 : 12, peak, difference);
    umi_lanes_destroy(lanes);
    for (int l = 0; l < UMI_LANES; l++) um_model_destroy(it.model[l]);
    um_context_destroy(ctx);
    return 0;
}
