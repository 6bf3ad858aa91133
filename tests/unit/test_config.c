/* Configurations: defaults, every key, overrides, printing and reading back. */
#include "context.h"

#include "io/config.h"

static um_status try_model(const char *text, const char *const *overrides, size_t count,
                           um_model **model)
{
    um_config *config = NULL;
    *model = NULL;
    um_status status =
        um_config_parse(ctx, text, strlen(text), "test.yaml", overrides, count, &config);
    if (status != UM_OK) {
        assert_null(config);
        return status;
    }
    status = um_config_create_model(ctx, config, model);
    um_config_destroy(config);
    return status;
}

static um_model *model_of(const char *text)
{
    um_model *model;
    CHECK_OK(ctx, try_model(text, NULL, 0, &model));
    return model;
}

static void test_smallest(void **state)
{
    (void)state;
    um_model *model = model_of("interaction: {theta: 1}\nstages: [charge: 1000]\n");
    const um_spec *spec = um_model_get_spec(model);
    assert_int_equal(spec->stages_count, 1);
    assert_int_equal(spec->stages[0].collisions, 1000);
    CHECK_CLOSE(spec->stages[0].interaction.theta, 1, 0);
    CHECK_CLOSE(spec->stages[0].interaction.g, 1, 0);
    assert_int_equal(spec->battery.levels, UM_LEVELS_AUTO);
    assert_int_equal(spec->record.observables, 0);
    um_model_destroy(model);
}

static void test_every_key(void **state)
{
    (void)state;
    um_model *model = model_of(
        "title: all of it\nunits: natural\n"
        "battery: {kind: cavity, levels: 50, max_levels: 99, frequency: 2.0,\n"
        "  initial: {coherent: [0.5, -0.25]}}\n"
        "atoms: {q: 1/4, c: 0.5, phase: pi/3, detuning: 0.125}\n"
        "interaction: {g: 0.5, tau: 2, counter_rotating: 0.5}\n"
        "stream: {period: 3*pi, frame: lab, arrivals: regular, atom_probability: 1.0}\n"
        "environment: {kappa: 0, n_th: 0.0, dephasing: 0, during_collision: false,\n"
        "  atom_decay: 0, atom_dephasing: 0}\n"
        "imperfections: {theta_spread: 0, phase_spread: 0, q_spread: 0}\n"
        "stages:\n  - charge: 1e3\n  - {charge: 7, atoms: {q: 0.75}, stream: {frame: locked}}\n"
        "record: {at: [0, 5, 1007], per_decade: 5, observables: [energy, purity],\n"
        "  states: [3], fidelity_with: {squeezed: [0.5, pi]},\n"
        "  wigner: {at: [1, 2], grid: [-3, 3.5, 11]}}\n"
        "accuracy: {truncation: 1e-8, plateau_tolerance: 0.01, horizon: 1e12,\n"
        "  method: step}\n");
    const um_spec *spec = um_model_get_spec(model);
    assert_string_equal(spec->title, "all of it");
    assert_int_equal(spec->battery.levels, 50);
    assert_int_equal(spec->battery.max_levels, 99);
    CHECK_CLOSE(spec->battery.frequency, 2, 0);
    assert_int_equal(spec->battery.initial.kind, UM_INITIAL_COHERENT);
    CHECK_CLOSE(spec->battery.initial.im, -0.25, 0);
    const um_stage *first = &spec->stages[0], *second = &spec->stages[1];
    CHECK_CLOSE(first->atoms.q, 0.25, 0);
    CHECK_CLOSE(first->atoms.phase, M_PI / 3, 4e-16);
    CHECK_CLOSE(first->atoms.detuning, 0.125, 0);
    CHECK_CLOSE(first->interaction.theta, 1, 0);
    CHECK_CLOSE(first->interaction.counter_rotating, 0.5, 0);
    CHECK_CLOSE(first->stream.period, 3 * M_PI, 2e-15);
    assert_int_equal(first->stream.frame, UM_FRAME_LAB);
    assert_int_equal(second->collisions, 7);
    CHECK_CLOSE(second->atoms.q, 0.75, 0);
    CHECK_CLOSE(second->atoms.c, 0.5, 0); /* from the top level */
    assert_int_equal(second->stream.frame, UM_FRAME_LOCKED);
    assert_int_equal(spec->record.mode, UM_RECORD_LIST);
    assert_int_equal(spec->record.at_count, 3);
    assert_int_equal(spec->record.at[2], 1007);
    assert_int_equal(spec->record.per_decade, 5);
    assert_true(
        spec->record.observables ==
        (UM_QUANTITY_BIT(UM_ENERGY) | UM_QUANTITY_BIT(UM_PURITY) | UM_QUANTITY_BIT(UM_FIDELITY)));
    assert_int_equal(spec->record.states[0], 3);
    assert_int_equal(spec->record.fidelity_with.kind, UM_INITIAL_SQUEEZED);
    CHECK_CLOSE(spec->record.fidelity_with.angle, M_PI, 0);
    assert_int_equal(spec->record.wigner_count, 2);
    CHECK_CLOSE(spec->record.wigner_grid.max, 3.5, 0);
    assert_int_equal(spec->record.wigner_grid.points, 11);
    CHECK_CLOSE(spec->accuracy.truncation, 1e-8, 0);
    CHECK_CLOSE(spec->accuracy.plateau_tolerance, 0.01, 0);
    CHECK_CLOSE(spec->accuracy.horizon, 1e12, 0);
    assert_int_equal(spec->accuracy.method, UM_METHOD_STEP);
    um_model_destroy(model);
}

