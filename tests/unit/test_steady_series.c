/* um_steady_solve where nobody wants ergotropy at every record: what it says is the same. */
#include "check.h"
#include "context.h"

static const double PI = 3.14159265358979323846;

typedef struct setting {
    const char *name;
    double theta, q, c, horizon;
    int max_levels; /* 0: as it is */
    um_limit_status limit;
} setting;

static um_status solve(const setting *it, uint64_t observables, um_steady **steady)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = spec.stages[0];
    stage.atoms.q = it->q;
    stage.atoms.c = it->c;
    stage.interaction.theta = it->theta;
    spec.stages = &stage;
    spec.accuracy.horizon = it->horizon;
    if (it->max_levels) spec.battery.max_levels = it->max_levels;
    spec.record.observables = observables;
    um_model *model;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    um_status status = um_steady_solve(ctx, model, 0, NULL, steady);
    um_model_destroy(model);
    assert_non_null(*steady);
    return status;
}

static void expect_equal(double a, double b)
{
    assert_true(a == b || (isnan(a) && isnan(b)));
}

static void expect_same(const um_steady *a, const um_steady *b)
{
    assert_int_equal(a->limit.status, b->limit.status);
    assert_int_equal(a->limit.collision, b->limit.collision);
    assert_int_equal(a->limit.level, b->limit.level);
    expect_equal(a->limit.energy, b->limit.energy);
    expect_equal(a->limit.ergotropy, b->limit.ergotropy);
    expect_equal(a->limit.purity, b->limit.purity);
    assert_int_equal(a->plateau.at, b->plateau.at);
    expect_equal(a->plateau.energy, b->plateau.energy);
    expect_equal(a->plateau.ergotropy, b->plateau.ergotropy);
    expect_equal(a->plateau.purity, b->plateau.purity);
    expect_equal(a->lifetime, b->lifetime);
}

/* All kinds of limit; runs that leap, that are stepped, that end early. */
static void test_same(void **state)
{
    (void)state;
    const setting settings[] = {
        {"exact trap", PI / sqrt(10), 0.25, 1, 1e12, 0, UM_LIMIT_REACHED},
        {"exact trap, mixed", PI / sqrt(10), 0.25, 0.5, 1e12, 0, UM_LIMIT_REACHED},
        {"ergotropy rests last", PI / sqrt(10), 0.48, 0, 1e9, 0, UM_LIMIT_REACHED},
        {"exact trap, stepped", PI / sqrt(6), 0.25, 1, 1e4, 0, UM_LIMIT_REACHED},
        {"not yet", PI / sqrt(10), 0.25, 0.5, 12, 0, UM_LIMIT_UNDECIDED},
        {"more levels change nothing", 1, 0.75, 0, 1e9, 0, UM_LIMIT_REACHED},
        {"nothing moves", 0, 0.25, 1, 1e6, 0, UM_LIMIT_REACHED},
        {"near trap", 1, 0.25, 1, 1e11, 0, UM_LIMIT_ESCAPES},
        {"climbs out", 0.3, 0.1, 0, 1e12, 64, UM_LIMIT_ESCAPES},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        print_message("%s\n", settings[i].name);
        um_steady *all, *few;
        um_status status = solve(&settings[i], 0, &all);
        assert_int_equal(solve(&settings[i], UM_QUANTITY_BIT(UM_ENERGY), &few), status);
        assert_int_equal(all->limit.status, settings[i].limit);
        assert_true(isfinite(all->limit.ergotropy));
        assert_non_null(all->run->series[UM_ERGOTROPY]);
        assert_null(few->run->series[UM_ERGOTROPY]);
        expect_same(all, few);
        um_steady_destroy(ctx, all);
        um_steady_destroy(ctx, few);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
