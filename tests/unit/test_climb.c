/* How far a window climbs in one step: far enough, the same in any space, and not all the way to the top. */
#include "context.h"
#include "map/map.h"
#include "run_cases.h"

enum { LEVELS = 400 };

typedef struct climber {
    double kappa, n_th, period; /* tau 0 */
    um_arrivals arrivals;
    double theta;
    int most; /* levels that would be too many, from level 40 */
} climber;

static const climber climbers[] = {
    {0.001, 0.05, 1, UM_ARRIVALS_REGULAR, 0, 12},  {0.1, 1, 1, UM_ARRIVALS_REGULAR, 0, 80},
    {1, 0.5, 1, UM_ARRIVALS_REGULAR, 0, 80},       {1, 2, 10, UM_ARRIVALS_REGULAR, 0, 130},
    {1, 2, 0.3, UM_ARRIVALS_REGULAR, 0, 200},      {1, 1, 1, UM_ARRIVALS_POISSON, 0, 150},
    {0.01, 0.3, 1, UM_ARRIVALS_POISSON, 0.4, 60},  {1, 2, 10, UM_ARRIVALS_REGULAR, 0.4, 130},
    {0, 0, 1, UM_ARRIVALS_REGULAR, 0.4, 2},        {1e-9, 1e-3, 1, UM_ARRIVALS_REGULAR, 0, 4},
};
enum { CLIMBERS = sizeof climbers / sizeof *climbers };

static um_map *map_of(const climber *it, int levels)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.collisions = 1;
    stage.atoms = (um_atoms){.q = 0.25, .c = 1};
    stage.interaction.theta = it->theta;
    stage.interaction.tau = 0;
    stage.stream.arrivals = it->arrivals;
    stage.stream.period = it->period;
    stage.environment = (um_environment){.kappa = it->kappa, .n_th = it->n_th};
    spec.stages = &stage;
    um_model *model;
    um_map *map;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    CHECK_OK(ctx, um_map_create(ctx, model, 0, levels, &map));
    um_model_destroy(model);
    return map;
}

static um_map *drive_of(double size, int levels)
{
    um_battery cavity = {.kind = UM_BATTERY_CAVITY, .frequency = 1};
    um_map *map;
    CHECK_OK(ctx, um_map_create_displacement(ctx, &cavity, levels, size, 0, &map));
    return map;
}

/* Population from level `end` on of the image of level last - 1. */
static double share_beyond(um_map *map, int last, int end)
{
    um_state *in, *out;
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &in));
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &out));
    static double rho[LEVELS * LEVELS];
    memset(rho, 0, sizeof rho);
    rho[(last - 1) * (LEVELS + 1)] = 1;
    CHECK_OK(ctx, um_state_set_matrix(in, LEVELS, rho, NULL));
    CHECK_OK(ctx, um_map_prepare(map, in));
    CHECK_OK(ctx, um_map_apply(map, in, out, NULL));
    double beyond = 0;
    for (int n = LEVELS - 1; n >= end; n--) {
        double population;
        um_state_get_matrix(out, n, 1, &population, NULL);
        beyond += population;
    }
    um_state_destroy(in);
    um_state_destroy(out);
    return beyond;
}

static void check(um_map *map, um_map *small, double negligible, int most)
{
    const int lasts[] = {1, 2, 12, 40};
    for (int i = 0; i < 4; i++) {
        int climb = umi_map_get_climb(map, lasts[i]);
        print_message("from %d: %d\n", lasts[i], climb);
        assert_int_equal(umi_map_get_climb(small, lasts[i]), climb);
        CHECK_AT_MOST(share_beyond(map, lasts[i], lasts[i] + climb), negligible);
        CHECK_AT_MOST(climb, most);
        /* Half as far would lose something. */
        if (climb > 4) assert_true(share_beyond(map, lasts[i], lasts[i] + climb / 2) > negligible);
    }
    um_map_destroy(map);
    um_map_destroy(small);
}

static void channels_climb_so_far(void **unused)
{
    (void)unused;
    for (int i = 0; i < CLIMBERS; i++)
        check(map_of(&climbers[i], LEVELS), map_of(&climbers[i], 50), 1e-19, climbers[i].most);
}

static void displacements_climb_so_far(void **unused)
{
    (void)unused;
    const double sizes[] = {0, 1e-6, 0.05, 0.5, 2, 5};
    const int most[] = {0, 12, 25, 60, 120, 220};
    for (int i = 0; i < 6; i++) check(drive_of(sizes[i], LEVELS), drive_of(sizes[i], 50), 1e-39, most[i]);
}

/* Stores that forget all but the temperature do not need the levels of what could have been there. */
static void hot_stores_stay_small(void **unused)
{
    (void)unused;
    um_spec spec;
    um_spec_init(&spec);
    um_stage stages[2] = {*spec.stages, *spec.stages};
    stages[0].collisions = 3;
    stages[0].atoms = (um_atoms){.q = 0.25, .c = 1};
    stages[0].interaction.theta = 1;
    stages[1].kind = UM_STAGE_STORE;
    stages[1].collisions = 0;
    stages[1].duration = 10;
    stages[1].environment = (um_environment){.kappa = 1, .n_th = 2};
    spec.stages = stages;
    spec.stages_count = 2;
    test_run_done done = test_run_execute(ctx, &spec, false);
    CHECK_AT_MOST(done.result->truncation.levels, 256);
    CHECK_AT_MOST(done.result->truncation.error_bound, 1e-15);
    double left = done.result->stages[1].energy_start - 2;
    CHECK_CLOSE(done.result->stages[1].energy_end, 2 + left * exp(-10), 1e-13);
    test_run_done_destroy(&done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(channels_climb_so_far),
                                       cmocka_unit_test(displacements_climb_so_far),
                                       cmocka_unit_test(hot_stores_stay_small)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
