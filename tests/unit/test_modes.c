/* Leading modes of random maps whose spectrum is known: nearly degenerate, far from normal. */
#include <complex.h>

#include "context.h"
#include "random_state.h"
#include "steady/modes.h"

enum { LARGEST = 330 };

/* M = P T P', T block-triangular with the eigenvalues given, P a product of reflections. */
typedef struct map {
    int size;
    double *t;         /* row-major */
    double *mirror[3]; /* unit vectors */
    double *work;
    long applied;
} map;

static void reflect(const map *m, const double *v, double *x)
{
    double sum = 0;
    for (int i = 0; i < m->size; i++) sum += v[i] * x[i];
    for (int i = 0; i < m->size; i++) x[i] -= 2 * sum * v[i];
}

static um_status apply(void *self, int times, double *x)
{
    map *m = self;
    for (int i = 0; i < 3; i++) reflect(m, m->mirror[i], x);
    for (int t = 0; t < times; t++) {
        for (int i = 0; i < m->size; i++) {
            double sum = 0;
            for (int j = i > 0 ? i - 1 : 0; j < m->size; j++) sum += m->t[i * m->size + j] * x[j];
            m->work[i] = sum;
        }
        memcpy(x, m->work, (size_t)m->size * sizeof *x);
    }
    for (int i = 2; i >= 0; i--) reflect(m, m->mirror[i], x);
    m->applied += times;
    return UM_OK;
}

/* values: pairs with im > 0 stand for themselves and their conjugate; the rest of the spectrum
 * fills a disc of radius `bulk`. coupling: how far from normal. */
static void make(map *m, int size, const double _Complex *values, int count, double bulk,
                 double coupling, uint64_t seed)
{
    test_random random = {seed};
    *m = (map){.size = size, .t = calloc((size_t)(size * size), sizeof(double))};
    m->work = calloc((size_t)size, sizeof(double));
    for (int i = 0; i < size; i++)
        for (int j = i + 1; j < size; j++)
            m->t[i * size + j] = coupling * test_random_normal(&random) / sqrt(size);
    /* The leading ones in the middle: right and left vectors both reach far. */
    int at = 0, given = 0;
    while (at < size) {
        bool known = at >= size / 3 && given < count;
        double _Complex value =
            known ? values[given++] : bulk * (2 * test_random_uniform(&random) - 1);
        m->t[at * size + at] = creal(value);
        if (cimag(value) > 0) {
            m->t[(at + 1) * size + at + 1] = creal(value);
            m->t[at * size + at + 1] = cimag(value);
            m->t[(at + 1) * size + at] = -cimag(value);
            at++;
        }
        at++;
    }
    for (int k = 0; k < 3; k++) {
        double sum = 0;
        m->mirror[k] = calloc((size_t)size, sizeof(double));
        for (int i = 0; i < size; i++) {
            m->mirror[k][i] = test_random_normal(&random);
            sum += m->mirror[k][i] * m->mirror[k][i];
        }
        for (int i = 0; i < size; i++) m->mirror[k][i] /= sqrt(sum);
    }
}

static void drop(map *m)
{
    for (int k = 0; k < 3; k++) free(m->mirror[k]);
    free(m->t);
    free(m->work);
}

/* Every value given is among the modes, and so many modes are near it. */
static void expect(const umi_modes *modes, double _Complex value, int copies, double tolerance)
{
    int found = 0;
    for (int j = 0; j < modes->count; j++)
        found += cabs(modes->re[j] + I * modes->im[j] - value) <= tolerance;
    if (found != copies)
        fail_msg("%.12g %+.12gi: %d within %.1g, not %d", creal(value), cimag(value), found,
                 tolerance, copies);
}

/* M basis = basis matrix, basis orthonormal. */
static void check_basis(map *m, const umi_modes *modes, double tolerance)
{
    size_t size = modes->size;
    double *image = calloc(size, sizeof *image);
    for (int j = 0; j < modes->count; j++) {
        memcpy(image, modes->basis + (size_t)j * size, size * sizeof *image);
        assert_int_equal(apply(m, 1, image), UM_OK);
        for (int i = 0; i < modes->count; i++) {
            double dot = 0;
            for (size_t k = 0; k < size; k++) {
                dot += modes->basis[(size_t)i * size + k] * modes->basis[(size_t)j * size + k];
                image[k] -=
                    modes->basis[(size_t)i * size + k] * modes->matrix[j * modes->count + i];
            }
            CHECK_CLOSE(dot, i == j, 1e-12);
        }
        double left = 0;
        for (size_t k = 0; k < size; k++) left += image[k] * image[k];
        CHECK_AT_MOST(sqrt(left), tolerance);
    }
    free(image);
}

static umi_modes find(map *m, int wanted)
{
    umi_modes modes = {0};
    umi_operator operator= {.self = m, .size = (size_t)m->size, .apply = apply};
    CHECK_OK(ctx, umi_modes_find(ctx, &operator, wanted, &modes));
    assert_true(modes.count >= wanted);
    for (int j = 1; j < modes.count; j++)
        assert_true(hypot(modes.re[j], modes.im[j]) <=
                    hypot(modes.re[j - 1], modes.im[j - 1]) * (1 + 1e-9));
    return modes;
}

static const int sizes[] = {40, 170, LARGEST}; /* whole matrix, Krylov space */

