/* A 200 x 200 grid of the Wigner function, or of the Husimi function, over [-12, 12]^2.
 * usage: bench_wigner coherent|full|husimi N
 *        coherent: alpha = 6, as the contestant; full, husimi: a state that fills all levels and orders
 * Prints one JSON line: the median, the maximum and a checksum. */
#include "bench.h"

enum { POINTS = 200, SAMPLES = 11 };

int main(int argc, char **argv)
{
    um_context *ctx = NULL;
    if (argc < 3 || um_context_create(NULL, &ctx) != UM_OK) return 2;
    int levels = atoi(argv[2]);
    um_state *state = NULL;
    int is_husimi = strcmp(argv[1], "husimi") == 0;
    if (is_husimi || strcmp(argv[1], "full") == 0) {
        BENCH_TRY(ctx, um_state_create(ctx, levels, 2, 0, 0.0, &state));
        bench_fill(ctx, state, levels);
    } else {
        um_spec spec;
        um_spec_init(&spec);
        spec.battery.initial.kind = UM_INITIAL_COHERENT;
        spec.battery.initial.re = 6.0;
        BENCH_TRY(ctx, um_state_create_initial(ctx, &spec.battery.initial, &spec.battery, levels,
                                               1e-10, &state, NULL));
    }
    double *wigner = malloc(sizeof *wigner * POINTS * POINTS), samples[SAMPLES];
    if (!wigner) return 1;
    for (int i = 0; i < SAMPLES; i++) {
        double start = bench_seconds();
        BENCH_TRY(ctx, (is_husimi ? um_observe_husimi : um_observe_wigner)(state, -12, 12, POINTS, wigner));
        samples[i] = bench_seconds() - start;
    }
    double maximum = 0, sum = 0; /* weighted, so that a transposed grid shows */
    for (int p = 0; p < POINTS; p++)
        for (int x = 0; x < POINTS; x++) {
            double value = wigner[p * POINTS + x];
            maximum = value > maximum ? value : maximum;
            sum += value * cos(0.1 * p + 0.3 * x);
        }
    double seconds = bench_median(samples, SAMPLES);
    printf("{\"workload\": \"wigner\", \"contestant\": \"umaser-%s\", \"N\": %d, \"collisions\": 1, "
           "\"seconds\": %.9g, \"seconds_per_collision\": %.9g, \"maximum\": %.17g, "
           "\"checksum\": %.17g}\n",
           argv[1], levels, seconds, seconds, maximum, sum);
    free(wigner);
    um_state_destroy(state);
    um_context_destroy(ctx);
    return 0;
}
