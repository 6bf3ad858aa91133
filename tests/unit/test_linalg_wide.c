/* Wide scalars and vectors against quadruple precision, and every instruction set against the others. */
#include "context.h"
#include "instructions.h"
#include "random_state.h"

#include "linalg/wide.h"

typedef _Float128 quad;

static double size_of(quad x) { return fabs((double)x); }

/* Cut at 2^-108 of its size, so that quadruple precision holds it and what cancels of it. */
static umi_wide cut(umi_wide a)
{
    int last = ilogb(a.hi) - 108;
    return umi_wide_quick_sum(a.hi, ldexp(rint(ldexp(a.lo, -last)), last));
}

/* Any exponent from -30 to 30, low part within half a unit. */
static umi_wide random_wide(test_random *random)
{
    double hi = ldexp(test_random_normal(random), test_random_integer(random, -30, 30));
    double lo = ldexp(hi * (test_random_uniform(random) - 0.5), -53);
    return cut(umi_wide_quick_sum(hi, lo));
}

static quad to_quad(umi_wide a) { return umi_wide_to_quad(a); }

static void check_near(const char *what, umi_wide got, quad wanted, double error)
{
    double difference = size_of(to_quad(got) - wanted);
    if (!(difference <= error * UMI_WIDE_EPS))
        fail_msg("%s: error %g, allowed %g", what, difference, error * UMI_WIDE_EPS);
    assert_true(got.hi == got.hi + got.lo); /* parts do not overlap */
}

static void test_scalars(void **state)
{
    (void)state;
    test_random random = {1};
    for (int i = 0; i < 20000 * test_effort(); i++) {
        umi_wide a = random_wide(&random), b = random_wide(&random);
        if (i % 3 == 0) b = cut(umi_wide_add(umi_wide_scale(b, ldexp(a.hi / b.hi, -50)), umi_wide_negate(a)));
        quad x = to_quad(a), y = to_quad(b);
        check_near("add", umi_wide_add(a, b), x + y, 2 * size_of(x + y));
        check_near("subtract", umi_wide_subtract(a, b), x - y, 2 * size_of(x - y));
        check_near("multiply", umi_wide_multiply(a, b), x * y, 4 * size_of(x * y));
        check_near("scale", umi_wide_scale(a, b.hi), x * b.hi, 2 * size_of(x * b.hi));
        check_near("divide", umi_wide_divide(a, b), x / y, 8 * size_of(x / y));
        umi_wide square = umi_wide_multiply(a, a), root = umi_wide_sqrt(square);
        check_near("sqrt", root, x < 0 ? -x : x, 8 * size_of(x));
        umi_wide product = umi_wide_two_product(a.hi, b.hi);
        assert_true((quad)product.hi + product.lo == (quad)a.hi * b.hi);
        umi_wide sum = umi_wide_two_sum(a.lo, b.hi);
        assert_true((quad)sum.hi + sum.lo == (quad)a.lo + b.hi);
        /* A rounded product must not be fused into what follows. */
        umi_wide near = umi_wide_add(umi_wide_two_product(a.hi, b.hi), b);
        check_near("product and sum", near, (quad)a.hi * b.hi + y, 2 * size_of((quad)a.hi * b.hi + y));
    }
    assert_true(umi_wide_sqrt(umi_wide_set(0)).hi == 0);
    assert_true(umi_wide_get(umi_wide_from_quad(3)) == 3);
    quad third = (quad)1 / 3;
    check_near("from quad", umi_wide_from_quad(third), third, 0.3);
}

static umi_wide_vector random_vector(test_random *random, size_t size)
{
    umi_wide_vector x;
    CHECK_OK(ctx, umi_wide_vector_create(ctx, size, &x));
    for (size_t i = 0; i < size; i++) {
        assert_true(x.hi[i] == 0 && x.lo[i] == 0);
        umi_wide value = random_wide(random);
        x.hi[i] = value.hi;
        x.lo[i] = value.lo;
    }
    return x;
}

static quad at(umi_wide_vector x, size_t i) { return (quad)x.hi[i] + x.lo[i]; }

enum { COUNT = 70 };

typedef struct outcome {
    umi_wide dot, coefficients[COUNT];
    umi_wide_vector scaled, sum, rest;
} outcome;

/* Everything that vectors do, with whatever kernels are in use. */
static void work(const umi_wide_vector *basis, umi_wide_vector x, umi_wide factor, outcome *result)
{
    result->dot = umi_wide_dot(basis[0], x);
    umi_wide_project(COUNT, basis, x, result->coefficients);
    umi_wide_vector *made[] = {&result->scaled, &result->sum, &result->rest};
    for (int i = 0; i < 3; i++) {
        CHECK_OK(ctx, umi_wide_vector_create(ctx, x.size, made[i]));
        umi_wide_vector_copy(*made[i], x);
    }
    umi_wide_vector_scale(result->scaled, factor);
    umi_wide_axpy(factor, basis[0], result->sum);
    umi_wide_combine(COUNT, basis, result->coefficients, -1, result->rest);
}

