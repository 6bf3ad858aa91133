/* units: si: quantities with units, the 2 pi, the scale. */
#include "context.h"

#include "umaser/io.h"

static const double PLANCK = 6.62607015e-34, BOLTZMANN = 1.380649e-23;

static um_status try_model(const char *text, um_model **model)
{
    um_config *config = NULL;
    *model = NULL;
    um_status status = um_config_parse(ctx, text, strlen(text), "test.yaml", NULL, 0, &config);
    if (status == UM_OK) status = um_config_create_model(ctx, config, model);
    um_config_destroy(config);
    return status;
}

/* `more` below a battery of 1 GHz and an interaction. */
static um_model *model_of(const char *frequency, const char *more)
{
    char text[2048];
    um_model *model;
    snprintf(text, sizeof text, "units: si\nbattery: {frequency: %s}\n%s", frequency, more);
    CHECK_OK(ctx, try_model(text, &model));
    return model;
}

static um_stage stage_of(const char *more)
{
    char text[1024];
    snprintf(text, sizeof text, "stages: [charge: 10]\n%s", more);
    um_model *model = model_of("1 GHz", text);
    um_stage stage = um_model_get_spec(model)->stages[0];
    um_model_destroy(model);
    return stage;
}

static const double OMEGA = 2 * M_PI * 1e9;

#define RELATIVE(have, want) CHECK_CLOSE((have) / (want), 1, 4e-16)

/* 1 Hz is 2 pi rad/s; a rate of 1 /s is 1 /s; 1 s is 1 s. */
static void test_two_pi(void **state)
{
    (void)state;
    um_model *model = model_of("1 Hz", "stages: [store: 1 s]\n");
    const um_spec *spec = um_model_get_spec(model);
    RELATIVE(spec->omega_si, 2 * M_PI);
    CHECK_CLOSE(spec->battery.frequency, 1, 0);
    RELATIVE(spec->stages[0].duration, 2 * M_PI);
    um_scale scale = um_spec_get_scale(spec);
    RELATIVE(scale.joule, PLANCK); /* h times 1 Hz */
    RELATIVE(scale.second, 1 / (2 * M_PI));
    um_model_destroy(model);
    model = model_of("1 rad/s", "stages: [store: 1 s]\nenvironment: {kappa: 1 /s}\n");
    spec = um_model_get_spec(model);
    CHECK_CLOSE(spec->omega_si, 1, 0);
    CHECK_CLOSE(spec->stages[0].duration, 1, 0);
    CHECK_CLOSE(spec->stages[0].environment.kappa, 1, 0);
    RELATIVE(um_spec_get_scale(spec).joule, PLANCK / (2 * M_PI));
    um_model_destroy(model);
}

static void test_angular_frequencies(void **state)
{
    (void)state;
    um_stage stage = stage_of("interaction: {g: 7 kHz, tau: 40 us}\natoms: {detuning: -2.5 MHz}\n"
                              "imperfections: {detuning_spread: 500 Hz}\n");
    RELATIVE(stage.interaction.g, 7e3 / 1e9);
    RELATIVE(stage.interaction.tau, 40e-6 * OMEGA);
    RELATIVE(stage.interaction.theta, 2 * M_PI * 7e3 * 40e-6);
    RELATIVE(stage.atoms.detuning, -2.5e6 / 1e9);
    RELATIVE(stage.imperfections.detuning_spread, 500 / 1e9);
}

/* theta = g tau must not depend on how g is written. */
static void test_same_thing_twice(void **state)
{
    (void)state;
    char text[128];
    snprintf(text, sizeof text, "interaction: {g: %.17g rad/s, tau: 0.04 ms}\n", 2 * M_PI * 7e3);
    um_stage angular = stage_of(text), cycles = stage_of("interaction: {g: 0.007 MHz, tau: 4e4 ns}\n");
    RELATIVE(angular.interaction.theta, cycles.interaction.theta);
    RELATIVE(cycles.interaction.theta, 2 * M_PI * 7e3 * 40e-6);
    um_stage expression = stage_of("interaction: {theta: 1, tau: (1+1)/2 us}\n");
    RELATIVE(expression.interaction.tau, 1e-6 * OMEGA);
}

