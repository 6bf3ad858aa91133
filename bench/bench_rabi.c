/* A quantum Rabi collision (g/omega = 0.5, theta = 1) on a state that fills its space, against four
 * complex matrix products of the same size (two Kraus operators from both sides) in the same
 * process, taking turns.
 * usage: bench_rabi N         one JSON line: medians of both
 *        bench_rabi N check   energies after 1, 2, 3 collisions from the vacuum */
#include "bench.h"

#include <complex.h>

/* Fortran's name: no header of any one BLAS is needed. */
void zgemm_(const char *, const char *, const int *, const int *, const int *,
            const double _Complex *, const double _Complex *, const int *, const double _Complex *,
            const int *, const double _Complex *, double _Complex *, const int *);

enum { SAMPLES = 41 };

static um_map *create_map(um_context *ctx, int levels)
{
    um_spec spec;
    um_stage stage;
    bench_spec(&spec, &stage, levels, 1, 1.0);
    stage.interaction.g = 0.5;
    stage.interaction.counter_rotating = 1.0;
    um_model *model = NULL;
    um_map *map = NULL;
    BENCH_TRY(ctx, um_model_create(ctx, &spec, &model));
    BENCH_TRY(ctx, um_map_create(ctx, model, 0, levels, &map));
    um_model_destroy(model);
    return map;
}

static int check(um_context *ctx, int levels)
{
    um_map *map = create_map(ctx, levels);
    um_state *states[2] = {NULL, NULL};
    const double vacuum = 1.0;
    for (int i = 0; i < 2; i++) BENCH_TRY(ctx, um_state_create(ctx, levels, 2, 0, 0.0, &states[i]));
    BENCH_TRY(ctx, um_state_set_matrix(states[0], 1, &vacuum, NULL));
    BENCH_TRY(ctx, um_map_prepare(map, states[0]));
    BENCH_TRY(ctx, um_map_prepare(map, states[1]));
    printf("{\"workload\": \"rabi\", \"contestant\": \"umaser\", \"N\": %d, \"energies\": [", levels);
    for (int k = 0; k < 3; k++) {
        BENCH_TRY(ctx, um_map_apply(map, states[k % 2], states[(k + 1) % 2], NULL));
        printf("%s%.17g", k ? ", " : "", um_observe_energy(states[(k + 1) % 2], NULL));
    }
    printf("]}\n");
    um_state_destroy(states[0]);
    um_state_destroy(states[1]);
    um_map_destroy(map);
    return 0;
}

static double time_products(int n, double _Complex *matrices[3], int repeats)
{
    const double _Complex one = 1.0, zero = 0.0;
    double start = bench_seconds();
    for (int i = 0; i < repeats; i++)
        for (int kraus = 0; kraus < 2; kraus++) {
            zgemm_("N", "N", &n, &n, &n, &one, matrices[0], &n, matrices[1], &n, &zero, matrices[2],
                   &n);
            zgemm_("N", "C", &n, &n, &n, &one, matrices[2], &n, matrices[0], &n, &zero, matrices[1],
                   &n);
        }
    return (bench_seconds() - start) / repeats;
}

static double time_collisions(um_context *ctx, um_map *map, um_state *states[2], int repeats,
                              um_outcome *outcome)
{
    double start = bench_seconds();
    for (int k = 0; k < repeats; k++)
        BENCH_TRY(ctx, um_map_apply(map, states[k % 2], states[(k + 1) % 2], outcome));
    return (bench_seconds() - start) / repeats;
}

static int measure(um_context *ctx, int levels)
{
    um_map *map = create_map(ctx, levels);
    um_state *states[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) {
        BENCH_TRY(ctx, um_state_create(ctx, levels, 2, 0, 0.0, &states[i]));
        bench_fill(ctx, states[i], levels);
        BENCH_TRY(ctx, um_map_prepare(map, states[i]));
    }
    um_window window = um_state_get_window(states[0]);
    if (window.last - window.first != levels || window.orders != levels) return 1;
    double _Complex *matrices[3];
    size_t size = (size_t)levels * (size_t)levels;
    for (int i = 0; i < 3; i++) {
        matrices[i] = malloc(size * sizeof **matrices);
        if (!matrices[i]) return 1;
        for (size_t j = 0; j < size; j++) /* a norm near 1: no overflow, no denormals */
            matrices[i][j] = cos((double)j) / sqrt(levels) + I * sin((double)j) / sqrt(levels);
    }
    int repeats = 2 + (int)(2e7 / (pow(levels, 3) * 4));
    repeats += repeats % 2;
    time_products(levels, matrices, 2);
    um_outcome outcome;
    time_collisions(ctx, map, states, 2, &outcome);
    double ours[SAMPLES], with_atom[SAMPLES], products[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
        products[i] = time_products(levels, matrices, repeats);
        ours[i] = time_collisions(ctx, map, states, repeats, NULL);
        with_atom[i] = time_collisions(ctx, map, states, repeats, &outcome);
    }
    printf("{\"workload\": \"rabi\", \"N\": %d, \"umaser\": %.9g, \"with_atom\": %.9g, "
           "\"zgemm\": %.9g}\n", levels, bench_median(ours, SAMPLES),
           bench_median(with_atom, SAMPLES), bench_median(products, SAMPLES));
    for (int i = 0; i < 3; i++) free(matrices[i]);
    um_state_destroy(states[0]);
    um_state_destroy(states[1]);
    um_map_destroy(map);
    return 0;
}

int main(int argc, char **argv)
{
    um_context *ctx = NULL;
    if (argc < 2 || um_context_create(NULL, &ctx) != UM_OK) return 2;
    int status = argc > 2 ? check(ctx, atoi(argv[1])) : measure(ctx, atoi(argv[1]));
    um_context_destroy(ctx);
    return status;
}
