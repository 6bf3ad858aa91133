#include "run_cases.h"

#include "check.h"

static void set_stages(int64_t collisions, test_run_case *made)
{
    um_stage *stages = made->stages;
    stages[1] = stages[2] = stages[0];
    stages[0].collisions = collisions / 3;
    stages[1].collisions = collisions / 2;
    stages[2].collisions = collisions - stages[0].collisions - stages[1].collisions;
    stages[1].atoms = (um_atoms){.q = 0.75, .c = 0.5, .phase = 1, .detuning = 0.25};
    stages[1].interaction = (um_interaction){.theta = NAN, .g = 0.5, .tau = 3};
    stages[1].stream.period = 4.5;
    stages[2].atoms = (um_atoms){.q = 0.1, .c = 0};
    stages[2].interaction.theta = 0.4;
    made->spec.stages_count = 3;
}

/* The environment acts in gaps and while stored. */
static void set_protocol(int64_t collisions, test_run_case *made)
{
    um_stage *stages = made->stages;
    stages[0].interaction = (um_interaction){.theta = NAN, .g = 0.5, .tau = 2};
    stages[0].stream.period = 3;
    stages[0].environment =
        (um_environment){.kappa = 0.004, .n_th = 0.1, .dephasing = 0.001};
    for (int i = 1; i < 6; i++) stages[i] = stages[0];
    stages[0].kind = UM_STAGE_DRIVE;
    stages[0].drive_re = 0.4;
    stages[0].drive_im = -0.3;
    stages[1].collisions = collisions / 3;
    stages[1].stream.atom_probability = 0.8;
    stages[2].kind = stages[4].kind = UM_STAGE_STORE;
    stages[2].duration = 20;
    stages[4].duration = 300;
    stages[3].collisions = collisions / 3;
    stages[3].atoms.detuning = 0.2;
    stages[5].kind = UM_STAGE_DISCHARGE;
    stages[5].collisions = collisions - 2 * (collisions / 3);
    stages[0].collisions = stages[2].collisions = stages[4].collisions = 0;
    made->spec.stages_count = 6;
}

void test_run_case_make(test_run_kind kind, int64_t collisions, test_run_case *made)
{
    static const char *const names[TEST_RUN_KINDS] = {
        "resonant", "incoherent", "detuned", "Hermitian", "ladder",
        "custom",   "Rabi",       "Rabi lab", "stages",    "protocol"};
    *made = (test_run_case){.name = names[kind]};
    um_spec *spec = &made->spec;
    um_spec_init(spec);
    um_stage *stage = &made->stages[0];
    *stage = spec->stages[0];
    bool rabi = kind == TEST_RUN_RABI || kind == TEST_RUN_RABI_LAB;
    stage->collisions = rabi ? TEST_RUN_RABI_COLLISIONS(collisions) : collisions;
    stage->atoms = (um_atoms){.q = 0.25, .c = 1};
    stage->interaction.theta = 1;
    spec->stages = made->stages;
    spec->battery.max_levels = 2000;
    if (kind == TEST_RUN_INCOHERENT) stage->atoms.c = 0;
    if (kind == TEST_RUN_DETUNED)
        stage->interaction = (um_interaction){.theta = NAN, .g = 0.2, .tau = 4};
    if (kind == TEST_RUN_DETUNED) stage->atoms.detuning = 0.3, stage->stream.period = 5;
    if (rabi)
        stage->interaction =
            (um_interaction){.theta = NAN, .g = 0.05, .tau = 2, .counter_rotating = 1};
    if (kind == TEST_RUN_RABI_LAB) {
        stage->stream.period = 6.1;
        stage->stream.frame = UM_FRAME_LAB;
    }
    if (kind == TEST_RUN_HERMITIAN) {
        stage->atoms.phase = 0.8;
        stage->atoms.c = 0.9;
        spec->battery.initial =
            (um_initial){.kind = UM_INITIAL_COHERENT, .re = 1.2, .im = -0.7};
    }
    if (kind == TEST_RUN_LADDER) {
        spec->battery.kind = UM_BATTERY_LADDER;
        spec->battery.levels = 40;
    }
    if (kind == TEST_RUN_CUSTOM) {
        spec->battery.kind = UM_BATTERY_CUSTOM;
        spec->battery.levels = 40;
        for (int n = 0; n < 40; n++) {
            made->energies[n] = n + 0.01 * n * n;
            made->lowering[n] = sqrt(n) * (1 - 0.005 * n);
        }
        stage->interaction = (um_interaction){.theta = NAN, .g = 0.3, .tau = 3};
    }
    if (kind == TEST_RUN_STAGES) set_stages(collisions, made);
    if (kind == TEST_RUN_PROTOCOL) set_protocol(collisions, made);
}