/* theta, g and tau mean one thing together: a stage that gives any of them replaces all three. */
static void test_stage_trio(void **state)
{
    (void)state;
    um_model *model = model_of("interaction: {g: 0.5, tau: 4}\nstages:\n"
                               "  - charge: 1\n"
                               "  - {charge: 1, interaction: {theta: 1}}\n"
                               "  - {charge: 1, interaction: {theta: {trap: 9}}}\n"
                               "  - {charge: 1, interaction: {theta: 3, tau: 0}}\n");
    const um_stage *stages = um_model_get_spec(model)->stages;
    CHECK_CLOSE(stages[0].interaction.theta, 2, 0);
    CHECK_CLOSE(stages[1].interaction.theta, 1, 0);
    CHECK_CLOSE(stages[1].interaction.g, 1, 0);
    CHECK_CLOSE(stages[2].interaction.theta, M_PI / sqrt(10), 2e-16);
    assert_int_equal(stages[2].interaction.half_turns, 1);
    assert_true(isinf(stages[3].interaction.g));
    um_model_destroy(model);
}

static void test_atom_state(void **state)
{
    (void)state;
    /* q = 1/4, c = 0.5, phase 0.3: <g|rho|e> = c sqrt(q(1-q)) e^(i phase) */
    double modulus = 0.5 * sqrt(0.25 * 0.75), re = modulus * cos(0.3), im = modulus * sin(0.3);
    char text[400];
    snprintf(text, sizeof text,
             "atoms: {state: [[0.25, [%.17g, %.17g]], [[%.17g, %.17g], 0.75]]}\n"
             "interaction: {theta: 1}\nstages: [charge: 1]\n",
             re, im, re, -im);
    um_model *model = model_of(text);
    const um_atoms *atoms = &um_model_get_spec(model)->stages[0].atoms;
    CHECK_CLOSE(atoms->q, 0.25, 0);
    CHECK_CLOSE(atoms->c, 0.5, 1e-15);
    CHECK_CLOSE(atoms->phase, 0.3, 1e-15);
    um_model_destroy(model);
    model = model_of("atoms: {state: [[1, 0], [0, 0]]}\n"
                     "interaction: {theta: 1}\nstages: [charge: 1]\n");
    atoms = &um_model_get_spec(model)->stages[0].atoms;
    CHECK_CLOSE(atoms->q, 1, 0);
    CHECK_CLOSE(atoms->c, 0, 0);
    um_model_destroy(model);
}

static void test_initial_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        um_initial_kind kind;
    } forms[] = {{"vacuum", UM_INITIAL_VACUUM},
                 {"{fock: 3}", UM_INITIAL_FOCK},
                 {"{thermal: 0.5}", UM_INITIAL_THERMAL},
                 {"{coherent: [1, 2]}", UM_INITIAL_COHERENT},
                 {"{squeezed: [0.5, 0.1]}", UM_INITIAL_SQUEEZED}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char text[200];
        snprintf(text, sizeof text,
                 "battery: {initial: %s}\ninteraction: {theta: 1}\n"
                 "stages: [charge: 1]\n",
                 forms[i].text);
        um_model *model = model_of(text);
        assert_int_equal(um_model_get_spec(model)->battery.initial.kind, forms[i].kind);
        um_model_destroy(model);
    }
}

