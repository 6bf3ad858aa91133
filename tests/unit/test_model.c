/* The model: defaults, ranges, resolution, copies, digest, what atoms bring. */
#include "model_cases.h"

static const um_spec *made(um_model *model) { return um_model_get_spec(model); }

static void restore(void)
{
    um_spec_init(&spec);
    stage = spec.stages[0];
    stage.interaction.theta = 1;
    stage.collisions = 100;
    spec.stages = &stage;
}

static void test_defaults(void **state)
{
    (void)state;
    um_spec fresh;
    um_spec_init(&fresh);
    assert_int_equal(fresh.battery.kind, UM_BATTERY_CAVITY);
    assert_int_equal(fresh.battery.levels, UM_LEVELS_AUTO);
    assert_int_equal(fresh.battery.max_levels, 4096);
    assert_int_equal(fresh.battery.initial.kind, UM_INITIAL_VACUUM);
    assert_int_equal(fresh.stages_count, 1);
    assert_true(isnan(fresh.stages[0].interaction.theta));
    assert_true(isnan(fresh.stages[0].stream.period));
    assert_int_equal(fresh.stages[0].collisions, 0);
    assert_int_equal(fresh.record.per_decade, 20);
    CHECK_CLOSE(fresh.accuracy.truncation, 1e-10, 0);
    CHECK_CLOSE(fresh.accuracy.plateau_tolerance, 0.02, 0);
    CHECK_CLOSE(fresh.accuracy.horizon, 1e15, 0);
}

static void test_trio(void **state)
{
    (void)state;
    um_stage r = resolved();
    CHECK_CLOSE(r.interaction.g, 1, 0);
    CHECK_CLOSE(r.interaction.tau, 1, 0);
    CHECK_CLOSE(r.stream.period, 1, 0);
    stage.interaction.g = 0.5;
    r = resolved();
    CHECK_CLOSE(r.interaction.tau, 2, 0);
    CHECK_CLOSE(r.interaction.g, 0.5, 0);
    stage.interaction.theta = NAN;
    stage.interaction.tau = 0.7;
    r = resolved();
    CHECK_CLOSE(r.interaction.theta, 0.35, 1e-16);
    CHECK_CLOSE(r.interaction.g, 0.5, 1e-16);
    stage.interaction.theta = 3;
    stage.interaction.g = NAN;
    r = resolved();
    CHECK_CLOSE(r.interaction.g, 3 / 0.7, 0);
    stage.interaction.tau = 0;
    r = resolved();
    assert_true(isinf(r.interaction.g));
    CHECK_CLOSE(r.interaction.theta, 3, 0);
    CHECK_CLOSE(r.stream.period, 0, 0);
}

/* Whatever two values were given, theta and tau as resolved give the same model again. */
static void test_trio_round_trip(void **state)
{
    (void)state;
    srand(1);
    for (int i = 0; i < 2000 * test_effort(); i++) {
        double first = exp(8.0 * rand() / RAND_MAX - 4), second = exp(8.0 * rand() / RAND_MAX - 4);
        um_interaction *interaction = &stage.interaction;
        interaction->theta = i % 3 == 0 ? NAN : first;
        interaction->g = i % 3 == 1 ? NAN : second;
        interaction->tau = i % 3 == 2 ? NAN : i % 3 == 0 ? first : second;
        interaction->counter_rotating = i % 2;
        uint64_t before = digest();
        um_stage r = resolved();
        interaction->theta = r.interaction.theta;
        interaction->g = NAN;
        interaction->tau = r.interaction.tau;
        stage.stream.period = r.stream.period;
        assert_int_equal(digest(), before);
        stage.stream.period = NAN;
    }
}