um_model *test_run_model(um_context *ctx, const um_spec *spec)
{
    um_spec copy = *spec;
    const test_run_case *owner = (const test_run_case *)(const void *)
        ((const char *)spec - offsetof(test_run_case, spec));
    if (copy.battery.kind == UM_BATTERY_CUSTOM) {
        copy.battery.energies = owner->energies;
        copy.battery.lowering = owner->lowering;
    }
    um_model *model;
    CHECK_OK(ctx, um_model_create(ctx, &copy, &model));
    return model;
}

static void same(const char *what, const char *name, const void *a, const void *b, size_t bytes)
{
    if (!a && !b) return;
    if (!a || !b) fail_msg("%s: %s is there only once", what, name);
    for (size_t i = 0; i < bytes; i += 8)
        if (memcmp((const char *)a + i, (const char *)b + i, bytes - i < 8 ? bytes - i : 8) != 0) {
            double x = 0, y = 0;
            memcpy(&x, (const char *)a + i, bytes - i < 8 ? bytes - i : 8);
            memcpy(&y, (const char *)b + i, bytes - i < 8 ? bytes - i : 8);
            if (isnan(x) && isnan(y)) continue;
            fail_msg("%s: %s differs at %zu: %.17g %.17g", what, name, i / 8, x, y);
        }
}

#define SAME(field) same(what, #field, &a->field, &b->field, sizeof a->field)

static void same_kept(const char *what, const um_result *a, const um_result *b)
{
    assert_int_equal(a->states_count, b->states_count);
    for (size_t i = 0; i < a->states_count; i++) {
        size_t bytes = sizeof(double) * (size_t)a->states[i].levels * (size_t)a->states[i].levels;
        SAME(states[i].collision);
        SAME(states[i].levels);
        same(what, "kept state", a->states[i].real, b->states[i].real, bytes);
        same(what, "kept state", a->states[i].imag, b->states[i].imag, bytes);
    }
    assert_int_equal(a->wigners_count, b->wigners_count);
    size_t points = (size_t)a->wigner_grid.points, bytes = sizeof(double) * points * points;
    for (size_t i = 0; i < a->wigners_count; i++) {
        SAME(wigners[i].collision);
        same(what, "Wigner function", a->wigners[i].wigner, b->wigners[i].wigner, bytes);
        same(what, "Husimi function", a->wigners[i].husimi, b->wigners[i].husimi, bytes);
    }
}

