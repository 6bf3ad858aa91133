/* Protocols: stages of all kinds against a plain loop of maps, on one time axis; what a store forgets
 * and what a discharge delivers; stopped in a store and gone on with. */
#include <unistd.h>

#include "context.h"
#include "run_cases.h"

enum { LEVELS = 48 };

/* A closed space with the guard off, so that the plain loop has the same maps. */
static void make_small(test_run_case *it, int64_t collisions)
{
    test_run_case_make(TEST_RUN_PROTOCOL, collisions, it);
    it->spec.battery.levels = LEVELS;
    it->spec.accuracy.truncation = 1;
}

typedef struct books {
    double time, heat, drive, atoms, switching, delivered_energy, delivered_ergotropy;
} books;

static double atom_ergotropy(const um_outcome *outcome, double price)
{
    double z = 2 * outcome->excited - 1;
    double x = 2 * hypot(outcome->coherence_re, outcome->coherence_im);
    return price * (z + hypot(z, x)) / 2;
}

static um_state *apply(um_map *map, um_state *state, const um_stage *stage, books *sums)
{
    um_state *next;
    um_outcome outcome;
    bool discharge = stage->kind == UM_STAGE_DISCHARGE;
    double price = 1 + stage->atoms.detuning;
    CHECK_OK(ctx, um_map_prepare(map, state));
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &next));
    CHECK_OK(ctx, um_map_apply(map, state, next, &outcome));
    sums->heat += outcome.heat;
    sums->drive += outcome.drive;
    sums->atoms += price * outcome.change;
    sums->switching += outcome.coupling_start - outcome.coupling_end;
    if (discharge) sums->delivered_energy += price * outcome.excited * outcome.present;
    if (discharge) sums->delivered_ergotropy += atom_ergotropy(&outcome, price) * outcome.present;
    um_state_destroy(state);
    return next;
}

static um_state *loop(const um_model *model, books *sums)
{
    const um_spec *spec = um_model_get_spec(model);
    um_state *state;
    um_map *map;
    *sums = (books){0};
    CHECK_OK(ctx, um_state_create_initial(ctx, &spec->battery.initial, &spec->battery, LEVELS, 1,
                                          &state, NULL));
    for (size_t i = 0; i < spec->stages_count; i++) {
        const um_stage *stage = &spec->stages[i];
        bool atoms = stage->kind == UM_STAGE_CHARGE || stage->kind == UM_STAGE_DISCHARGE;
        if (atoms)
            CHECK_OK(ctx, um_map_create(ctx, model, i, LEVELS, &map));
        else if (stage->kind == UM_STAGE_STORE)
            CHECK_OK(ctx, um_map_create_environment(ctx, model, i, LEVELS, stage->duration, &map));
        else
            CHECK_OK(ctx, um_map_create_displacement(ctx, &spec->battery, LEVELS, stage->drive_re,
                                                     stage->drive_im, &map));
        for (int64_t k = 0; k < (atoms ? stage->collisions : 1); k++)
            state = apply(map, state, stage, sums);
        sums->time += atoms ? (double)stage->collisions * stage->stream.period : stage->duration;
        um_map_destroy(map);
    }
    return state;
}

static void compare_states(const um_state *a, const um_state *b, double tolerance)
{
    double x[2 * LEVELS * LEVELS], y[2 * LEVELS * LEVELS];
    um_state_get_matrix(a, 0, LEVELS, x, x + LEVELS * LEVELS);
    um_state_get_matrix(b, 0, LEVELS, y, y + LEVELS * LEVELS);
    for (int i = 0; i < 2 * LEVELS * LEVELS; i++) CHECK_CLOSE(x[i], y[i], tolerance);
}

