/* A collision while the environment acts on battery and atom: N levels, theta = 1, kappa tau = 1e-3,
 * n_th = 0.1, q = 1/4, c = 1.
 * usage: bench_inside N COLLISIONS
 * Prints one JSON line: seconds to make the map, seconds of um_map_apply (outgoing atom, heat and error
 * bound included) on a state that fills all levels and orders, median, and the energy after COLLISIONS
 * from the vacuum. */
#include "bench.h"

enum { SAMPLES = 201, SETUPS = 5 };

static um_map *create(um_context *ctx, const um_model *model, int levels, double *seconds)
{
    um_map *map = NULL;
    double start = bench_seconds();
    BENCH_TRY(ctx, um_map_create(ctx, model, 0, levels, &map));
    *seconds = bench_seconds() - start;
    return map;
}

static double step_seconds(um_context *ctx, um_map *map, int levels)
{
    double samples[SAMPLES];
    um_state *state = NULL, *other = NULL;
    um_outcome outcome;
    BENCH_TRY(ctx, um_state_create(ctx, levels, 1, 0, 0.0, &state));
    BENCH_TRY(ctx, um_state_create(ctx, levels, 1, 0, 0.0, &other));
    bench_fill(ctx, state, levels);
    BENCH_TRY(ctx, um_map_prepare(map, state));
    for (int i = -10; i < SAMPLES; i++) {
        double start = bench_seconds();
        BENCH_TRY(ctx, um_map_apply(map, state, other, &outcome));
        if (i >= 0) samples[i] = bench_seconds() - start;
    }
    um_state_destroy(state);
    um_state_destroy(other);
    return bench_median(samples, SAMPLES);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: bench_inside N COLLISIONS\n");
        return 2;
    }
    int levels = atoi(argv[1]), collisions = atoi(argv[2]);
    um_context *ctx = NULL;
    if (um_context_create(NULL, &ctx) != UM_OK) return 1;
    um_spec spec;
    um_stage stage;
    um_model *model = NULL;
    bench_spec(&spec, &stage, levels, collisions, 1.0);
    stage.interaction.tau = 1;
    stage.environment.kappa = 1e-3;
    stage.environment.n_th = 0.1;
    stage.environment.during_collision = true;
    BENCH_TRY(ctx, um_model_create(ctx, &spec, &model));
    double setup[SETUPS];
    um_map *map = NULL;
    for (int i = 0; i < SETUPS; i++) {
        um_map_destroy(map);
        map = create(ctx, model, levels, &setup[i]);
    }
    const um_battery *battery = &um_model_get_spec(model)->battery;
    um_state *vacuum = NULL;
    BENCH_TRY(ctx, um_state_create_initial(ctx, &battery->initial, battery, levels, 1, &vacuum, NULL));
    double energy = bench_energy_after(ctx, map, vacuum, levels, collisions);
    double seconds = step_seconds(ctx, map, levels);
    printf("{\"workload\": \"loss-during\", \"contestant\": \"umaser\", \"kernel\": \"%s\", \"N\": %d, "
           "\"collisions\": %d, \"setup_seconds\": %.9g, \"seconds_per_collision\": %.9g, \"energy\": %.17g}\n",
           um_map_get_info(map).kernel, levels, collisions, bench_median(setup, SETUPS), seconds, energy);
    um_map_destroy(map);
    um_model_destroy(model);
    um_context_destroy(ctx);
    return 0;
}