void test_same_result(const char *what, const um_result *a, const um_result *b)
{
    SAME(status);
    SAME(collisions);
    SAME(records);
    size_t n = a->records;
    same(what, "stage", a->stage, b->stage, n * sizeof *a->stage);
    same(what, "collision", a->collision, b->collision, n * sizeof *a->collision);
    same(what, "time", a->time, b->time, n * sizeof *a->time);
    for (int i = 0; i < UM_QUANTITY_COUNT; i++)
        same(what, um_quantity_get_info(i)->name, a->series[i], b->series[i], n * sizeof(double));
    SAME(population_levels);
    same(what, "populations", a->populations, b->populations,
         n * (size_t)a->population_levels * sizeof(double));
    SAME(final_levels);
    same(what, "final populations", a->final_populations, b->final_populations,
         (size_t)a->final_levels * sizeof(double));
    assert_int_equal(a->stages_count, b->stages_count);
    for (size_t i = 0; i < a->stages_count; i++) {
        SAME(stages[i].kind);
        SAME(stages[i].collisions);
        SAME(stages[i].end);
        SAME(stages[i].duration);
        SAME(stages[i].energy_start);
        SAME(stages[i].energy_end);
        SAME(stages[i].ergotropy_start);
        SAME(stages[i].ergotropy_end);
        SAME(stages[i].delivered_energy);
        SAME(stages[i].delivered_ergotropy);
        SAME(stages[i].half_life_energy);
        SAME(stages[i].half_life_ergotropy);
        SAME(stages[i].ledger);
        assert_string_equal(a->stages[i].method, b->stages[i].method);
        SAME(stages[i].forward.from);
        SAME(stages[i].forward.to);
        SAME(stages[i].forward.levels);
        SAME(stages[i].forward.orders);
        SAME(stages[i].forward.rank);
        SAME(stages[i].forward.bound);
        SAME(stages[i].forward.truncation);
    }
    assert_int_equal(a->plateaus_count, b->plateaus_count);
    if (a->plateaus_count)
        same(what, "plateaus", a->plateaus, b->plateaus, a->plateaus_count * sizeof *a->plateaus);
    SAME(power_maximum);
    SAME(ergotropy_power_maximum);
    SAME(ledger);
    SAME(delivered_energy);
    SAME(delivered_ergotropy);
    SAME(truncation.levels);
    SAME(truncation.top_population_max);
    SAME(truncation.error_bound);
    SAME(truncation.trace_drift);
    assert_string_equal(a->kernel, b->kernel);
    SAME(digest);
    same_kept(what, a, b);
}

test_run_done test_run_execute(um_context *ctx, const um_spec *spec, bool plateaus)
{
    test_run_done done;
    CHECK_OK(ctx, um_model_create(ctx, spec, &done.model));
    CHECK_OK(ctx, um_run_create(ctx, done.model, &done.run));
    CHECK_OK(ctx, um_run_advance(done.run, -1, NULL, NULL));
    CHECK_OK(ctx, um_run_finish(done.run, plateaus));
    done.result = um_run_get_result(done.run);
    return done;
}

void test_run_done_destroy(test_run_done *done)
{
    um_run_destroy(done->run);
    um_model_destroy(done->model);
}

void test_same_state(const char *what, const um_state *a, const um_state *b)
{
    um_window x = um_state_get_window(a), y = um_state_get_window(b);
    if (x.first != y.first || x.last != y.last || x.orders != y.orders || x.planes != y.planes)
        fail_msg("%s: windows differ: %d..%d %d, %d..%d %d", what, x.first, x.last, x.orders,
                 y.first, y.last, y.orders);
    size_t size = (size_t)x.last * (size_t)x.last + 1;
    double *m = malloc(4 * size * sizeof *m);
    um_state_get_matrix(a, 0, x.last, m, m + size);
    um_state_get_matrix(b, 0, x.last, m + 2 * size, m + 3 * size);
    same(what, "real part", m, m + 2 * size, (size - 1) * sizeof *m);
    same(what, "imaginary part", m + size, m + 3 * size, (size - 1) * sizeof *m);
    free(m);
}

um_run *test_run_reload(um_context *ctx, um_run *run, const um_model *model)
{
    um_archive archive = {0};
    um_run *again;
    CHECK_OK(ctx, um_run_save(run, &archive));
    um_run_destroy(run);
    CHECK_OK(ctx, um_run_restore(ctx, model, &archive, &again));
    um_archive_clear(ctx, &archive);
    assert_true(archive.count == 0 && archive.entries == NULL);
    return again;
}