static void test_trap(void **state)
{
    (void)state;
    stage.interaction.theta = NAN;
    stage.interaction.trap = 9;
    stage.interaction.half_turns = 1;
    CHECK_CLOSE(resolved().interaction.theta, M_PI / sqrt(10), 2e-16);
    stage.interaction.half_turns = 3;
    CHECK_CLOSE(resolved().interaction.theta, 3 * M_PI / sqrt(10), 1e-15);
    assert_int_equal(resolved().interaction.trap, 9);
    spec.battery.kind = UM_BATTERY_LADDER;
    CHECK_CLOSE(resolved().interaction.theta, 3 * M_PI, 2e-15);
    const double energies[] = {0, 1, 2}, lowering[] = {0, 1, -2};
    spec.battery.kind = UM_BATTERY_CUSTOM;
    spec.battery.levels = 3;
    spec.battery.energies = energies;
    spec.battery.lowering = lowering;
    stage.interaction.trap = 1;
    CHECK_CLOSE(resolved().interaction.theta, 1.5 * M_PI, 1e-15);
    stage.interaction.trap = 2;
    refused("stages[0].interaction.theta", "0 to 1");
    REFUSED(stage.interaction.half_turns = 1, "stages[0].interaction.theta", "given twice");
    REFUSED(stage.interaction.half_turns = -1, "stages[0].interaction.theta", ">= 1");
}

static void test_trio_refused(void **state)
{
    (void)state;
    um_interaction *i = &stage.interaction;
    REFUSED((i->g = 2, i->tau = 0.5), "stages[0].interaction.theta", "all given");
    REFUSED(i->theta = NAN, "stages[0].interaction.theta", "missing");
    REFUSED((i->theta = NAN, i->g = 1), "stages[0].interaction.theta", "missing");
    REFUSED(i->theta = -1, "stages[0].interaction.theta", ">= 0");
    REFUSED(i->theta = INFINITY, "stages[0].interaction.theta", "finite");
    REFUSED(i->g = -1, "stages[0].interaction.g", ">= 0");
    REFUSED(i->tau = -1, "stages[0].interaction.tau", ">= 0");
    REFUSED(i->g = 0, "stages[0].interaction.g", "> 0");
    REFUSED((i->theta = 1e300, i->g = 1e-300), "stages[0].interaction.g", "not an interaction");
    REFUSED((i->theta = 1e300, i->tau = 1e-300), "stages[0].interaction.tau", "too large");
    REFUSED((i->theta = NAN, i->g = 1e300, i->tau = 1e300), "stages[0].interaction.g", "too large");
    REFUSED(stage.atoms.detuning = 0.1, "stages[0].interaction.g", "g or tau must be given");
    REFUSED(i->counter_rotating = 1, "stages[0].interaction.g", "g or tau must be given");
    REFUSED((i->tau = 0, stage.atoms.detuning = 0.1), "stages[0].interaction.tau", "detuned");
    REFUSED((i->tau = 0, i->counter_rotating = 1), "stages[0].interaction.tau", "counter-rot");
}

static void test_custom(void **state)
{
    (void)state;
    double even[] = {3, 4, 5}, uneven[] = {0, 1, 2.1}, lowering[] = {0, 1, 1.4};
    um_battery custom = {.kind = UM_BATTERY_CUSTOM,
                         .levels = 3,
                         .max_levels = 4096,
                         .frequency = 1,
                         .energies = even,
                         .lowering = lowering};
    spec.battery = custom;
    um_model *model = create();
    even[1] = 99; /* the model has its own copy */
    CHECK_CLOSE(um_battery_get_energy(&made(model)->battery, 1), 4, 0);
    CHECK_CLOSE(um_battery_get_lowering(&made(model)->battery, 2), 1.4, 0);
    um_model_destroy(model);
    even[1] = 4;
    spec.battery.energies = uneven;
    refused("stages[0].interaction.g", "equally spaced");
    double bad[] = {0.5, 1, 1}, infinite[] = {0, INFINITY, 1};
    REFUSED((spec.battery = custom, spec.battery.lowering = bad), "battery.lowering", "must be 0");
    REFUSED((spec.battery = custom, spec.battery.lowering = infinite), "battery.lowering",
            "finite");
    REFUSED((spec.battery = custom, spec.battery.energies = infinite), "battery.energies",
            "finite");
    REFUSED((spec.battery = custom, spec.battery.levels = 0), "battery.levels", "as many");
    REFUSED((spec.battery = custom, spec.battery.energies = NULL), "battery.energies", "both");
    REFUSED((spec.battery = custom, spec.battery.lowering = NULL), "battery.lowering", "both");
}

