/* A collision and what follows it until the next one, on a state that fills its space. One thread.
 * usage: bench_channel N
 * Prints a JSON line for each of: the collision alone, with pure loss, with thermal loss (n_th = 0.1), with
 * atoms that come at random; kappa T = 1e-3. Each from the same state, in turns: medians, trace and energy. */
#include "bench.h"

enum { KINDS = 4, ROUNDS = 1000, CALLS = 8 };

static const struct {
    const char *name;
    double kappa, n_th;
    um_arrivals arrivals;
} kinds[KINDS] = {{"collision", 0, 0, UM_ARRIVALS_REGULAR},
                  {"loss", 1e-3, 0, UM_ARRIVALS_REGULAR},
                  {"thermal", 1e-3, 0.1, UM_ARRIVALS_REGULAR},
                  {"random", 1e-3, 0.1, UM_ARRIVALS_POISSON}};

static um_map *create(um_context *ctx, int kind, int levels)
{
    um_spec spec;
    um_stage stage;
    um_model *model;
    um_map *map;
    bench_spec(&spec, &stage, levels, 1, 1);
    spec.accuracy.truncation = 1e-10; /* with the guard off the top is closed, another way */
    stage.interaction.tau = 0;
    stage.stream.period = 1;
    stage.stream.arrivals = kinds[kind].arrivals;
    stage.environment.kappa = kinds[kind].kappa;
    stage.environment.n_th = kinds[kind].n_th;
    BENCH_TRY(ctx, um_model_create(ctx, &spec, &model));
    BENCH_TRY(ctx, um_map_create(ctx, model, 0, levels, &map));
    um_model_destroy(model);
    return map;
}

int main(int argc, char **argv)
{
    int levels = argc > 1 ? atoi(argv[1]) : 100;
    um_context *ctx = NULL;
    if (um_context_create(NULL, &ctx) != UM_OK) return 1;
    um_map *maps[KINDS];
    um_state *in, *out[KINDS];
    static double samples[KINDS][ROUNDS];
    BENCH_TRY(ctx, um_state_create(ctx, levels, 1, 0, 0, &in));
    bench_fill(ctx, in, levels);
    for (int i = 0; i < KINDS; i++) {
        maps[i] = create(ctx, i, levels);
        BENCH_TRY(ctx, um_state_create(ctx, levels, 1, 0, 0, &out[i]));
        BENCH_TRY(ctx, um_map_prepare(maps[i], in));
        BENCH_TRY(ctx, um_map_apply(maps[i], in, out[i], NULL));
    }
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < KINDS; i++) {
            double start = bench_seconds();
            for (int k = 0; k < CALLS; k++) BENCH_TRY(ctx, um_map_apply(maps[i], in, out[i], NULL));
            samples[i][round] = (bench_seconds() - start) / CALLS;
        }
    for (int i = 0; i < KINDS; i++) {
        printf("{\"contestant\": \"%s\", \"N\": %d, \"seconds_per_collision\": %.9g, \"trace\": %.17g, "
               "\"energy\": %.17g}\n",
               kinds[i].name, levels, bench_median(samples[i], ROUNDS), um_state_get_trace(out[i]),
               um_observe_energy(out[i], NULL));
        um_map_destroy(maps[i]);
        um_state_destroy(out[i]);
    }
    um_state_destroy(in);
    um_context_destroy(ctx);
    return 0;
}