static void test_rates_and_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double seconds;
    } times[] = {{"2 s", 2}, {"2 ms", 2e-3}, {"2us", 2e-6}, {"2 \xc2\xb5s", 2e-6},
                 {"2 ns", 2e-9}, {"2 ps", 2e-12}, {"\"2 s\"", 2}};
    static const struct {
        const char *text;
        double rate;
    } rates[] = {{"3 /s", 3}, {"3 /ms", 3e3}, {"3/us", 3e6}, {"3 /ns", 3e9}};
    char text[256];
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        snprintf(text, sizeof text, "interaction: {theta: 1, tau: %s}\n", times[i].text);
        RELATIVE(stage_of(text).interaction.tau, times[i].seconds * OMEGA);
        snprintf(text, sizeof text,
                 "interaction: {theta: 1, tau: 1 ps}\nenvironment: {lifetime: %s}\n", times[i].text);
        RELATIVE(stage_of(text).environment.kappa, 1 / (times[i].seconds * OMEGA));
    }
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        snprintf(text, sizeof text,
                 "interaction: {theta: 1, tau: 1 ps}\nstream: {rate: %s}\nenvironment: {kappa: %s, "
                 "dephasing: %s, atom_decay: %s, atom_dephasing: %s}\n",
                 rates[i].text, rates[i].text, rates[i].text, rates[i].text, rates[i].text);
        um_stage stage = stage_of(text);
        RELATIVE(stage.stream.period, OMEGA / rates[i].rate);
        RELATIVE(stage.environment.kappa, rates[i].rate / OMEGA);
        RELATIVE(stage.environment.dephasing, rates[i].rate / OMEGA);
        RELATIVE(stage.environment.atom_decay, rates[i].rate / OMEGA);
        RELATIVE(stage.environment.atom_dephasing, rates[i].rate / OMEGA);
    }
}

/* The Garching maser by hand: h f/k_B = 1.02973 K. */
static void test_garching(void **state)
{
    (void)state;
    um_model *model = model_of("21.456 GHz", "stages: [store: 0.3 s]\n"
                                             "environment: {Q: 4e10, temperature: 0.5 K}\n");
    const um_spec *spec = um_model_get_spec(model);
    const um_environment *environment = &spec->stages[0].environment;
    um_scale scale = um_spec_get_scale(spec);
    double kelvin = PLANCK * 21.456e9 / BOLTZMANN;
    CHECK_CLOSE(kelvin, 1.0297256, 1e-6);
    CHECK_CLOSE(environment->n_th, 1 / (exp(kelvin / 0.5) - 1), 1e-15);
    CHECK_CLOSE(environment->n_th, 0.14616, 1e-5);
    CHECK_CLOSE(scale.second / environment->kappa, 4e10 / (2 * M_PI * 21.456e9), 1e-16);
    CHECK_CLOSE(scale.second / environment->kappa, 0.2967, 1e-4);
    RELATIVE(environment->kappa, 1 / 4e10);
    CHECK_CLOSE(scale.joule / UM_ELECTRONVOLT, 8.87349e-5, 1e-10);
    um_model_destroy(model);
    model = model_of("21.456 GHz", "stages: [store: 0.3 s]\n"
                                   "environment: {Q: 4e10, temperature: 300 mK}\n");
    CHECK_CLOSE(um_model_get_spec(model)->stages[0].environment.n_th, 0.0334, 1e-4);
    um_model_destroy(model);
}

static void test_zero_needs_no_unit(void **state)
{
    (void)state;
    um_stage stage = stage_of("interaction: {theta: 1, tau: 0}\nstream: {period: 1 us}\n"
                              "environment: {Q: 1e9, temperature: 0, dephasing: 0.0}\n");
    CHECK_CLOSE(stage.interaction.tau, 0, 0);
    CHECK_CLOSE(stage.environment.n_th, 0, 0);
    CHECK_CLOSE(stage.environment.dephasing, 0, 0);
}

