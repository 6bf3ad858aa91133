/* A resonant collision shared by two threads, theta = 1, q = 1/4, against one thread.
 * usage: bench_threads pure|mixed N
 * Collisions one after another on a state that fills all N levels and orders (pure: c = 1, mixed: c = 0.7).
 * In turns; before and after each, multiply-adds alone on one core and on two at a time: turns in which the
 * second core was not free (or slow) are counted, and left out.
 * Prints a JSON line per contestant. */
#include <pthread.h>
#include <stdatomic.h>

#include "bench.h"
#include "peak.h"

enum { TURNS = 1001, CHECKED = 20, PEAK_ROUNDS = 20000, THREADS = 2, CALLS_MOST = 200 };
static const double SAMPLE_SECONDS = 3e-4, FREE = 1.8, MOST_SECONDS = 6;

typedef struct contestant {
    um_context *ctx;
    um_model *model;
    um_map *map;
    um_state *full, *state, *other;
} contestant;

static void create(contestant *it, int threads, int levels, double c)
{
    um_spec spec;
    um_stage stage;
    um_context_options options = {.threads = threads};
    if (um_context_create(&options, &it->ctx) != UM_OK) exit(1);
    bench_spec(&spec, &stage, levels, 1, 1.0);
    stage.atoms.c = c;
    BENCH_TRY(it->ctx, um_model_create(it->ctx, &spec, &it->model));
    BENCH_TRY(it->ctx, um_map_create(it->ctx, it->model, 0, levels, &it->map));
    um_state **state[3] = {&it->full, &it->state, &it->other};
    for (int i = 0; i < 3; i++) BENCH_TRY(it->ctx, um_state_create(it->ctx, levels, 1, 0, 0.0, state[i]));
    bench_fill(it->ctx, it->full, levels);
    BENCH_TRY(it->ctx, um_map_prepare(it->map, it->full));
}

static void destroy(contestant *it)
{
    um_state_destroy(it->full);
    um_state_destroy(it->state);
    um_state_destroy(it->other);
    um_map_destroy(it->map);
    um_model_destroy(it->model);
    um_context_destroy(it->ctx);
}

/* From the full state on; the image of one is the state before the next. */
static double collide(contestant *it, int calls)
{
    BENCH_TRY(it->ctx, um_map_apply(it->map, it->full, it->other, NULL));
    BENCH_TRY(it->ctx, um_map_apply(it->map, it->other, it->state, NULL));
    double start = bench_seconds();
    for (int i = 0; i < calls; i++) {
        BENCH_TRY(it->ctx, um_map_apply(it->map, it->state, it->other, NULL));
        um_state *before = it->state;
        it->state = it->other;
        it->other = before;
    }
    return (bench_seconds() - start) / calls;
}

static double *matrix_of(const contestant *it, size_t size)
{
    double *re = malloc(2 * size * size * sizeof *re);
    if (!re) exit(1);
    um_state_get_matrix(it->state, 0, (int)size, re, re + size * size);
    return re;
}

static int same_bits(contestant it[2], int levels)
{
    double *matrix[2];
    size_t size = (size_t)levels;
    for (int i = 0; i < 2; i++) {
        collide(&it[i], CHECKED);
        matrix[i] = matrix_of(&it[i], size);
    }
    int same = memcmp(matrix[0], matrix[1], 2 * size * size * sizeof(double)) == 0;
    free(matrix[0]);
    free(matrix[1]);
    return same;
}

/* Two threads that begin together. */
typedef struct pair {
    atomic_bool ready, go;
    double end;
} pair;

static void *add(void *data)
{
    pair *it = data;
    atomic_store(&it->ready, true);
    while (!atomic_load(&it->go)) {}
    peak_multiply_adds(PEAK_ROUNDS);
    it->end = bench_seconds();
    return NULL;
}

/* How many cores' multiply-adds two threads do at a time. */
static double measure_cores(double *peak)
{
    pthread_t thread;
    pair it = {0};
    *peak = fmax(*peak, peak_multiply_adds(PEAK_ROUNDS));
    if (pthread_create(&thread, NULL, add, &it)) return 0;
    while (!atomic_load(&it.ready)) {}
    double start = bench_seconds();
    atomic_store(&it.go, true);
    peak_multiply_adds(PEAK_ROUNDS);
    double end = bench_seconds();
    pthread_join(thread, NULL);
    return 2.0 * PEAK_ROUNDS * PEAK_CHAIN_COUNT * PEAK_LANES / (fmax(end, it.end) - start) / *peak;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: bench_threads pure|mixed N\n");
        return 2;
    }
    contestant it[2];
    int levels = atoi(argv[2]), is_pure = strcmp(argv[1], "pure") == 0, turns = 0, all = 0;
    double samples[2][TURNS], ratios[TURNS], peak = 0;
    for (int i = 0; i < 2; i++) create(&it[i], i ? THREADS : 1, levels, is_pure ? 1.0 : 0.7);
    int same = same_bits(it, levels);
    double once = collide(&it[0], 3);
    int calls = once * CALLS_MOST < SAMPLE_SECONDS ? CALLS_MOST : (int)(SAMPLE_SECONDS / once) + 2;
    for (double begun = bench_seconds(); all < TURNS && bench_seconds() - begun < MOST_SECONDS; all++) {
        double cores = measure_cores(&peak);
        for (int who = 0; who < 2; who++) samples[who][turns] = collide(&it[who], calls);
        ratios[turns] = samples[0][turns] / samples[1][turns];
        if (fmin(cores, measure_cores(&peak)) >= FREE) turns++;
    }
    double median[2] = {0}, ratio = turns ? bench_median(ratios, turns) : 0;
    for (int who = 0; who < 2 && turns; who++) median[who] = bench_median(samples[who], turns);
    for (int who = 0; who < 2 && turns; who++)
        printf("{\"workload\": \"threads\", \"contestant\": \"%s\", \"atoms\": \"%s\", \"N\": %d, "
               "\"seconds_per_collision\": %.9g, \"fastest\": %.9g, \"ratio\": %.4g, \"ratio_low\": %.4g, "
               "\"ratio_high\": %.4g, \"free_turns\": %d, \"turns\": %d, \"peak\": %.5g, \"same_bits\": %s}\n",
               who ? "two" : "one", is_pure ? "pure" : "mixed", levels, median[who], samples[who][0], ratio,
               ratios[turns / 4], ratios[turns - 1 - turns / 4], turns, all, peak, same ? "true" : "false");
    for (int i = 0; i < 2; i++) destroy(&it[i]);
    if (turns == 0) fprintf(stderr, "no core was free for a second thread\n");
    return turns == 0;
}