/* Ways of writing the same thing. */
static void test_writings(void **state)
{
    (void)state;
    static const char *const same[] = {
        "interaction: {theta: pi/2}\nstages: [charge: 1000]\n",
        "\xef\xbb\xbfinteraction: {theta: pi/2}\nstages: [charge: 1000]\n",
        "interaction:\r\n  theta: pi/2\r\nstages:\r\n  - charge: 1000\r\n",
        "{\"interaction\": {\"theta\": \"pi/2\"}, \"stages\": [{\"charge\": 1000}]}",
        "%YAML 1.1\n---\n# a comment\ninteraction: {theta: pi / 2} # another\n"
        "stages: [charge: 1e3]\n...\n",
        "atoms:\nenvironment:\ninteraction: {theta: (pi)/2.0, counter_rotating: 0}\n"
        "stages: [{charge: 1000.0}]\n",
        "interaction: {g: 1, theta: pi/2}\nstages: [charge: 1000]\n",
        "interaction: {theta: 3}\nstages: [{charge: 1000, interaction: {theta: pi/2}}]\n",
        "interaction: {g: 9, theta: 3}\nstages: [{charge: 1000, interaction: {theta: pi/2}}]\n",
        "stages: [{charge: 1000, interaction: {theta: pi/2}}]\n",
    };
    um_model *first = model_of(same[0]);
    for (size_t i = 1; i < sizeof same / sizeof same[0]; i++) {
        um_model *other = model_of(same[i]);
        if (um_model_get_digest(first) != um_model_get_digest(other))
            fail_msg("another model:\n%s", same[i]);
        um_model_destroy(other);
    }
    um_model_destroy(first);
}

static const char base[] = "atoms:\n  q: 0.25\ninteraction: {theta: 1}\nstages:\n  - charge: 10\n"
                           "  - charge: 20\n";

static void test_overrides(void **state)
{
    (void)state;
    static const char *const sets[] = {"atoms.q=0.5",
                                       "atoms.q=0.3", /* later wins */
                                       "battery.initial={fock: 2}",
                                       "stages[1].charge=1e2",
                                       "stages[1].atoms.c=1",
                                       "record.observables=[energy]",
                                       "title=a = b"};
    um_model *model;
    CHECK_OK(ctx, try_model(base, sets, sizeof sets / sizeof sets[0], &model));
    const um_spec *spec = um_model_get_spec(model);
    CHECK_CLOSE(spec->stages[0].atoms.q, 0.3, 0);
    CHECK_CLOSE(spec->stages[0].atoms.c, 0, 0);
    CHECK_CLOSE(spec->stages[1].atoms.c, 1, 0);
    assert_int_equal(spec->stages[1].collisions, 100);
    assert_int_equal(spec->battery.initial.level, 2);
    assert_string_equal(spec->title, "a = b");
    um_model_destroy(model);
}

static void test_wrong_overrides(void **state)
{
    (void)state;
    static const struct {
        const char *set, *key, *part;
    } cases[] = {
        {"atom.q=0.3", "atom", "the nearest known key is atoms"},
        {"atoms.qq=0.3", "atoms.qq", "the nearest known key is atoms.q"},
        {"theta=0.3", "theta", "the nearest known key is interaction.theta"},
        {"atoms.q=1.5", "atoms.q", "within 0 to 1"},
        {"atoms.q=0.25abc", "atoms.q", "not a number"},
        {"atoms.q=", "atoms.q", "nothing where a number"},
        {"atoms.q", "", "key=value is expected"},
        {"=3", "", "a part of the key is empty"},
        {"atoms.=3", "atoms.", "a part of the key is empty"},
        {"atoms.q.x=3", "atoms.q.x", "not a section"},
        {"stages[2].charge=3", "stages[2].charge", "no such entry"},
        {"stages[x].charge=3", "stages[x].charge", "a whole number and a bracket"},
        {"stages[18446744073709551616].charge=3", "stages[18446744073709551616].charge", "no such entry"},
        {"stages[0]x.charge=3", "stages[0]x.charge", "after the bracket"},
        {"atoms.q=[1", "", "not valid YAML"},
        {"atoms=&a 3", "", "anchors"},
        {"interaction.g=2", "interaction.g", ""}, /* accepted: theta and g */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        um_model *model;
        um_status status = try_model(base, &cases[i].set, 1, &model);
        um_model_destroy(model);
        if (!*cases[i].part) {
            assert_int_equal(status, UM_OK);
            continue;
        }
        const um_error *error = um_context_get_error(ctx);
        if (status != UM_ERROR_CONFIG || strcmp(error->key, cases[i].key) != 0 ||
            !strstr(error->message, cases[i].part) || strcmp(error->file, "--set") != 0 ||
            error->line != -1)
            fail_msg("--set '%s': status %d, %s:%d: %s: %s", cases[i].set, status, error->file,
                     error->line, error->key, error->message);
    }
    /* Only the key named is replaced: with tau set as well, theta is given twice over. */
    static const char *const both[] = {"interaction.g=2", "interaction.tau=1"};
    um_model *model;
    CHECK_STATUS(ctx, try_model(base, both, 2, &model), UM_ERROR_CONFIG);
    assert_non_null(strstr(um_context_get_error(ctx)->message, "given twice over"));
}