static void test_against_plain_loop(void **unused)
{
    (void)unused;
    test_run_case it;
    books sums;
    make_small(&it, 60);
    test_run_done done = test_run_execute(ctx, &it.spec, false);
    um_state *state = loop(done.model, &sums);
    const um_result *r = done.result;
    compare_states(um_run_get_state(done.run), state, 1e-12);
    CHECK_CLOSE(r->ledger.heat, sums.heat, 1e-11);
    CHECK_CLOSE(r->ledger.drive, sums.drive, 1e-12);
    CHECK_CLOSE(r->ledger.atoms, sums.atoms, 1e-11);
    CHECK_CLOSE(r->ledger.switching, sums.switching, 1e-11);
    CHECK_CLOSE(r->delivered_energy, sums.delivered_energy, 1e-11);
    CHECK_CLOSE(r->delivered_ergotropy, sums.delivered_ergotropy, 1e-11);
    CHECK_CLOSE(r->time[r->records - 1], sums.time, 1e-9);
    CHECK_CLOSE(r->series[UM_HEAT][r->records - 1], sums.heat, 1e-11);
    CHECK_CLOSE(r->series[UM_DELIVERED_ENERGY][r->records - 1], sums.delivered_energy, 1e-11);
    um_state_destroy(state);
    test_run_done_destroy(&done);
}

/* One axis: stages, collisions and times never go back, a store adds time, a drive nothing. */
static void test_time_axis(void **unused)
{
    (void)unused;
    test_run_case it;
    make_small(&it, 60);
    it.spec.record.per_decade = 4;
    test_run_done done = test_run_execute(ctx, &it.spec, false);
    const um_result *r = done.result;
    int counts[6] = {0};
    for (size_t i = 0; i < r->records; i++) {
        counts[r->stage[i]]++;
        if (i == 0) continue;
        assert_true(r->stage[i] >= r->stage[i - 1] && r->time[i] >= r->time[i - 1]);
        assert_true(r->collision[i] >= r->collision[i - 1]);
        bool atoms = it.stages[r->stage[i]].kind == UM_STAGE_CHARGE ||
                     it.stages[r->stage[i]].kind == UM_STAGE_DISCHARGE;
        assert_true(atoms == (r->collision[i] > r->collision[i - 1]));
        assert_true(isnan(r->series[UM_ATOM_EXCITED][i]) == !atoms);
    }
    assert_int_equal(counts[0], 2); /* collision 0, and the drive */
    assert_int_equal(counts[2], 4);
    assert_int_equal(counts[4], 4);
    assert_true(r->time[1] == 0 && r->collision[1] == 0 && r->stage[1] == 0);
    const double durations[] = {0, 60, 20, 60, 300, 60};
    for (int i = 0; i < 6; i++) {
        const um_stage_summary *stage = &r->stages[i];
        CHECK_CLOSE(stage->duration, durations[i], 1e-10);
        assert_int_equal(stage->kind, it.stages[i].kind);
        assert_int_equal(stage->end, UM_STAGE_DONE);
        CHECK_CLOSE(stage->ledger.battery, stage->energy_end - stage->energy_start, 1e-13);
        assert_true(fabs(stage->ledger.residual) <= 1e-12 * (1 + stage->ledger.moduli));
        if (i > 0) assert_true(stage->energy_start == stage[-1].energy_end);
        if (i > 0) assert_true(stage->ergotropy_start == stage[-1].ergotropy_end);
        assert_true(isnan(stage->delivered_energy) == (i < 5));
    }
    /* the last records of a store are those of its end */
    size_t last = 0;
    for (size_t i = 0; i < r->records; i++)
        if (r->stage[i] == 4) last = i;
    assert_true(r->series[UM_ENERGY][last] == r->stages[4].energy_end);
    assert_true(r->series[UM_ERGOTROPY][last] == r->stages[4].ergotropy_end);
    test_run_done_destroy(&done);
}

/* Everything that can be combined: what the battery, the atoms, the coupling, the environment and a
 * drive exchanged is found term by term, and adds up. */
