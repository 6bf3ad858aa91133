#include "random_state.h"

#include "check.h"

const char *test_kind_name(test_kind kind)
{
    static const char *const names[TEST_KINDS] = {
        "pure", "near-pure", "rank two", "edge", "diagonal", "nearly diagonal",
        "Fock", "inner",     "real",     "mixed"};
    return names[kind];
}

uint64_t test_random_bits(test_random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

double test_random_uniform(test_random *random)
{
    return (double)(test_random_bits(random) >> 11) * 0x1p-53;
}

double test_random_normal(test_random *random)
{
    double radius = sqrt(-2 * log(1 - test_random_uniform(random)));
    return radius * cos(2 * M_PI * test_random_uniform(random));
}

int test_random_integer(test_random *random, int first, int last)
{
    return first + (int)(test_random_uniform(random) * (last - first + 1));
}

/* 10^-(from..to) */
static double small(test_random *random, double from, double to)
{
    return pow(10, -from - (to - from) * test_random_uniform(random));
}

/* rho += weight |v><v|, v random on levels first..last-1 with the given decay away from the top. */
static void add_pure(test_random *random, double weight, int levels, int first, int last,
                     double decay, double *real, double *imag)
{
    double *v = malloc(sizeof(double) * 2 * (size_t)levels), norm = 0;
    for (int n = first; n < last; n++) {
        double envelope = pow(decay, last - 1 - n);
        v[2 * n] = envelope * test_random_normal(random);
        v[2 * n + 1] = envelope * test_random_normal(random);
        norm += v[2 * n] * v[2 * n] + v[2 * n + 1] * v[2 * n + 1];
    }
    for (int n = first; n < last; n++)
        for (int m = first; m < last; m++) {
            double re = v[2 * n] * v[2 * m] + v[2 * n + 1] * v[2 * m + 1];
            double im = v[2 * n + 1] * v[2 * m] - v[2 * n] * v[2 * m + 1];
            real[n * levels + m] += weight / norm * re;
            imag[n * levels + m] += weight / norm * im;
        }
    free(v);
}

static void add_diagonal(test_random *random, int levels, double *real)
{
    for (int n = 0; n < levels; n++)
        if (test_random_uniform(random) < 0.7)
            real[n * levels + n] += pow(test_random_uniform(random), 3);
    real[test_random_integer(random, 0, levels - 1) * (levels + 1)] += 0.1;
}

static void fill(test_random *random, test_kind kind, int levels, double *real, double *imag)
{
    int first = 0, last = levels, rank = 1;
    double weight = 1, decay = 1;
    if (kind == TEST_NEAR_PURE) weight = small(random, 3, 15);
    if (kind == TEST_RANK_TWO) weight = small(random, 0, 12);
    if (kind == TEST_NEARLY_DIAGONAL) weight = small(random, 3, 15);
    if (kind == TEST_EDGE) decay = 0.4, rank = test_random_integer(random, 1, 3);
    if (kind == TEST_MIXED || kind == TEST_REAL) rank = levels;
    if (kind == TEST_INNER) {
        first = test_random_integer(random, 0, levels - 1);
        last = test_random_integer(random, first + 1, levels);
        rank = 3;
    }
    if (kind == TEST_FOCK) {
        real[test_random_integer(random, 0, levels - 1) * (levels + 1)] = 1;
        return;
    }
    if (kind == TEST_NEAR_PURE || kind == TEST_RANK_TWO)
        add_pure(random, 1, levels, first, last, 1, real, imag);
    if (kind == TEST_DIAGONAL || kind == TEST_NEARLY_DIAGONAL) add_diagonal(random, levels, real);
    if (kind == TEST_DIAGONAL) return;
    for (int r = 0; r < rank; r++) add_pure(random, weight, levels, first, last, decay, real, imag);
}

void test_random_matrix(test_random *random, test_kind kind, int levels, double *real, double *imag)
{
    for (int i = 0; i < levels * levels; i++) real[i] = imag[i] = 0;
    fill(random, kind, levels, real, imag);
    double trace = 0;
    for (int n = 0; n < levels; n++) trace += real[n * (levels + 1)];
    for (int n = 0; n < levels; n++)
        for (int m = n; m < levels; m++) {
            if (kind == TEST_REAL) imag[n * levels + m] = 0;
            real[m * levels + n] = real[n * levels + m] /= trace;
            imag[n * levels + m] /= trace;
            imag[m * levels + n] = -imag[n * levels + m];
        }
    for (int n = 0; n < levels; n++) imag[n * (levels + 1)] = 0;
}

um_state *test_random_state(um_context *ctx, test_random *random, test_kind kind, int levels)
{
    size_t size = (size_t)levels * (size_t)levels;
    double *real = malloc(sizeof(double) * size), *imag = malloc(sizeof(double) * size);
    um_state *state = NULL;
    test_random_matrix(random, kind, levels, real, imag);
    int quarter = test_random_integer(random, 0, 3);
    double phase = test_random_uniform(random) < 0.5 ? 0 : 6 * test_random_uniform(random) - 3;
    CHECK_OK(ctx, um_state_create(ctx, levels, 2, quarter, phase, &state));
    /* Something else was stored before: what lies outside the window is not zero by chance. */
    double *full = malloc(sizeof(double) * 2 * size);
    test_random_matrix(random, TEST_MIXED, levels, full, full + size);
    CHECK_OK(ctx, um_state_set_matrix(state, levels, full, full + size));
    free(full);
    CHECK_OK(ctx, um_state_set_matrix(state, levels, real, imag));
    free(real);
    free(imag);
    return state;
}
