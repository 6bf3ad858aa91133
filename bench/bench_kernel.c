/* Collisions in a cavity, theta = 1, q = 1/4, one thread; the machine's peak in the same process.
 * usage: bench_kernel full pure|mixed N
 *            um_map_apply on a state that fills all N levels and orders, and the plain loop of plain.c, in
 *            turns; pure: c = 1, mixed: c = 0.7. In place where a run would do so: "states" is 1, else 2
 *        bench_kernel detuned pure|mixed N
 *            the same without the plain loop, detuning times tau = 0.7
 *        bench_kernel window N COLLISIONS
 *            from the vacuum: um_map_apply and um_state_trim every 8 collisions; a run; um_map_apply on a
 *            state that fills the space, for scale
 * Prints a JSON line per contestant: median per collision, fastest, and how far the answers differ. */
#include "bench.h"

#include "peak.h"
#include "plain.h"

enum { SAMPLES = 61, CHECKED = 3, TRIM_EVERY = 8, PEAK_ROUNDS = 1000000 };
static const double SAMPLE_SECONDS = 1e-3, TRIM = 1e-18;

typedef struct bench {
    um_context *ctx;
    um_model *model;
    um_map *map;
    um_state *full, *out;
    int levels;
    bool in_place;
} bench;

static void bench_create(bench *it, int levels, int64_t collisions, double c, double detuning)
{
    um_spec spec;
    um_stage stage;
    if (um_context_create(NULL, &it->ctx) != UM_OK) exit(1);
    it->levels = levels;
    bench_spec(&spec, &stage, levels, collisions, 1.0);
    stage.atoms.c = c;
    stage.atoms.detuning = detuning;
    if (detuning != 0) stage.interaction.tau = 1;
    spec.record.observables = UM_QUANTITY_BIT(UM_ENERGY);
    spec.accuracy.method = UM_METHOD_STEP;
    BENCH_TRY(it->ctx, um_model_create(it->ctx, &spec, &it->model));
    BENCH_TRY(it->ctx, um_map_create(it->ctx, it->model, 0, levels, &it->map));
    BENCH_TRY(it->ctx, um_state_create(it->ctx, levels, 1, 0, 0.0, &it->full));
    BENCH_TRY(it->ctx, um_state_create(it->ctx, levels, 1, 0, 0.0, &it->out));
    bench_fill(it->ctx, it->full, levels);
    BENCH_TRY(it->ctx, um_map_prepare(it->map, it->full));
    it->in_place = um_map_works_in_place(it->map, it->full);
    um_window window = um_state_get_window(it->full);
    if (window.last - window.first != levels || window.orders != levels || window.planes != 1) {
        fprintf(stderr, "the window is not full, or not real\n");
        exit(1);
    }
}

static void bench_destroy(bench *it)
{
    um_state_destroy(it->full);
    um_state_destroy(it->out);
    um_map_destroy(it->map);
    um_model_destroy(it->model);
    um_context_destroy(it->ctx);
}

/* A first call brings caches back from whoever had them before. In place a collision takes the image of the last one. */
static double apply_seconds(bench *it, int calls)
{
    um_state *in = it->in_place ? it->out : it->full;
    BENCH_TRY(it->ctx, um_map_apply(it->map, it->full, it->out, NULL));
    BENCH_TRY(it->ctx, um_map_apply(it->map, in, it->out, NULL));
    double start = bench_seconds();
    for (int i = 0; i < calls; i++) BENCH_TRY(it->ctx, um_map_apply(it->map, in, it->out, NULL));
    return (bench_seconds() - start) / calls;
}

static double plain_seconds(const plain *it, const double *in, double *out, int calls)
{
    plain_collide(it, in, out);
    double start = bench_seconds();
    for (int i = 0; i < calls; i++) plain_collide(it, in, out);
    return (bench_seconds() - start) / calls;
}

static double *new_matrix(int levels)
{
    double *matrix = calloc((size_t)levels * (size_t)levels, sizeof *matrix);
    if (!matrix) exit(1);
    return matrix;
}

/* The state without its phases (-i)^(n-m). */
static void fill_real(const um_state *state, int levels, double *r)
{
    double *im = new_matrix(levels);
    um_state_get_matrix(state, 0, levels, r, im);
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++) {
            size_t at = (size_t)n * (size_t)levels + (size_t)m;
            int quarter = (n - m) & 3;
            r[at] = quarter == 0 ? r[at] : quarter == 1 ? -im[at] : quarter == 2 ? -r[at] : im[at];
        }
    free(im);
}