static void test_ledger_of_every_combination(void **unused)
{
    (void)unused;
    enum { COMBINATIONS = 1 << 7 };
    for (int bits = 0; bits < COMBINATIONS; bits++) {
        test_run_case it;
        bool open = bits & 1, inside = bits & 2, detuned = bits & 4, empty = bits & 8;
        bool poisson = bits & 16, spread = bits & 32, drawn = bits & 64;
        bool costly = inside && (bits != 3 && test_effort() == 1);
        if (costly || (inside && !open)) continue;
        make_small(&it, 24);
        it.spec.battery.levels = 32;
        it.spec.record.per_decade = 1;
        it.spec.record.observables = UM_QUANTITY_BIT(UM_ENERGY);
        it.spec.seed = (uint64_t)bits;
        for (int i = 0; i < 6; i++) {
            um_stage *stage = &it.stages[i];
            stage->environment.during_collision = inside;
            if (!open && stage->kind != UM_STAGE_STORE) stage->environment.kappa = 0;
            if (!open && stage->kind != UM_STAGE_STORE) stage->environment.dephasing = 0;
            if (!open && stage->kind != UM_STAGE_STORE) stage->environment.n_th = 0;
            if (stage->kind == UM_STAGE_STORE || stage->kind == UM_STAGE_DRIVE) continue;
            stage->atoms.detuning = detuned ? 0.2 : 0;
            stage->stream.atom_probability = empty ? 0.6 : 1;
            if (poisson) stage->stream.arrivals = UM_ARRIVALS_POISSON;
            if (spread) stage->imperfections.theta_spread = 0.05;
            if (spread && detuned) stage->imperfections.detuning_spread = 0.01;
            stage->imperfections.draw = drawn ? UM_DRAW_RANDOM : UM_DRAW_AVERAGE;
        }
        test_run_done done = test_run_execute(ctx, &it.spec, false);
        um_ledger l = done.result->ledger;
        double sum = l.battery + l.atoms - l.switching - l.heat - l.drive;
        double scale = 1 + fabs(l.battery) + fabs(l.atoms) + fabs(l.switching) + fabs(l.heat) +
                       fabs(l.drive);
        if (!(fabs(sum) <= 1e-12 * scale && l.residual == sum))
            fail_msg("combination %d: residual %.3g of %.3g", bits, sum, scale);
        assert_true(l.heat < 0 && l.drive > 0.1 && fabs(l.atoms) > 0.1);
        for (int i = 0; i < 6; i++) {
            const um_ledger *part = &done.result->stages[i].ledger;
            assert_true(fabs(part->residual) <= 1e-12 * (1 + part->moduli));
        }
        test_run_done_destroy(&done);
    }
}

/* <n> falls as e^(-kappa t); above a warm cavity's n_th, only what is above does. */
static void test_half_lives(void **unused)
{
    (void)unused;
    for (int warm = 0; warm < 2; warm++) {
        um_spec spec;
        um_spec_init(&spec);
        um_stage stage = spec.stages[0];
        const double kappa = 0.013, n_th = warm ? 0.2 : 0, start = 3;
        stage.kind = UM_STAGE_STORE;
        stage.duration = 100;
        stage.interaction.theta = 1;
        stage.environment = (um_environment){.kappa = kappa, .n_th = n_th};
        spec.stages = &stage;
        spec.battery.initial = (um_initial){.kind = UM_INITIAL_FOCK, .level = 3};
        test_run_done done = test_run_execute(ctx, &spec, false);
        const um_stage_summary *summary = &done.result->stages[0];
        double expected = log((start - n_th) / (start / 2 - n_th)) / kappa;
        CHECK_CLOSE(summary->half_life_energy, expected, 1e-11 * expected);
        assert_true(summary->half_life_ergotropy > 0 &&
                    summary->half_life_ergotropy < summary->half_life_energy);
        CHECK_CLOSE(summary->energy_end, n_th + (start - n_th) * exp(-kappa * 100), 1e-11);
        CHECK_CLOSE(summary->ledger.heat, summary->energy_end - start, 1e-11);
        test_run_done_destroy(&done);
        /* at that time half of the ergotropy is left; before, it is not within the stage */
        stage.duration = summary->half_life_ergotropy;
        test_run_done half = test_run_execute(ctx, &spec, false);
        CHECK_CLOSE(half.result->stages[0].ergotropy_end,
                    half.result->stages[0].ergotropy_start / 2, 1e-11);
        assert_true(isnan(half.result->stages[0].half_life_energy));
        test_run_done_destroy(&half);
        stage.duration *= 0.999;
        half = test_run_execute(ctx, &spec, false);
        assert_true(isnan(half.result->stages[0].half_life_ergotropy));
        test_run_done_destroy(&half);
    }
}