static void test_period(void **state)
{
    (void)state;
    stage.interaction.counter_rotating = 1;
    stage.interaction.g = 0.2; /* tau = 5 */
    CHECK_CLOSE(resolved().stream.period, 2 * M_PI, 1e-15);
    spec.battery.frequency = 2;
    CHECK_CLOSE(resolved().stream.period, 2 * M_PI, 1e-15);
    stage.interaction.g = NAN;
    stage.interaction.tau = M_PI * (1 + 1e-14); /* a multiple up to rounding */
    CHECK_CLOSE(resolved().stream.period, stage.interaction.tau, 0);
    stage.stream.period = 2.5 * M_PI;
    CHECK_CLOSE(resolved().stream.period, 2.5 * M_PI, 0);
    stage.stream.period = 2.6 * M_PI;
    stage.stream.frame = UM_FRAME_LAB;
    CHECK_CLOSE(resolved().stream.period, 2.6 * M_PI, 0);
    stage.stream.frame = UM_FRAME_LOCKED;
    refused("stages[0].stream.period",
            "7.8539816339744828 and 9.4247779607693793; or use frame: lab");
    REFUSED(stage.stream.period = 0.5, "stages[0].stream.period", "at least tau");
    REFUSED(stage.stream.period = INFINITY, "stages[0].stream.period", "finite");
}

static void test_ranges(void **state)
{
    (void)state;
    REFUSED(stage.atoms.q = -0.1, "stages[0].atoms.q", "0 to 1");
    REFUSED(stage.atoms.q = 1.5, "stages[0].atoms.q", "0 to 1");
    REFUSED(stage.atoms.q = NAN, "stages[0].atoms.q", "0 to 1");
    REFUSED(stage.atoms.c = 1.1, "stages[0].atoms.c", "0 to 1");
    REFUSED(stage.atoms.phase = INFINITY, "stages[0].atoms.phase", "finite");
    REFUSED((stage.atoms.detuning = -1, stage.interaction.counter_rotating = 1),
            "stages[0].atoms.detuning", "> -1");
    REFUSED(stage.atoms.detuning = NAN, "stages[0].atoms.detuning", "finite");
    REFUSED(stage.interaction.counter_rotating = -1, "stages[0].interaction.counter_rotating",
            ">= 0");
    REFUSED(stage.collisions = -1, "stages[0].charge", "0 to 1e15");
    REFUSED(stage.collisions = 2000000000000000, "stages[0].charge", "0 to 1e15");
    REFUSED(spec.stages_count = 0, "stages", "at least one");
    REFUSED(spec.battery.levels = 1, "battery.levels", "2 to 20000");
    REFUSED(spec.battery.levels = 20001, "battery.levels", "2 to 20000");
    REFUSED(spec.battery.max_levels = 1, "battery.max_levels", "2 to 20000");
    REFUSED(spec.battery.frequency = 0, "battery.frequency", "> 0");
    REFUSED(spec.accuracy.truncation = 0, "accuracy.truncation", "at most 1");
    REFUSED(spec.accuracy.truncation = NAN, "accuracy.truncation", "at most 1");
    REFUSED(spec.accuracy.plateau_tolerance = 1, "accuracy.plateau_tolerance", "between");
    REFUSED(spec.accuracy.horizon = 0, "accuracy.horizon", "at least");
    um_stage two[2] = {stage, stage};
    two[0].collisions = two[1].collisions = 600000000000000;
    REFUSED((spec.stages = two, spec.stages_count = 2), "stages[1].charge", "at most 1e15");
}

