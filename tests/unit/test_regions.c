/* Regions between traps: where the phase of a block passes a multiple of pi, or all but touches it.
 */
#include "context.h"
#include "steady/chamber_regions.h"

static double energies[64];

static um_model *make(double theta, um_battery_kind kind, int levels, const double *lowering)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = spec.stages[0];
    spec.stages = &stage;
    spec.battery.kind = kind;
    for (int n = 0; n < 64; n++) energies[n] = n;
    if (kind != UM_BATTERY_CAVITY) spec.battery.levels = levels;
    if (kind == UM_BATTERY_CUSTOM) {
        spec.battery.energies = energies;
        spec.battery.lowering = lowering;
    }
    stage.interaction.theta = theta;
    stage.atoms.q = 0.25;
    um_model *model;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    return model;
}

/* A letter per region after its last level: e exact, n near, o open; w: a wall, exact and no trap.
 */
static void check(um_model *model, int levels, const char *expected)
{
    umi_region *regions;
    int count;
    char text[400] = "";
    CHECK_OK(ctx, umi_regions_find(ctx, model, 0, levels, &regions, &count));
    for (int i = 0; i < count; i++) {
        assert_int_equal(regions[i].first, i == 0 ? 0 : regions[i - 1].last + 1);
        const char *kind =
            regions[i].trap ? (regions[i].exact ? "e" : "n") : (regions[i].exact ? "w" : "o");
        sprintf(text + strlen(text), "%d%s ", regions[i].last, kind);
    }
    assert_int_equal(regions[count - 1].last, levels - 1);
    assert_string_equal(text, expected);
    umi_free(ctx, regions);
    um_model_destroy(model);
}

static void cavities(void **state)
{
    (void)state;
    check(make(1, UM_BATTERY_CAVITY, 0, NULL), 60, "9n 38n 59o ");
    check(make(1, UM_BATTERY_CAVITY, 0, NULL), 10, "9o "); /* what is above is not in the space */
    check(make(1, UM_BATTERY_CAVITY, 0, NULL), 11, "9n 10o ");
    check(make(0.01, UM_BATTERY_CAVITY, 0, NULL), 60, "59o ");
    check(make(M_PI, UM_BATTERY_CAVITY, 0, NULL), 16, "0e 3e 8e 15e ");
    check(make(M_PI, UM_BATTERY_CAVITY, 0, NULL), 12, "0e 3e 8e 11o ");
    check(make(M_PI / sqrt(10), UM_BATTERY_CAVITY, 0, NULL), 10, "9e ");
    check(make(0, UM_BATTERY_CAVITY, 0, NULL), 3, "0e 1e 2e ");
    check(make(1, UM_BATTERY_CAVITY, 0, NULL), 1, "0o ");
}

static void finite_batteries(void **state)
{
    (void)state;
    static const double parts[6] = {0, 1, 0, 0.7, 0.9, 1.1};
    /* The phase turns back just before pi; and just after it, where it is passed twice. */
    static const double touching[6] = {0, 1, 3.11, 1.2, 0.9, 1.1};
    static const double turning[6] = {0, 1, 2.8, 1.2, 0.9, 1.1};
    check(make(1, UM_BATTERY_LADDER, 4, NULL), 4, "3w ");
    check(make(1, UM_BATTERY_CUSTOM, 6, parts), 6, "1e 5w ");
    check(make(1, UM_BATTERY_CUSTOM, 6, parts), 4, "1e 3o "); /* cut, though it is finite */
    check(make(1, UM_BATTERY_CUSTOM, 6, touching), 6, "1n 5w ");
    check(make(1, UM_BATTERY_CUSTOM, 6, turning), 6, "5w ");
    static const double weak[6] = {0, 0.04, 0.03, 0.02, 0.05, 0.04};
    check(make(1, UM_BATTERY_CUSTOM, 6, weak), 6, "5w ");
}

static void whose_top(void **state)
{
    (void)state;
    um_model *model = make(1, UM_BATTERY_LADDER, 4, NULL);
    assert_true(umi_regions_is_finite(model, 4));
    um_model_destroy(model);
    model = make(1, UM_BATTERY_CAVITY, 0, NULL);
    assert_false(umi_regions_is_finite(model, 4));
    um_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cavities),
        cmocka_unit_test(finite_batteries),
        cmocka_unit_test(whose_top),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
