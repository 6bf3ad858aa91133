/* um_config_format of any model is a configuration of the same model: same digest, same text. */
#include "check.h"

static um_context *ctx;

static int pick(int count) { return rand() % count; }

static double uniform(double low, double high) { return low + (high - low) * rand() / RAND_MAX; }

/* Corners as often as the middle. */
static double fraction(void)
{
    static const double corners[] = {0, 1, 0.25, 0.5, 1e-300, 5e-324, 0.1, 0.99999999999999989};
    return pick(2) ? corners[pick(8)] : uniform(0, 1);
}

static double positive(void) { return pick(4) ? exp(uniform(-5, 5)) : 1; }

static um_initial random_initial(const um_battery *battery)
{
    um_initial initial = {.kind = UM_INITIAL_VACUUM, .record = -1};
    bool cavity = battery->kind == UM_BATTERY_CAVITY;
    switch (pick(5)) {
    case 0:
        initial.kind = UM_INITIAL_FOCK;
        initial.level = pick(2);
        break;
    case 1:
        initial.kind = UM_INITIAL_THERMAL;
        initial.mean = fraction();
        break;
    case 2:
        if (!cavity) break;
        initial.kind = UM_INITIAL_COHERENT;
        initial.re = uniform(-2, 2);
        initial.im = -fraction();
        break;
    case 3:
        if (!cavity) break;
        initial.kind = UM_INITIAL_SQUEEZED;
        initial.r = fraction();
        initial.angle = uniform(-4, 4);
        break;
    default:
        break;
    }
    return initial;
}

static void random_trio(um_stage *stage, bool resonant, bool cavity)
{
    um_interaction *interaction = &stage->interaction;
    double theta = pick(5) ? positive() : 0;
    switch (pick(resonant ? 6 : 3)) {
    case 0:
        interaction->theta = theta;
        interaction->g = positive();
        break;
    case 1:
        interaction->theta = theta;
        interaction->tau = positive();
        break;
    case 2:
        interaction->g = theta;
        interaction->tau = positive();
        break;
    case 3:
        interaction->theta = theta;
        break;
    case 4:
        interaction->theta = theta;
        interaction->tau = 0;
        break;
    default:
        interaction->trap = pick(cavity ? 2000 : 1);
        interaction->half_turns = 1 + pick(5);
    }
    if (!resonant && interaction->theta == 0 && !isnan(interaction->g)) interaction->theta = 1;
}

static um_environment random_environment(void)
{
    um_environment environment = {.during_collision = pick(2)};
    if (pick(2)) environment.kappa = fraction();
    if (pick(2)) environment.n_th = fraction();
    if (!pick(3)) environment.dephasing = fraction();
    if (!pick(3)) environment.atom_decay = fraction();
    if (!pick(3)) environment.atom_dephasing = fraction();
    return environment;
}

static um_imperfections random_imperfections(void)
{
    static const double samples[] = {0.5, 1, 1e-3, 7};
    um_imperfections it = {.theta_law = (um_spread_law)pick(4), .draw = (um_draw)pick(3)};
    if (it.theta_law < UM_SPREAD_MAXWELL) it.theta_spread = fraction();
    if (pick(2)) it.phase_spread = fraction();
    if (pick(2)) it.q_spread = fraction();
    if (pick(2)) {
        it.theta_samples = samples; /* ignored without their law */
        it.theta_samples_count = 1 + (size_t)pick(4);
    }
    if (it.theta_law == UM_SPREAD_SAMPLES && !it.theta_samples) it.theta_law = UM_SPREAD_GAUSSIAN;
    return it;
}

static um_until random_until(void)
{
    return (um_until){(um_until_kind)pick(5), fraction(), 1 + pick(1000)};
}

/* Environment, imperfections, kinds: whatever they are, a stage is valid; a store makes time pass. */
static void add_extras(um_stage *stage, bool resonant, bool cavity)
{
    um_interaction *interaction = &stage->interaction;
    bool timed = !isnan(interaction->g) || !isnan(interaction->tau);
    if (pick(2)) stage->imperfections = random_imperfections();
    if (pick(2)) stage->until = random_until();
    if (pick(2)) stage->stream.atom_probability = fraction();
    if (timed && pick(2)) stage->environment = random_environment();
    if (timed && !resonant && !pick(3)) stage->imperfections.detuning_spread = fraction();
    if (interaction->tau != 0 && !pick(3)) {
        interaction->pulse = (um_pulse)pick(3);
        interaction->pulse_width = 0.01 + fraction();
    }
    if (!(interaction->counter_rotating > 0) && !pick(3)) {
        stage->stream.arrivals = UM_ARRIVALS_POISSON;
        stage->stream.frame = UM_FRAME_LOCKED;
        stage->stream.period = 1e6 * positive();
    }
    switch (pick(6)) {
    case 0:
        stage->kind = UM_STAGE_DISCHARGE;
        if (stage->until.kind == UM_UNTIL_PEAK) stage->until.kind = UM_UNTIL_COUNT;
        break;
    case 1:
        stage->kind = UM_STAGE_STORE;
        break;
    case 2:
        if (cavity) stage->kind = UM_STAGE_DRIVE;
        break;
    }
    if (stage->kind != UM_STAGE_STORE && stage->kind != UM_STAGE_DRIVE) return;
    stage->collisions = 0;
    stage->until.kind = UM_UNTIL_COUNT;
    stage->duration = positive();
    stage->drive_re = fraction();
    stage->drive_im = -fraction();
}