static void test_initial(void **state)
{
    (void)state;
    um_initial *initial = &spec.battery.initial;
    um_battery *battery = &spec.battery;
    REFUSED((initial->kind = UM_INITIAL_FOCK, initial->level = 10, battery->levels = 10),
            "battery.initial", "0 to 9");
    REFUSED((initial->kind = UM_INITIAL_FOCK, initial->level = 4096), "battery.initial", "at most");
    REFUSED((initial->kind = UM_INITIAL_FOCK, initial->level = -1), "battery.initial", "fock");
    REFUSED((initial->kind = UM_INITIAL_THERMAL, initial->mean = -1), "battery.initial", ">= 0");
    REFUSED((initial->kind = UM_INITIAL_COHERENT, initial->im = NAN), "battery.initial", "finite");
    REFUSED((initial->kind = UM_INITIAL_COHERENT, battery->kind = UM_BATTERY_LADDER),
            "battery.initial", "cavity only");
    REFUSED((initial->kind = UM_INITIAL_SQUEEZED, initial->r = -1), "battery.initial", "squeezing");
    REFUSED((initial->kind = UM_INITIAL_SQUEEZED, battery->kind = UM_BATTERY_LADDER),
            "battery.initial", "cavity only");
    REFUSED((initial->kind = UM_INITIAL_MATRIX, initial->levels = 2), "battery.initial", "part");
    double real[] = {0.5, 0, 0, 0.5}, imag[] = {0, 0, 0, 0}, broken[] = {1, NAN, 0, 0};
    REFUSED(
        (*initial =
             (um_initial){.kind = UM_INITIAL_MATRIX, .levels = 2, .real = broken, .imag = imag}),
        "battery.initial", "element 1");
    *initial = (um_initial){.kind = UM_INITIAL_MATRIX,
                            .levels = 2,
                            .real = real,
                            .imag = imag,
                            .file = "result.nc",
                            .record = 7};
    spec.record.has_fidelity = true;
    spec.record.fidelity_with = *initial;
    um_model *model = create();
    const um_initial *copy = &made(model)->battery.initial;
    assert_ptr_not_equal(copy->real, real);
    CHECK_CLOSE(copy->real[3], 0.5, 0);
    assert_string_equal(copy->file, "result.nc");
    assert_string_equal(made(model)->record.fidelity_with.file, "result.nc");
    um_model_destroy(model);
    uint64_t before = digest();
    real[0] = 0.25;
    assert_true(digest() != before);
}

static void test_records(void **state)
{
    (void)state;
    static const int64_t twice[] = {1, 1}, falling[] = {5, 2}, far[] = {1, 101}, good[] = {0, 100};
    um_record *record = &spec.record;
    REFUSED((record->mode = UM_RECORD_LIST, record->at = twice, record->at_count = 2), "record.at",
            "ascend");
    REFUSED((record->states = falling, record->states_count = 2), "record.states", "ascend");
    REFUSED((record->states = far, record->states_count = 2), "record.states", "0 to 100");
    REFUSED(record->per_decade = 0, "record.per_decade", "1 to 1000");
    REFUSED((record->wigner_at = far, record->wigner_count = 2), "record.wigner.at", "0 to 100");
    REFUSED((record->wigner_at = good, record->wigner_count = 2), "record.wigner.grid",
            "2 to 4000");
    REFUSED(record->wigner_grid = ((um_wigner_grid){1, -1, 10}), "record.wigner.grid", "below");
    REFUSED(
        (record->wigner_grid = (um_wigner_grid){-1, 1, 10}, spec.battery.kind = UM_BATTERY_LADDER),
        "record.wigner", "cavity only");
    REFUSED((record->has_fidelity = true, record->fidelity_with.kind = UM_INITIAL_FOCK,
             record->fidelity_with.level = -1),
            "record.fidelity_with", "fock");
    record->mode = UM_RECORD_LIST;
    record->at = record->states = record->wigner_at = good;
    record->at_count = record->states_count = record->wigner_count = 2;
    record->wigner_grid = (um_wigner_grid){-1, 1, 10};
    spec.title = "a title";
    um_model *model = create();
    assert_ptr_not_equal(made(model)->record.at, good);
    assert_int_equal(made(model)->record.at[1], 100);
    assert_string_equal(made(model)->title, "a title");
    um_model_destroy(model);
}