/* What a discharge delivers comes from the battery; a pure one has no more work than energy. And a
 * battery without any ergotropy still sends out atoms that have some: cold atoms take entropy. */
static void test_discharge(void **unused)
{
    (void)unused;
    const um_initial starts[] = {{.kind = UM_INITIAL_FOCK, .level = 5},
                                 {.kind = UM_INITIAL_COHERENT, .re = 1.5},
                                 {.kind = UM_INITIAL_THERMAL, .mean = 20}};
    for (int i = 0; i < 3; i++) {
        um_spec spec;
        um_spec_init(&spec);
        um_stage stage = spec.stages[0];
        stage.kind = UM_STAGE_DISCHARGE;
        stage.collisions = 30;
        stage.interaction.theta = i == 2 ? 0.35 : 0.9;
        stage.atoms = (um_atoms){.q = 0.3, .c = 1}; /* whatever is written */
        spec.stages = &stage;
        spec.battery.initial = starts[i];
        test_run_done done = test_run_execute(ctx, &spec, false);
        const um_result *r = done.result;
        const um_stage_summary *summary = r->stages;
        double lost = summary->energy_start - summary->energy_end;
        assert_true(lost > 0.5);
        CHECK_CLOSE(summary->delivered_energy, lost, 1e-12 * (1 + lost));
        assert_true(r->delivered_energy == summary->delivered_energy);
        assert_true(summary->delivered_ergotropy <= summary->delivered_energy + 1e-12);
        if (i < 2) assert_true(summary->delivered_ergotropy <= summary->ergotropy_start);
        if (i == 2) CHECK_CLOSE(summary->ergotropy_start, 0, 1e-9);
        assert_true(summary->delivered_ergotropy > 0.01);
        assert_true(isnan(r->series[UM_EFFICIENCY_ENERGY][r->records - 1]));
        test_run_done_destroy(&done);
    }
}

/* docs/physics.md, protocols: a charged battery is transparent. */
static void test_transparent(void **unused)
{
    (void)unused;
    test_run_case it;
    test_run_case_make(TEST_RUN_RESONANT, 2000, &it);
    it.stages[0].interaction = (um_interaction){.theta = NAN, .g = NAN, .tau = NAN};
    it.stages[0].interaction.trap = 9;
    it.stages[0].interaction.half_turns = 1;
    test_run_done done = test_run_execute(ctx, &it.spec, false);
    const um_result *r = done.result;
    size_t last = r->records - 1;
    CHECK_CLOSE(r->series[UM_PURITY][last], 1, 1e-12);
    CHECK_CLOSE(r->series[UM_ATOM_EXCITED][last], 0.75, 1e-12);
    CHECK_CLOSE(r->series[UM_ATOM_COHERENCE_RE][last], -sqrt(0.75 * 0.25), 1e-12);
    CHECK_CLOSE(r->series[UM_ATOM_COHERENCE_IM][last], 0, 1e-12);
    test_run_done_destroy(&done);
}

typedef struct stopper {
    um_run *run;
    int left;
    um_archive archive;
} stopper;

/* Slower than the run looks at its clock: it is called at every step, and saves at one of them. */
static bool save_now(void *user, const um_progress *progress)
{
    stopper *it = user;
    (void)progress;
    usleep(105000);
    if (it->left-- == 0) CHECK_OK(ctx, um_run_save(it->run, &it->archive));
    return true;
}

static void test_saved_in_a_store(void **unused)
{
    (void)unused;
    test_run_case it;
    make_small(&it, 0);
    it.spec.battery.initial = (um_initial){.kind = UM_INITIAL_COHERENT, .re = 1, .im = 1};
    it.spec.record.per_decade = 3;
    test_run_done whole = test_run_execute(ctx, &it.spec, false);
    for (int point = 0; point < 6; point++) {
        um_run *run;
        stopper stop = {.left = point};
        CHECK_OK(ctx, um_run_create(ctx, whole.model, &stop.run));
        CHECK_OK(ctx, um_run_advance(stop.run, -1, save_now, &stop));
        um_run_destroy(stop.run);
        assert_true(stop.archive.count > 0);
        CHECK_OK(ctx, um_run_restore(ctx, whole.model, &stop.archive, &run));
        um_archive_clear(ctx, &stop.archive);
        CHECK_OK(ctx, um_run_advance(run, -1, NULL, NULL));
        CHECK_OK(ctx, um_run_finish(run, false));
        test_same_result("store", whole.result, um_run_get_result(run));
        test_same_state("store", um_run_get_state(whole.run), um_run_get_state(run));
        um_run_destroy(run);
    }
    test_run_done_destroy(&whole);
}