/* In natural units a temperature is k_B T in the unit of the frequency, Q refers to it. */
static void test_natural(void **state)
{
    (void)state;
    um_model *model;
    CHECK_OK(ctx, try_model("battery: {frequency: 2}\nomega_si: 4e9\nstages: [store: 3]\n"
                            "environment: {Q: 50, temperature: 4}\n",
                            &model));
    const um_spec *spec = um_model_get_spec(model);
    const um_environment *environment = &spec->stages[0].environment;
    RELATIVE(environment->n_th, 1 / expm1(0.5));
    RELATIVE(environment->kappa, 2. / 50);
    um_scale scale = um_spec_get_scale(spec);
    RELATIVE(scale.second, 2 / 4e9); /* a time 1/2 is 1/omega */
    um_model_destroy(model);
    CHECK_OK(ctx, try_model("stages: [store: 3]\n", &model));
    scale = um_spec_get_scale(um_model_get_spec(model));
    assert_true(scale.omega == 0 && scale.second == 0 && scale.joule == 0);
    um_model_destroy(model);
}

/* What is printed is natural, keeps the scale and the model. */
static void test_printed(void **state)
{
    (void)state;
    um_model *model = model_of("5.1 GHz", "interaction: {g: 20 MHz, tau: 13 ns}\n"
                                          "stream: {rate: 1/7 /us}\nstages: [charge: 3, store: 1 ms]\n"
                                          "environment: {lifetime: 3 ms, n_th: 1e-3}\n"),
             *again;
    char *text;
    CHECK_OK(ctx, um_config_format(ctx, model, &text));
    assert_non_null(strstr(text, "units: natural\nomega_si: 32044245066.615"));
    CHECK_OK(ctx, try_model(text, &again));
    assert_int_equal(um_model_get_digest(model), um_model_get_digest(again));
    CHECK_CLOSE(um_model_get_spec(model)->omega_si, um_model_get_spec(again)->omega_si, 0);
    um_text_destroy(ctx, text);
    um_model_destroy(model);
    um_model_destroy(again);
}

/* A sweep's values may have units; the scale follows the point. */
static void test_axes(void **state)
{
    (void)state;
    static const char text[] =
        "units: si\nbattery: {frequency: 10 GHz}\ninteraction: {g: 20 kHz, tau: 10 us}\n"
        "stages: [charge: 10]\nenvironment: {lifetime: 1 ms}\n"
        "sweep:\n  axes:\n    - {key: environment.lifetime, values: [1 ms, 200 us]}\n"
        "    - {key: battery.frequency, values: [10 GHz, 20 GHz]}\n";
    um_config *config;
    um_model *model;
    CHECK_OK(ctx, um_config_parse(ctx, text, sizeof text - 1, "test.yaml", NULL, 0, &config));
    static const double lifetimes[] = {1e-3, 1e-3, 2e-4, 2e-4}, frequencies[] = {1e10, 2e10};
    for (size_t i = 0; i < 4; i++) {
        double omega = 2 * M_PI * frequencies[i % 2];
        CHECK_OK(ctx, um_config_create_point(config, ctx, i, 9, &model));
        const um_spec *spec = um_model_get_spec(model);
        RELATIVE(spec->stages[0].environment.kappa, 1 / (lifetimes[i] * omega));
        RELATIVE(spec->omega_si, omega);
        RELATIVE(spec->stages[0].interaction.theta, 2 * M_PI * 0.2);
        assert_int_equal(spec->seed, 9);
        um_model_destroy(model);
    }
    um_config_destroy(config);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_two_pi),          TEST(test_angular_frequencies), TEST(test_same_thing_twice),
        TEST(test_rates_and_times), TEST(test_garching),            TEST(test_zero_needs_no_unit),
        TEST(test_natural),         TEST(test_printed),             TEST(test_axes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