/* Every value that changes the numbers changes the digest; the title does not. */
static void test_digest(void **state)
{
    (void)state;
    static const int64_t list[] = {3};
    uint64_t seen[32];
    int count = 0;
    seen[count++] = digest();
    spec.title = "other";
    assert_int_equal(digest(), seen[0]);
#define CHANGED(assignment) (assignment, seen[count++] = digest())
    CHANGED(stage.atoms.q = 0.5);
    CHANGED(stage.atoms.c = 0.5);
    CHANGED(stage.atoms.phase = 0.5);
    CHANGED(stage.interaction.theta = 2);
    CHANGED(stage.interaction.tau = 3);
    CHANGED(stage.atoms.detuning = 0.5);
    CHANGED(stage.stream.frame = UM_FRAME_LAB);
    CHANGED(stage.interaction.counter_rotating = 1);
    CHANGED(stage.stream.period = 7);
    CHANGED(stage.collisions = 50);
    CHANGED(spec.battery.levels = 40);
    CHANGED(spec.battery.frequency = 2);
    CHANGED((spec.battery.initial.kind = UM_INITIAL_FOCK, spec.battery.initial.level = 1));
    CHANGED(spec.battery.initial.level = 2);
    CHANGED((spec.battery.initial.kind = UM_INITIAL_THERMAL, spec.battery.initial.mean = 2));
    CHANGED(spec.battery.kind = UM_BATTERY_LADDER);
    CHANGED(spec.record.per_decade = 10);
    CHANGED(spec.record.mode = UM_RECORD_EVERY);
    CHANGED(spec.record.observables = 1);
    CHANGED((spec.record.states = list, spec.record.states_count = 1));
    CHANGED(spec.accuracy.truncation = 1e-8);
    for (int i = 0; i < count; i++)
        for (int j = 0; j < i; j++)
            if (seen[i] == seen[j]) fail_msg("changes %d and %d have the same digest", i, j);
    stage.atoms.phase = 0;
    uint64_t before = digest();
    stage.atoms.phase = -0.0;
    assert_int_equal(digest(), before);
}

static void test_atoms(void **state)
{
    (void)state;
    um_atoms excited = {0}, mixed = {.q = 0.5}, plus = {.q = 0.5, .c = 1};
    um_atoms detuned = {.q = 0.25, .c = 0.5, .detuning = 0.5};
    CHECK_CLOSE(um_atoms_get_energy(&excited, 1), 1, 0);
    CHECK_CLOSE(um_atoms_get_ergotropy(&excited, 1), 1, 0);
    CHECK_CLOSE(um_atoms_get_ergotropy(&mixed, 1), 0, 0);
    CHECK_CLOSE(um_atoms_get_ergotropy(&plus, 1), 0.5, 1e-16);
    CHECK_CLOSE(um_atoms_get_energy(&detuned, 2), 1.25 * 0.75, 1e-16);
    double q = 0.25, c = 0.5;
    CHECK_CLOSE(um_atoms_get_ergotropy(&detuned, 2),
                1.25 * (0.5 - q + sqrt(1 - 4 * q * (1 - q) * (1 - c * c)) / 2), 1e-15);
    um_atoms below = {.q = 1, .detuning = -3}; /* the ground state is the upper one */
    CHECK_CLOSE(um_atoms_get_ergotropy(&below, 1), 2, 1e-15);
    below.q = 0;
    CHECK_CLOSE(um_atoms_get_ergotropy(&below, 1), 0, 1e-15);
    um_battery ladder = {.kind = UM_BATTERY_LADDER}, cavity = {.kind = UM_BATTERY_CAVITY};
    CHECK_CLOSE(um_battery_get_lowering(&ladder, 7), 1, 0);
    CHECK_CLOSE(um_battery_get_lowering(&ladder, 0), 0, 0);
    CHECK_CLOSE(um_battery_get_lowering(&cavity, 9), 3, 0);
    CHECK_CLOSE(um_battery_get_energy(&cavity, 9), 9, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_model, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_defaults),     TEST(test_trio),    TEST(test_trio_round_trip), TEST(test_trap),
        TEST(test_trio_refused), TEST(test_custom),  TEST(test_period),          TEST(test_ranges),
        TEST(test_initial),      TEST(test_records), TEST(test_digest),          TEST(test_atoms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