/* Random waiting times are what the time axis is made of, also when the run was stopped. */
static void test_waiting_times(void **unused)
{
    (void)unused;
    test_run_case it;
    test_run_case_make(TEST_RUN_RESONANT, 100, &it);
    um_stage *stage = &it.stages[0];
    stage->interaction = (um_interaction){.theta = NAN, .g = 0.5, .tau = 2};
    stage->stream.period = 5;
    stage->stream.arrivals = UM_ARRIVALS_POISSON;
    stage->stream.atom_probability = 0.5;
    stage->environment = (um_environment){.kappa = 0.01};
    stage->environment.during_collision = false;
    stage->imperfections.draw = UM_DRAW_RANDOM;
    it.stages[1] = it.stages[0];
    it.spec.stages_count = 2;
    it.spec.seed = 5;
    it.spec.record.mode = UM_RECORD_EVERY;
    test_run_done whole = test_run_execute(ctx, &it.spec, false);
    const um_result *r = whole.result;
    double mean = r->time[r->records - 1] / 200, least = INFINITY;
    assert_true(fabs(mean - 5) < 1 && mean != 5);
    int present = 0;
    for (size_t i = 1; i < r->records; i++) {
        least = fmin(least, r->time[i] - r->time[i - 1]);
        present += !isnan(r->series[UM_ATOM_EXCITED][i]);
    }
    assert_true(least > 2);
    assert_true(present > 60 && present < 140);
    double brought = 0.75 * present, rise = r->ledger.battery;
    CHECK_CLOSE(r->series[UM_EFFICIENCY_ENERGY][r->records - 1], rise / brought, 1e-12);
    CHECK_CLOSE(r->stages[0].duration + r->stages[1].duration, r->time[r->records - 1], 1e-9);
    assert_true(fabs(r->ledger.residual) <= 1e-12 * (1 + r->ledger.moduli));
    um_run *run;
    CHECK_OK(ctx, um_run_create(ctx, whole.model, &run));
    for (int64_t at = 33; at < 200; at += 50) {
        CHECK_OK(ctx, um_run_advance(run, at, NULL, NULL));
        run = test_run_reload(ctx, run, whole.model);
    }
    CHECK_OK(ctx, um_run_advance(run, -1, NULL, NULL));
    CHECK_OK(ctx, um_run_finish(run, false));
    test_same_result("waiting", r, um_run_get_result(run));
    um_run_destroy(run);
    test_run_done_destroy(&whole);
}

/* Half of the slots empty: the energy brought is that of the atoms that came. */
static void test_efficiency_with_empty_slots(void **unused)
{
    (void)unused;
    test_run_case it;
    test_run_case_make(TEST_RUN_RESONANT, 50, &it);
    it.stages[0].stream.atom_probability = 0.5;
    test_run_done done = test_run_execute(ctx, &it.spec, false);
    const um_result *r = done.result;
    CHECK_CLOSE(r->series[UM_EFFICIENCY_ENERGY][r->records - 1],
                r->ledger.battery / (50 * 0.5 * 0.75), 1e-13);
    CHECK_CLOSE(r->ledger.atoms, -r->ledger.battery, 1e-12);
    test_run_done_destroy(&done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_plain_loop),
        cmocka_unit_test(test_time_axis),
        cmocka_unit_test(test_ledger_of_every_combination),
        cmocka_unit_test(test_half_lives),
        cmocka_unit_test(test_discharge),
        cmocka_unit_test(test_transparent),
        cmocka_unit_test(test_saved_in_a_store),
        cmocka_unit_test(test_waiting_times),
        cmocka_unit_test(test_efficiency_with_empty_slots),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