/* Largest difference of any element after a few collisions; the energy after them. */
static double compare(bench *it, const plain *peer, double *a, double *b, double *energy)
{
    size_t size = (size_t)it->levels * (size_t)it->levels;
    um_state *state = NULL, *other = NULL;
    BENCH_TRY(it->ctx, um_state_create(it->ctx, it->levels, 1, 0, 0.0, &state));
    BENCH_TRY(it->ctx, um_state_create(it->ctx, it->levels, 1, 0, 0.0, &other));
    BENCH_TRY(it->ctx, um_map_apply(it->map, it->full, state, NULL));
    plain_collide(peer, a, b);
    for (int k = 1; k < CHECKED; k++) {
        BENCH_TRY(it->ctx, um_map_apply(it->map, state, it->in_place ? state : other, NULL));
        um_state *swap = state;
        if (!it->in_place) {
            state = other;
            other = swap;
        }
        plain_collide(peer, b, a);
        memcpy(b, a, size * sizeof *b);
    }
    *energy = um_observe_energy(state, NULL);
    fill_real(state, it->levels, a);
    double difference = 0;
    for (size_t i = 0; i < size; i++) difference = fmax(difference, fabs(a[i] - b[i]));
    um_state_destroy(state);
    um_state_destroy(other);
    return difference;
}

static int calls_of(double seconds)
{
    return seconds < SAMPLE_SECONDS ? (int)(SAMPLE_SECONDS / seconds) + 1 : 1;
}

static void full(int levels, int is_pure)
{
    bench it;
    double c = is_pure ? 1.0 : 0.7, samples[2][SAMPLES], energy, peak = 0;
    bench_create(&it, levels, 1, c, 0);
    plain *peer = plain_create(levels, 1.0, 0.25, c);
    double *a = new_matrix(levels), *b = new_matrix(levels);
    if (!peer) exit(1);
    fill_real(it.full, levels, a);
    double difference = compare(&it, peer, a, b, &energy);
    fill_real(it.full, levels, a);
    int calls = calls_of(apply_seconds(&it, 3)), peer_calls = calls_of(plain_seconds(peer, a, b, 3));
    for (int i = 0; i < SAMPLES; i++) {
        peak = fmax(peak, peak_multiply_adds(PEAK_ROUNDS / 10));
        samples[0][i] = apply_seconds(&it, calls);
        samples[1][i] = plain_seconds(peer, a, b, peer_calls);
    }
    for (int who = 0; who < 2; who++) {
        double median = bench_median(samples[who], SAMPLES);
        printf("{\"workload\": \"kernel\", \"contestant\": \"%s\", \"atoms\": \"%s\", \"N\": %d, "
               "\"kernel\": \"%s\", \"seconds_per_collision\": %.9g, \"fastest\": %.9g, \"peak\": %.5g, \"states\": %d, "
               "\"collisions\": %d, \"energy\": %.17g, \"difference\": %.3g}\n",
               who ? "plain-c" : "umaser", is_pure ? "pure" : "mixed", levels,
               who ? "plain loop" : um_map_get_info(it.map).kernel, median, samples[who][0], peak,
               it.in_place && !who ? 1 : 2, CHECKED, energy, difference);
    }
    free(a);
    free(b);
    plain_destroy(peer);
    bench_destroy(&it);
}

/* On the state after CHECKED collisions, which has an imaginary part, and its energy. */
static void detuned(int levels, int is_pure)
{
    bench it;
    double samples[SAMPLES], energy = 0, peak = 0;
    bench_create(&it, levels, 1, is_pure ? 1.0 : 0.7, 0.7);
    for (int k = 0; k < CHECKED; k++) {
        BENCH_TRY(it.ctx, um_map_apply(it.map, it.full, it.out, NULL));
        um_state *swap = it.full;
        it.full = it.out;
        it.out = swap;
    }
    energy = um_observe_energy(it.full, NULL);
    it.in_place = um_map_works_in_place(it.map, it.full);
    int calls = calls_of(apply_seconds(&it, 3));
    for (int i = 0; i < SAMPLES; i++) {
        peak = fmax(peak, peak_multiply_adds(PEAK_ROUNDS / 10));
        samples[i] = apply_seconds(&it, calls);
    }
    double median = bench_median(samples, SAMPLES);
    printf("{\"workload\": \"kernel\", \"contestant\": \"umaser\", \"atoms\": \"detuned %s\", \"N\": %d, \"kernel\": \"%s\", "
           "\"seconds_per_collision\": %.9g, \"fastest\": %.9g, \"peak\": %.5g, \"states\": %d, \"collisions\": %d, \"energy\": %.17g}\n",
           is_pure ? "pure" : "mixed", levels, um_map_get_info(it.map).kernel, median, samples[0], peak, it.in_place ? 1 : 2,
           CHECKED, energy);
    bench_destroy(&it);
}