static void test_nearly_degenerate(void **state)
{
    (void)state;
    static const double _Complex values[] = {
        1, 1 - 1e-7, 1 - 1e-4, -1 + 1e-6, -0.9999, 0.98 + 0.1 * I, 0.95, 0.95 + 1e-4 * I, 0.9};
    for (int i = 0; i < 3; i++)
        for (int far = 0; far < 2; far++) {
            map m;
            make(&m, sizes[i], values, 9, 0.6, far ? 0.5 : 0.02, 7);
            umi_modes modes = find(&m, 11);
            check_basis(&m, &modes, 1e-11);
            double tolerance = 1e-8;
            for (int v = 0; v < 9; v++) expect(&modes, values[v], 1, tolerance);
            expect(&modes, 0.98 - 0.1 * I, 1, tolerance);
            umi_modes_free(ctx, &modes);
            drop(&m);
        }
}

/* Equal eigenvalues with a chain of couplings between them: a Jordan block, to rounding. What is
 * found is spread by the root of the precision, but none is missing. */
static void test_defective(void **state)
{
    (void)state;
    static const double _Complex values[] = {0.97, 0.97, 0.97, 0.92};
    for (int i = 0; i < 3; i++) {
        map m;
        make(&m, sizes[i], values, 4, 0.5, 0.1, 3);
        umi_modes modes = find(&m, 4);
        check_basis(&m, &modes, 1e-10);
        expect(&modes, 0.97, 3, 1e-3);
        expect(&modes, 0.92, 1, 1e-9);
        umi_modes_free(ctx, &modes);
        drop(&m);
    }
}

/* More equal eigenvalues than a block has columns, none coupled to another. */
static void test_copies(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        for (int hint = 0; hint < 2; hint++) {
            double _Complex values[14];
            for (int v = 0; v < 14; v++) values[v] = v < 9 ? 1 : -1;
            map m;
            make(&m, sizes[i], values, 14, 0.7, 0, 11);
            umi_modes modes = {.copies = hint ? 9 : 0};
            umi_operator operator= {.self = &m, .size = (size_t)m.size, .apply = apply};
            CHECK_OK(ctx, umi_modes_find(ctx, &operator, 5, &modes));
            expect(&modes, 1, 9, 1e-9);
            expect(&modes, -1, 5, 1e-9);
            umi_modes_free(ctx, &modes);
            drop(&m);
        }
}

/* From what is known already to more of it. */
static void test_further(void **state)
{
    (void)state;
    double _Complex values[24];
    for (int v = 0; v < 24; v++) values[v] = (v % 2 ? -1 : 1) * (1 - 0.01 * v);
    map m;
    make(&m, LARGEST, values, 24, 0.5, 0.3, 5);
    umi_modes modes = {0};
    umi_operator operator= {.self = &m, .size = (size_t)m.size, .apply = apply};
    for (int wanted = 5; wanted <= 20; wanted += 5) {
        CHECK_OK(ctx, umi_modes_find(ctx, &operator, wanted, &modes));
        assert_true(modes.count >= wanted && modes.count <= 24);
        for (int v = 0; v < wanted; v++) expect(&modes, values[v], 1, 1e-9);
        check_basis(&m, &modes, 1e-11);
    }
    umi_modes_free(ctx, &modes);
    drop(&m);
}

/* A mode only just smaller or larger than the last one wanted does not hide behind it. */
static void test_close_call(void **state)
{
    (void)state;
    for (int seed = 1; seed < 9; seed++) {
        double _Complex values[8];
        for (int v = 0; v < 8; v++) values[v] = (v % 3 ? 1 : -1) * (0.95 - 2e-6 * v);
        map m;
        make(&m, 200, values, 8, 0.8, 1e-4, (uint64_t)seed);
        umi_modes modes = find(&m, 4);
        for (int v = 0; v < 4; v++) expect(&modes, values[v], 1, 1e-9);
        umi_modes_free(ctx, &modes);
        drop(&m);
    }
}

/* Errors are not much smaller than what they estimate, and no idle alarm. */
static void test_errors(void **state)
{
    (void)state;
    for (int seed = 1; seed < 6; seed++) {
        double _Complex values[10];
        for (int v = 0; v < 10; v++) values[v] = 0.99 - 0.007 * v;
        map m;
        make(&m, 220, values, 10, 0.5, 1.5, (uint64_t)seed);
        umi_modes modes = find(&m, 8);
        for (int j = 0; j < 8; j++) {
            double off = fabs(modes.re[j] - creal(values[j]));
            CHECK_AT_MOST(off, 3 * modes.error[j]);
            CHECK_AT_MOST(modes.error[j], 1e-4);
        }
        umi_modes_free(ctx, &modes);
        drop(&m);
    }
}

/* Three copies of one eigenvalue with one eigenvector, and some that are simple. */
static void test_one_vector(void **state)
{
    (void)state;
    for (int size = 12; size <= 240; size *= 20) {
        double _Complex values[] = {0.9, 0.9, 0.9, 0.5};
        map m;
        make(&m, size, values, 4, 0.1, 1, 9);
        int at = size / 3;
        for (int i = 0; i < 2; i++) m.t[(at + i) * size + at + i + 1] = 0.5;
        umi_operator operator = {.self = &m, .size = (size_t)size, .apply = apply};
        umi_modes modes = {0};
        CHECK_OK(ctx, umi_modes_find(ctx, &operator, 3, &modes));
        for (int j = 0; j < 3; j++) {
            double off = hypot(modes.re[j] - 0.9, modes.im[j]);
            print_message("size %d: off %.1e, error %.1e\n", size, off, modes.error[j]);
            CHECK_AT_MOST(off, 3 * modes.error[j]);
            CHECK_AT_MOST(modes.error[j], UMI_UNSURE);
        }
        umi_modes_free(ctx, &modes);
        drop(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nearly_degenerate),
        cmocka_unit_test(test_defective),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_further),
        cmocka_unit_test(test_close_call),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_one_vector),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