static void test_size_limit(void **state)
{
    (void)state;
    size_t length = (1 << 20) + 1;
    char *text = malloc(length);
    memset(text, '#', length);
    um_config *config;
    CHECK_STATUS(ctx, um_config_parse(ctx, text, length, "big", NULL, 0, &config), UM_ERROR_CONFIG);
    assert_non_null(strstr(um_context_get_error(ctx)->message, "1 MiB"));
    free(text);
}

static void test_read(void **state)
{
    (void)state;
    char path[] = "/tmp/umaser-test-config-XXXXXX";
    int descriptor = mkstemp(path);
    FILE *file = fdopen(descriptor, "w");
    fputs(base, file);
    fclose(file);
    um_config *config;
    um_model *model, *other = model_of(base);
    CHECK_OK(ctx, um_config_read(ctx, path, NULL, 0, &config));
    CHECK_OK(ctx, um_config_create_model(ctx, config, &model));
    assert_true(um_model_get_digest(model) == um_model_get_digest(other));
    um_model_destroy(model);
    um_model_destroy(other);
    um_config_destroy(config);
    remove(path);
    CHECK_STATUS(ctx, um_config_read(ctx, path, NULL, 0, &config), UM_ERROR_IO);
    assert_string_equal(um_context_get_error(ctx)->file, path);
    CHECK_STATUS(ctx, um_config_read(ctx, "/", NULL, 0, &config), UM_ERROR_IO);
}

/* Every path in the schema is found under its own name, once. */
static void test_schema(void **state)
{
    (void)state;
    for (size_t i = 0; i < umi_keys_count; i++) {
        assert_ptr_equal(umi_key_find(umi_keys[i].path), &umi_keys[i]);
        assert_non_null(umi_keys[i].help);
        if (umi_keys[i].type == UMI_KEY_SPECIAL) assert_non_null(umi_keys[i].reader);
        if (umi_keys[i].type == UMI_KEY_CHOICE) assert_non_null(umi_keys[i].choices);
    }
}

/* docs/configuration.md has a row for every key of the schema: path, what is allowed, default. */
static void test_documentation(void **state)
{
    (void)state;
    char path[4096];
    const char *source = getenv("UM_SOURCE_DIR");
    if (!source) skip();
    snprintf(path, sizeof path, "%s/docs/configuration.md", source);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *page = calloc(1, 1 << 18);
    assert_true(fread(page, 1, (1 << 18) - 1, file) > 0);
    fclose(file);
    for (size_t i = 0; i < umi_keys_count; i++) {
        char row[256];
        if (umi_keys[i].type == UMI_KEY_SECTION) continue;
        snprintf(row, sizeof row, "| `%s` |", umi_keys[i].path);
        const char *found = strstr(page, row);
        if (!found) fail_msg("docs/configuration.md has no row for %s", umi_keys[i].path);
        const char *value = umi_keys[i].standard;
        if (!value) continue;
        snprintf(row, sizeof row, "| `%s` |", value);
        const char *shown = strstr(found, row), *end = strchr(found, '\n');
        if (!shown || shown > end)
            fail_msg("docs/configuration.md: %s has the default %s", umi_keys[i].path, value);
    }
    free(page);
}

/* What only a run can tell is told with its line all the same. */
static void test_error_of_a_run(void **state)
{
    (void)state;
    const char *text = "battery:\n  levels: 20\n  initial: {coherent: [9, 0]}\n"
                       "interaction: {theta: 1}\nstages: [charge: 3]\n";
    um_config *config;
    um_model *model;
    um_run *run;
    CHECK_OK(ctx, um_config_parse(ctx, text, strlen(text), "far.yaml", NULL, 0, &config));
    CHECK_OK(ctx, um_config_create_model(ctx, config, &model));
    CHECK_STATUS(ctx, um_run_create(ctx, model, &run), UM_ERROR_CONFIG);
    um_config_locate_error(ctx, config);
    assert_string_equal(um_context_get_error(ctx)->file, "far.yaml");
    assert_string_equal(um_context_get_error(ctx)->key, "battery.initial");
    assert_int_equal(um_context_get_error(ctx)->line, 3);
    um_model_destroy(model);
    um_config_destroy(config);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_smallest),   TEST(test_every_key),       TEST(test_stage_trio),
        TEST(test_atom_state), TEST(test_initial_forms),   TEST(test_writings),
        TEST(test_overrides),  TEST(test_wrong_overrides), TEST(test_size_limit),
        TEST(test_read),       TEST(test_schema),          TEST(test_documentation),
        TEST(test_error_of_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