static void check_work(const umi_wide_vector *basis, umi_wide_vector x, umi_wide factor,
                       const outcome *result)
{
    quad f = to_quad(factor);
    for (int j = 0; j < COUNT; j++) {
        quad sum = 0, sizes = 0;
        for (size_t i = 0; i < x.size; i++) {
            quad term = at(basis[j], i) * at(x, i);
            sum += term;
            sizes += size_of(term);
        }
        check_near("project", result->coefficients[j], sum, 16 * size_of(sizes));
    }
    for (size_t i = 0; i < x.size; i++) {
        umi_wide scaled = {result->scaled.hi[i], result->scaled.lo[i]};
        umi_wide sum = {result->sum.hi[i], result->sum.lo[i]};
        umi_wide rest = {result->rest.hi[i], result->rest.lo[i]};
        quad value = at(x, i), term = f * at(basis[0], i);
        check_near("scale", scaled, value * f, 4 * size_of(value * f));
        check_near("axpy", sum, value + term, 4 * (size_of(value + term) + size_of(term)));
        double sizes = size_of(value);
        for (int j = 0; j < COUNT; j++) {
            term = to_quad(result->coefficients[j]) * at(basis[j], i);
            value -= term;
            sizes += size_of(term);
        }
        check_near("combine", rest, value, 16 * sizes);
    }
}

static bool same(umi_wide a, umi_wide b) { return a.hi == b.hi && a.lo == b.lo; }

static bool same_vector(umi_wide_vector a, umi_wide_vector b)
{
    return a.size == 0 || (memcmp(a.hi, b.hi, a.size * sizeof(double)) == 0 &&
                           memcmp(a.lo, b.lo, a.size * sizeof(double)) == 0);
}

static void check_same(const outcome *a, const outcome *b)
{
    assert_true(same(a->dot, b->dot) && same(a->dot, a->coefficients[0]));
    for (int j = 0; j < COUNT; j++) assert_true(same(a->coefficients[j], b->coefficients[j]));
    assert_true(same_vector(a->scaled, b->scaled));
    assert_true(same_vector(a->sum, b->sum));
    assert_true(same_vector(a->rest, b->rest));
}

static void free_outcome(outcome *result)
{
    umi_wide_vector_free(ctx, &result->scaled);
    umi_wide_vector_free(ctx, &result->sum);
    umi_wide_vector_free(ctx, &result->rest);
}

/* Bits agree whatever the instruction set and however vectors are aligned; what stands behind the
 * end of a vector (a prefix of a longer one) plays no part. */
static void try_size(test_random *random, size_t size)
{
    umi_wide_vector longer[COUNT + 1], basis[COUNT + 1];
    for (int j = 0; j <= COUNT; j++) {
        longer[j] = random_vector(random, size + 9);
        size_t shift = (size_t)test_random_integer(random, 0, 8);
        basis[j] = (umi_wide_vector){size, longer[j].hi + shift, longer[j].lo + shift};
    }
    umi_wide factor = random_wide(random);
    outcome first;
    setenv("UMASER_KERNEL", "reference", 1);
    work(basis, basis[COUNT], factor, &first);
    check_work(basis, basis[COUNT], factor, &first);
    for (umi_instructions set = UMI_AVX2; set < UMI_INSTRUCTIONS; set++) {
        if (!test_use_instructions(set)) continue;
        assert_int_equal(umi_instructions_choose(), set);
        outcome other;
        work(basis, basis[COUNT], factor, &other);
        check_same(&first, &other);
        free_outcome(&other);
    }
    unsetenv("UMASER_KERNEL");
    free_outcome(&first);
    for (int j = 0; j <= COUNT; j++) umi_wide_vector_free(ctx, &longer[j]);
}

static void test_vectors(void **state)
{
    (void)state;
    test_random random = {2};
    static const size_t sizes[] = {0, 1, 2, 7, 8, 15, 16, 17, 100, 1023, 1024, 1025, 2500};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) try_size(&random, sizes[s]);
}

/* What cancels is known exactly: x - <b, x> b of a unit vector b along x. */
static void test_cancellation(void **state)
{
    (void)state;
    enum { SIZE = 3000 };
    test_random random = {3};
    umi_wide_vector x = random_vector(&random, SIZE), unit = random_vector(&random, SIZE);
    for (size_t i = 0; i < SIZE; i++) x.hi[i] = 1, x.lo[i] = 0x1p-60;
    umi_wide_vector_copy(unit, x);
    umi_wide norm = umi_wide_sqrt(umi_wide_dot(x, x));
    quad exact = (quad)SIZE * (1 + (quad)0x1p-60) * (1 + (quad)0x1p-60);
    check_near("norm^2", umi_wide_dot(x, x), exact, 8 * SIZE);
    umi_wide_vector_scale(unit, umi_wide_divide(umi_wide_set(1), norm));
    umi_wide coefficient;
    umi_wide_project(1, &unit, x, &coefficient);
    umi_wide_combine(1, &unit, &coefficient, -1, x);
    for (size_t i = 0; i < SIZE; i++) CHECK_AT_MOST(size_of(at(x, i)), 32 * UMI_WIDE_EPS);
    umi_wide_vector_free(ctx, &x);
    umi_wide_vector_free(ctx, &unit);
}

static void test_too_large(void **state)
{
    (void)state;
    umi_wide_vector x;
    CHECK_STATUS(ctx, umi_wide_vector_create(ctx, SIZE_MAX, &x), UM_ERROR_MEMORY);
    assert_null(x.hi);
    umi_wide_vector_free(ctx, &x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars), cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_cancellation), cmocka_unit_test(test_too_large)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
