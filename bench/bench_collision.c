/* Resonant collisions, one thread.
 * usage: bench_collision run cavity|ladder N COLLISIONS [ergotropy]
 *            a run from the vacuum as a user has it: window, energy after each collision,
 *            ergotropy after each collision if asked for
 *        bench_collision map cavity|ladder N COLLISIONS
 *            um_map_apply alone on a state that fills all N levels and orders
 * Prints one JSON line: the median over repetitions, and the result. */
#include "bench.h"

enum { SAMPLES_MAX = 1000 };

static double theta_of(const char *kind)
{
    return strcmp(kind, "ladder") == 0 ? acos(-1.0) / 4 : 1.0;
}

static um_model *create_model(um_context *ctx, const char *kind, int levels, int64_t collisions,
                              int with_ergotropy)
{
    um_spec spec;
    um_stage stage;
    bench_spec(&spec, &stage, levels, collisions, theta_of(kind));
    spec.battery.kind = strcmp(kind, "ladder") == 0 ? UM_BATTERY_LADDER : UM_BATTERY_CAVITY;
    spec.record.observables = UM_QUANTITY_BIT(UM_ENERGY);
    if (with_ergotropy) {
        spec.record.mode = UM_RECORD_EVERY;
        spec.record.observables |= UM_QUANTITY_BIT(UM_ERGOTROPY);
    }
    um_model *model = NULL;
    BENCH_TRY(ctx, um_model_create(ctx, &spec, &model));
    return model;
}

static double run_once(um_context *ctx, const um_model *model, double *energy, double *ergotropy)
{
    um_run *run = NULL;
    BENCH_TRY(ctx, um_run_create(ctx, model, &run));
    double start = bench_seconds();
    BENCH_TRY(ctx, um_run_advance(run, -1, NULL, NULL));
    double seconds = bench_seconds() - start;
    const um_result *result = um_run_get_result(run);
    const double *series = result->series[UM_ERGOTROPY];
    *energy = result->series[UM_ENERGY][result->records - 1];
    *ergotropy = series ? series[result->records - 1] : NAN;
    um_run_destroy(run);
    return seconds;
}

static double map_once(um_context *ctx, const um_model *model, int levels, int64_t collisions,
                       double *energy)
{
    um_map *map = NULL;
    um_state *states[2] = {NULL, NULL};
    BENCH_TRY(ctx, um_map_create(ctx, model, 0, levels, &map));
    for (int i = 0; i < 2; i++) BENCH_TRY(ctx, um_state_create(ctx, levels, 1, 0, 0.0, &states[i]));
    bench_fill(ctx, states[0], levels);
    BENCH_TRY(ctx, um_map_prepare(map, states[0]));
    um_window window = um_state_get_window(states[0]);
    if (window.last - window.first != levels || window.orders != levels || window.planes != 1) {
        fprintf(stderr, "the window is not full, or not real\n");
        exit(1);
    }
    /* What the second state allocates is not a collision. */
    BENCH_TRY(ctx, um_map_apply(map, states[0], states[1], NULL));
    double start = bench_seconds();
    for (int64_t k = 0; k < collisions; k++)
        BENCH_TRY(ctx, um_map_apply(map, states[k % 2], states[(k + 1) % 2], NULL));
    double seconds = bench_seconds() - start;
    *energy = um_observe_energy(states[collisions % 2], NULL);
    um_state_destroy(states[0]);
    um_state_destroy(states[1]);
    um_map_destroy(map);
    return seconds;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: bench_collision run|map cavity|ladder N COLLISIONS [ergotropy]\n");
        return 2;
    }
    int is_run = strcmp(argv[1], "run") == 0, levels = atoi(argv[3]), with_ergotropy = argc > 5;
    int64_t collisions = atoll(argv[4]);
    um_context *ctx = NULL;
    if (um_context_create(NULL, &ctx) != UM_OK) return 1;
    um_model *model = create_model(ctx, argv[2], levels, collisions, with_ergotropy);
    double samples[SAMPLES_MAX], energy = NAN, ergotropy = NAN, spent = 0;
    int count = 0;
    /* The first one warms the caches up and does not count. */
    for (int i = 0; i <= SAMPLES_MAX && (i < 4 || spent < 0.3); i++) {
        double seconds = is_run ? run_once(ctx, model, &energy, &ergotropy)
                                : map_once(ctx, model, levels, collisions, &energy);
        spent += seconds;
        if (i > 0) samples[count++] = seconds;
    }
    double seconds = bench_median(samples, count);
    printf("{\"workload\": \"%s\", \"contestant\": \"umaser-%s\", \"N\": %d, \"collisions\": %lld, "
           "\"seconds\": %.9g, \"seconds_per_collision\": %.9g, \"energy\": %.17g, ",
           argv[2], argv[1], levels, (long long)collisions, seconds, seconds / (double)collisions,
           energy);
    printf(with_ergotropy ? "\"ergotropy\": %.17g}\n" : "\"ergotropy\": null}\n", ergotropy);
    um_model_destroy(model);
    um_context_destroy(ctx);
    return 0;
}
