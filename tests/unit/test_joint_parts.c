/* Collisions with an environment inside, put together from those of three atoms: the table is that of its own. */
#include "context.h"
#include "map/joint.h"
#include "map/joint_parts.h"
#include "model/model.h"

enum { LEVELS = 9 };

static um_model *model_of(const um_atoms *atoms, const um_battery *battery)
{
    um_spec spec;
    um_model *model;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    stage.collisions = 1;
    stage.atoms = *atoms;
    stage.interaction.theta = 0.96;
    stage.interaction.tau = 0.8;
    stage.stream.period = 1;
    stage.environment = (um_environment){.kappa = 0.3, .n_th = 0.4, .atom_decay = 0.2, .atom_dephasing = 0.1,
                                         .during_collision = true};
    stage.imperfections = (um_imperfections){.q_spread = 0.1, .draw = UM_DRAW_RANDOM};
    spec.stages = &stage;
    spec.battery.kind = battery->kind;
    spec.battery.levels = LEVELS;
    spec.battery.energies = battery->energies;
    spec.battery.lowering = battery->lowering;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    return model;
}

static void compare_rows(const umi_table *have, const umi_table *want, int order, int change, int shift)
{
    for (int plane = 0; plane < 2; plane++) {
        const double *a = umi_table_find(have, order, change, shift, plane);
        const double *b = umi_table_find(want, order, change, shift, plane);
        for (int n = 0; n < LEVELS - order; n++) CHECK_CLOSE(a ? a[n] : 0, b ? b[n] : 0, 1e-15);
    }
}

static void compare(umi_table *have, umi_table *want)
{
    assert_int_equal(umi_table_get_orders(have), umi_table_get_orders(want));
    for (int order = 0; order < umi_table_get_orders(want); order++)
        for (int change = order > 0 ? -1 : 0; change <= 1; change++)
            for (int shift = -LEVELS; shift <= LEVELS; shift++) compare_rows(have, want, order, change, shift);
    for (int which = 0; which < UMI_TABLE_READOUTS; which++)
        for (int order = 0; order < UMI_TABLE_READ_ORDERS; order++)
            for (int plane = 0; plane < 2; plane++)
                for (int n = 0; n < LEVELS; n++)
                    CHECK_CLOSE(umi_table_weights(have, (umi_table_readout)which, order, plane)[n],
                                umi_table_weights(want, (umi_table_readout)which, order, plane)[n], 4e-15);
    assert_memory_equal(umi_table_top(have), umi_table_top(want), LEVELS * sizeof(double));
}

static const um_battery *batteries(int which)
{
    static const double energies[] = {0, 1, 2.1, 3.3, 4.2, 5, 6.3, 7.1, 8}, lowering[] = {0, 1, 1.2, 0.7, 1, 2, 1, 0.3, 1};
    static const um_battery all[] = {{.kind = UM_BATTERY_CAVITY}, {.kind = UM_BATTERY_LADDER},
                                     {.kind = UM_BATTERY_CUSTOM, .energies = energies, .lowering = lowering}};
    return &all[which];
}

/* One set of parts for all atoms, fewer orders first. */
static void try_atoms(int which, double c, double detuning)
{
    const double q[] = {0.3, 0, 1, 0.85};
    um_atoms atoms = {.q = 0.5, .c = c, .detuning = detuning, .phase = 0.3};
    um_model *model = model_of(&atoms, batteries(which));
    umi_collision it;
    CHECK_OK(ctx, umi_collision_make(ctx, model, 0, LEVELS, &it));
    assert_true(umi_joint_has_parts(&it));
    umi_joint_parts parts = {.scatters = true};
    for (int i = 0; i < 4; i++) {
        umi_table *have, *want;
        it.atoms.q = q[i];
        it.parts = &parts;
        CHECK_OK(ctx, umi_joint_assemble(ctx, &it, i ? LEVELS : 1, &have));
        it.parts = NULL;
        CHECK_OK(ctx, umi_joint_tabulate(ctx, &it, i ? LEVELS : 1, &want));
        compare(have, want);
        umi_table_free(have);
        umi_table_free(want);
    }
    umi_joint_parts_free(&parts);
    um_model_destroy(model);
}

static void tables_are_those_of_the_atoms(void **unused)
{
    (void)unused;
    const double c[] = {0, 0.7, 1};
    for (int which = 0; which < 3; which++)
        for (int i = 0; i < 3; i++) {
            try_atoms(which, c[i], 0);
            try_atoms(which, c[i], 0.4);
        }
}

/* What differs from collision to collision in more than its atoms has none. */
static void others_have_none(void **unused)
{
    (void)unused;
    um_atoms atoms = {.q = 0.5, .c = 0.5};
    um_model *model = model_of(&atoms, batteries(0));
    umi_collision plain, it;
    CHECK_OK(ctx, umi_collision_make(ctx, model, 0, LEVELS, &plain));
    it = plain;
    it.imperfections.theta_spread = 0.1;
    assert_false(umi_joint_has_parts(&it));
    it = plain;
    it.imperfections.detuning_spread = 0.1;
    assert_false(umi_joint_has_parts(&it));
    it = plain;
    it.environment.during_collision = false;
    assert_false(umi_joint_has_parts(&it));
    it = plain;
    it.interaction.counter_rotating = 1;
    assert_false(umi_joint_has_parts(&it));
    um_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tables_are_those_of_the_atoms),
                                       cmocka_unit_test(others_have_none)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