static um_stage random_stage(const um_spec *spec, bool uneven)
{
    um_stage stage = spec->stages[0];
    bool resonant = !uneven;
    stage.collisions = pick(4) ? pick(100000) : INT64_C(100000000000000);
    stage.atoms = (um_atoms){.q = fraction(), .c = fraction(), .phase = uniform(-7, 7)};
    stage.interaction.counter_rotating = 0;
    if (!pick(3)) {
        stage.atoms.detuning = uniform(-0.9, 2) * spec->battery.frequency;
        resonant = false;
    }
    if (!pick(3)) {
        stage.interaction.counter_rotating = fraction() + 0.01;
        resonant = false;
    }
    random_trio(&stage, resonant, spec->battery.kind == UM_BATTERY_CAVITY);
    stage.stream.frame = pick(2) ? UM_FRAME_LAB : UM_FRAME_LOCKED;
    if (!pick(3) && stage.stream.frame == UM_FRAME_LAB) stage.stream.period = 1e6 * positive();
    add_extras(&stage, resonant, spec->battery.kind == UM_BATTERY_CAVITY);
    return stage;
}

static void check_model(const um_spec *spec)
{
    um_model *model, *again = NULL;
    um_config *config;
    char *text, *second;
    um_status status = um_model_create(ctx, spec, &model);
    /* Rates that never act are refused, as they should be. */
    const um_error *error = um_context_get_error(ctx);
    if (status == UM_ERROR_CONFIG && strstr(error->message, "no time passes")) return;
    CHECK_OK(ctx, status);
    CHECK_OK(ctx, um_config_format(ctx, model, &text));
    if (um_config_parse(ctx, text, strlen(text), "printed", NULL, 0, &config) != UM_OK ||
        um_config_create_model(ctx, config, &again) != UM_OK)
        fail_msg("%s\nin:\n%s", um_context_get_error(ctx)->message, text);
    CHECK_OK(ctx, um_config_format(ctx, again, &second));
    if (um_model_get_digest(model) != um_model_get_digest(again) || strcmp(text, second) != 0)
        fail_msg("another model comes back:\n%s\nbecame\n%s", text, second);
    um_text_destroy(ctx, text);
    um_text_destroy(ctx, second);
    um_model_destroy(model);
    um_model_destroy(again);
    um_config_destroy(config);
    assert_int_equal(um_context_get_blocks(ctx), 0);
}

static void test_round_trip(void **state)
{
    (void)state;
    static const double energies[] = {0.5, 1.5, 2.5}, uneven[] = {0, 1.1, -1.7};
    static const double lowering[] = {0, -1.3, 0.7};
    static const int64_t list[] = {0, 3, 7};
    static const char *const titles[] = {NULL,
                                         "",
                                         "plain",
                                         "quotes \" and \\",
                                         "a: b # c",
                                         "line\nbreak\ttab\x7f",
                                         "\xc2\xb5 \xe2\x82\xac",
                                         "\xc2\x85\xe2\x80\xa8\xef\xbb\xbf",
                                         "bad \xff byte"};
    srand(7);
    for (int i = 0; i < 3000 * test_effort(); i++) {
        um_spec spec;
        um_stage stages[3];
        um_spec_init(&spec);
        um_battery *battery = &spec.battery;
        bool odd = false;
        spec.title = titles[pick(9)];
        battery->kind = (um_battery_kind)pick(3);
        battery->levels = pick(2) ? UM_LEVELS_AUTO : 2 + pick(200);
        battery->max_levels = 2 + pick(19999);
        battery->frequency = positive();
        if (battery->kind == UM_BATTERY_CUSTOM) {
            odd = pick(2);
            battery->levels = 3;
            battery->energies = odd ? uneven : energies;
            battery->lowering = lowering;
        }
        battery->initial = random_initial(battery);
        int count = 1 + pick(3);
        for (int k = 0; k < count; k++) {
            stages[k] = random_stage(&spec, odd);
            if (k > 0 && pick(2) && stages[0].atoms.detuning == 0)
                stages[k].atoms = stages[0].atoms;
        }
        stages[0].kind = UM_STAGE_CHARGE; /* the records name its collisions */
        stages[0].collisions += 10;
        spec.stages = stages;
        spec.stages_count = (size_t)count;
        um_record *record = &spec.record;
        record->mode = (um_record_mode)pick(3);
        record->per_decade = 1 + pick(1000);
        record->at = record->states = record->wigner_at = list;
        record->at_count = (size_t)pick(4);
        record->states_count = (size_t)pick(4);
        if (!pick(3)) record->observables = 1 + (uint64_t)pick(1 << 10);
        if (battery->kind == UM_BATTERY_CAVITY && !pick(3)) {
            record->wigner_count = (size_t)pick(4);
            record->wigner_grid = (um_wigner_grid){-positive(), positive(), 2 + pick(3999)};
        }
        if (!pick(3)) {
            record->has_fidelity = true;
            record->fidelity_with = random_initial(battery);
            record->observables |= UM_QUANTITY_BIT(UM_FIDELITY) | 1;
        }
        spec.seed = (uint64_t)pick(1000) << pick(53);
        if (pick(2)) spec.omega_si = 1e9 * positive();
        spec.accuracy = (um_accuracy){fraction() / 2 + 1e-9, fraction() / 2 + 1e-9, 1 + positive(),
                                      pick(2) ? UM_METHOD_STEP : UM_METHOD_AUTO};
        check_model(&spec);
    }
}

int main(void)
{
    if (um_context_create(NULL, &ctx) != UM_OK) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_round_trip)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    um_context_destroy(ctx);
    return failed;
}