/* From the vacuum; `trims`: drop what is below TRIM. The state after so many collisions. */
static um_state *step(bench *it, int64_t collisions, int trims)
{
    const um_battery *battery = &um_model_get_spec(it->model)->battery;
    um_state *state = NULL, *other = NULL;
    BENCH_TRY(it->ctx, um_state_create_initial(it->ctx, &battery->initial, battery, it->levels, 1, &state, NULL));
    BENCH_TRY(it->ctx, um_state_create(it->ctx, it->levels, 1, 0, 0.0, &other));
    BENCH_TRY(it->ctx, um_map_prepare(it->map, state));
    for (int64_t k = 1; k <= collisions; k++) {
        BENCH_TRY(it->ctx, um_map_apply(it->map, state, other, NULL));
        um_state *swap = state;
        state = other;
        other = swap;
        if (trims && k % TRIM_EVERY == 0) um_state_trim(state, TRIM);
    }
    um_state_destroy(other);
    return state;
}

static double run_seconds(bench *it, double *energy)
{
    um_run *run = NULL;
    double start = bench_seconds();
    BENCH_TRY(it->ctx, um_run_create(it->ctx, it->model, &run));
    BENCH_TRY(it->ctx, um_run_advance(run, -1, NULL, NULL));
    double seconds = bench_seconds() - start;
    const um_result *result = um_run_get_result(run);
    *energy = result->series[UM_ENERGY][result->records - 1];
    um_run_destroy(run);
    return seconds;
}

static double difference_of(const um_state *one, const um_state *two, int levels)
{
    double *a = new_matrix(levels), *b = new_matrix(levels), difference = 0;
    fill_real(one, levels, a);
    fill_real(two, levels, b);
    for (size_t i = 0; i < (size_t)levels * (size_t)levels; i++)
        difference = fmax(difference, fabs(a[i] - b[i]));
    free(a);
    free(b);
    return difference;
}

static void window(int levels, int64_t collisions)
{
    enum { TURNS = 3, KINDS = 3 };
    static const char *const names[KINDS] = {"umaser-full", "umaser-window", "umaser-run"};
    bench it;
    bench_create(&it, levels, collisions, 1.0, 0);
    um_state *whole = step(&it, collisions, 0), *trimmed = NULL;
    double samples[KINDS][TURNS], energy[KINDS], difference[KINDS] = {0}, peak = 0;
    int calls = calls_of(apply_seconds(&it, 3)) * SAMPLES;
    for (int i = 0; i < TURNS; i++) {
        peak = fmax(peak, peak_multiply_adds(PEAK_ROUNDS));
        samples[0][i] = apply_seconds(&it, calls);
        double start = bench_seconds();
        um_state_destroy(trimmed);
        trimmed = step(&it, collisions, 1);
        samples[1][i] = (bench_seconds() - start) / (double)collisions;
        samples[2][i] = run_seconds(&it, &energy[2]) / (double)collisions;
    }
    energy[0] = um_observe_energy(whole, NULL);
    energy[1] = um_observe_energy(trimmed, NULL);
    difference[1] = difference_of(whole, trimmed, levels);
    difference[2] = fabs(energy[2] - energy[0]);
    um_window held = um_state_get_window(trimmed);
    for (int who = 0; who < KINDS; who++) {
        double median = bench_median(samples[who], TURNS);
        printf("{\"workload\": \"window\", \"contestant\": \"%s\", \"N\": %d, \"collisions\": %lld, "
               "\"seconds_per_collision\": %.9g, \"fastest\": %.9g, \"peak\": %.5g, \"energy\": %.17g, "
               "\"difference\": %.3g, \"levels\": %d, \"orders\": %d}\n",
               names[who], levels, (long long)collisions, median, samples[who][0], peak, energy[who],
               difference[who], held.last - held.first, held.orders);
    }
    um_state_destroy(whole);
    um_state_destroy(trimmed);
    bench_destroy(&it);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "full") == 0)
        full(atoi(argv[3]), strcmp(argv[2], "pure") == 0);
    else if (argc == 4 && strcmp(argv[1], "detuned") == 0)
        detuned(atoi(argv[3]), strcmp(argv[2], "pure") == 0);
    else if (argc == 4 && strcmp(argv[1], "window") == 0)
        window(atoi(argv[2]), atoll(argv[3]));
    else {
        fprintf(stderr, "usage: bench_kernel full|detuned pure|mixed N, bench_kernel window N COLLISIONS\n");
        return 2;
    }
    return 0;
}
