/* The section sweep: axes, names, points, what a point is, and what a sweep is as text. */
#include "test_result_full.h"

#include <unistd.h>

#include "context.h"
#include "sweep_cases.h"

static um_config *parse(const char *text)
{
    um_config *config;
    CHECK_OK(ctx, um_config_parse(ctx, text, strlen(text), "here.yaml", NULL, 0, &config));
    return config;
}

#define BASE "stages: [{charge: 10}]\n"
#define BASE_THETA "stages: [{charge: 10}]\ninteraction: {theta: 1}\n"

/* The only axes of a plan, checked and ended. */
typedef void (*plan_check)(const um_sweep_plan *plan);

static void with_plan(const char *text, plan_check check)
{
    um_config *config = parse(text);
    um_sweep_plan plan;
    CHECK_OK(ctx, um_config_get_plan(ctx, config, &plan));
    check(&plan);
    um_config_destroy(config);
}

static void check_linear(const um_sweep_plan *plan)
{
    const um_sweep_axis *axis = &plan->axes[0];
    assert_int_equal(plan->axes_count, 1);
    assert_string_equal(axis->name, "theta");
    assert_string_equal(axis->keys[0], "interaction.theta");
    assert_int_equal(axis->count, 5);
    static const double expected[] = {0.1, 0.15, 0.2, 0.25, 0.3};
    for (int i = 0; i < 5; i++) {
        CHECK_CLOSE(axis->values[i], expected[i], 1e-16);
        assert_true(strtod(axis->texts[i], NULL) == axis->values[i]);
    }
    assert_true(axis->values[0] == 0.1 && axis->values[4] == 0.3);
    assert_int_equal(plan->repeats, 1);
    assert_int_equal(plan->analysis, UM_SWEEP_RUN);
    assert_int_equal(plan->series, 0);
    size_t defaults = 0;
    for (int i = 0; i < UM_SUMMARY_COUNT; i++) {
        const um_summary_info *info = um_summary_get_info(i);
        defaults += info->by_default && !info->steady;
    }
    assert_int_equal(plan->summaries_count, defaults);
}

static void check_logarithmic(const um_sweep_plan *plan)
{
    const um_sweep_axis *axis = &plan->axes[0];
    static const double expected[] = {1, 0.1, 0.01, 1e-3};
    assert_int_equal(axis->count, 4);
    for (int i = 0; i < 4; i++) CHECK_CLOSE(axis->values[i] / expected[i], 1, 1e-15);
    assert_true(axis->values[0] == 1 && axis->values[3] == 1e-3);
}

/* Over the whole range of a double. */
static void check_wide(const um_sweep_plan *plan)
{
    static const double expected[] = {1e-300, 1e-150, 1, 1e150, 1e300};
    for (int i = 0; i < 5; i++) CHECK_CLOSE(plan->axes[0].values[i] / expected[i], 1, 1e-13);
}

/* Names that begin alike are not the same key. */
static void check_beside(const um_sweep_plan *plan) { assert_int_equal(plan->axes_count, 2); }

static void check_one(const um_sweep_plan *plan)
{
    assert_int_equal(plan->axes[0].count, 1);
    CHECK_CLOSE(plan->axes[0].values[0], M_PI / 3, 3e-16); /* rounded once */
}

static void check_values(const um_sweep_plan *plan)
{
    const um_sweep_axis *axis = &plan->axes[0];
    static const char *const texts[] = {"vacuum", "{\"fock\": 3}", "2", "pi/2", "\"0.5\"",
                                        "\"a, b\"", "~"};
    assert_int_equal(axis->count, 7);
    for (int i = 0; i < 7; i++) assert_string_equal(axis->texts[i], texts[i]);
    for (int i = 0; i < 7; i++) assert_int_equal(isnan(axis->values[i]), i != 2 && i != 3);
    assert_true(axis->values[2] == 2 && axis->values[3] == M_PI / 2);
}

static void check_quantities(const um_sweep_plan *plan)
{
    static const char *const texts[2][3] = {{"500 ns", "1250 ns", "2 us"}, {"0.5 kHz", NULL, "50 kHz"}};
    assert_int_equal(plan->axes_count, 2);
    for (int i = 0; i < 6; i++) {
        assert_true(isnan(plan->axes[i / 3].values[i % 3]));
        if (i != 4) assert_string_equal(plan->axes[i / 3].texts[i % 3], texts[i / 3][i % 3]);
    }
    char *unit;
    CHECK_AT_MOST(fabs(strtod(plan->axes[1].texts[1], &unit) - 5), 1e-14);
    assert_string_equal(unit, " kHz");
}

static void test_axes(void **state)
{
    (void)state;
    with_plan("units: si\nbattery: {frequency: 21 GHz}\nstages: [charge: 3]\n"
              "sweep: {axes: [{key: interaction.tau, linspace: [500 ns, 2us, 3]}, {key: interaction.g, logspace: "
              "[0.5 kHz, 50 kHz, 3]}]}\n",
              check_quantities);
    with_plan(BASE "sweep: {axes: [{key: interaction.theta, linspace: [0.1, 0.3, 5]}]}\n",
              check_linear);
    with_plan(BASE "sweep: {axes: [{key: interaction.theta, logspace: [1, 1e-3, 4]}]}\n",
              check_logarithmic);
    with_plan(BASE "sweep: {axes: [{key: interaction.theta, logspace: [1e-300, 1e300, 5]}]}\n",
              check_wide);
    with_plan(BASE_THETA "sweep: {axes: [{key: battery.levels, values: [20]}, {key: "
                         "battery.max_levels, values: [30]}]}\n",
              check_beside);
    with_plan(BASE "sweep: {axes: [{key: interaction.theta, linspace: [pi/3, 7, 1]}]}\n", check_one);
    with_plan(BASE_THETA "title: here\n"
                         "sweep: {axes: [{key: title, values: [vacuum, {fock: 3}, 2, pi/2, "
                         "'0.5', 'a, b', ~]}]}\n",
              check_values);
    /* Plain where it stands, not in a list of one line. */
    with_plan(BASE_THETA "title: here\n"
                         "sweep:\n  axes:\n   - key: title\n     values:\n"
                         "      - vacuum\n      - {fock: 3}\n      - 2\n      - pi/2\n      - \"0.5\"\n"
                         "      - a, b\n      -\n",
              check_values);
}

static void check_names(const um_sweep_plan *plan)
{
    static const char *const names[] = {"q", "stages_1_atoms_q", "battery_levels", "charge",
                                        "initial"};
    assert_int_equal(plan->axes_count, 5);
    for (int i = 0; i < 5; i++) assert_string_equal(plan->axes[i].name, names[i]);
}

/* A result has other uses for "energy" and "record". */
static void check_taken(const um_sweep_plan *plan)
{
    assert_int_equal(plan->axes_count, 2);
    assert_string_equal(plan->axes[0].name, "stages_0_until_energy");
    assert_string_equal(plan->axes[1].name, "record_");
}

static void check_zipped(const um_sweep_plan *plan)
{
    const um_sweep_axis *axis = &plan->axes[0];
    assert_int_equal(plan->axes_count, 1);
    assert_string_equal(axis->name, "point");
    assert_int_equal(axis->keys_count, 2);
    assert_int_equal(axis->count, 3);
    static const double values[] = {1, 2, 3, 0.25, 0.5, 0.75};
    CHECK_SAME_BITS(axis->values, values, 6);
    assert_string_equal(axis->texts[4], "0.5");
    assert_string_equal(axis->keys[1], "atoms.q");
    assert_int_equal(plan->repeats, 3);
    assert_int_equal(plan->summaries_count, 2);
    assert_int_equal(plan->summaries[0], UM_SUMMARY_LEVELS);
    assert_int_equal(plan->summaries[1], UM_SUMMARY_FINAL_ENERGY);
    assert_true(plan->series == (UM_QUANTITY_BIT(UM_ENERGY) | UM_QUANTITY_BIT(UM_FANO)));
    assert_int_equal(plan->records, 21); /* 0, then 1 .. 20 a decade */
}

static void check_steady(const um_sweep_plan *plan)
{
    assert_int_equal(plan->analysis, UM_SWEEP_STEADY);
    assert_int_equal(plan->stage, 1);
    assert_int_equal(plan->summaries_count, 1);
}

static void test_plans(void **state)
{
    (void)state;
    with_plan("interaction: {theta: 1}\nstages: [{charge: 10}, {charge: 5, atoms: {c: 0}}]\n"
              "sweep: {axes: [{key: atoms.q, values: [0, 1]}, {key: 'stages[1].atoms.q', values: "
              "[0.5]}, {key: battery.levels, values: [10, 20]}, {key: 'stages[0].charge', values: "
              "[1]}, {key: battery.initial, values: [vacuum]}]}\n",
              check_names);
    with_plan(BASE_THETA "sweep:\n  axes:\n    - {key: 'stages[0].until.energy', values: [1, 2]}\n"
                         "    - {key: record, values: [{at: log}]}\n",
              check_taken);
    with_plan("stages: [{charge: 20}]\nrecord: {at: every}\n"
              "sweep: {mode: zip, repeats: 3, summaries: [levels, final_energy], series: [energy, "
              "fano], axes: [{key: interaction.theta, values: [1, 2, 3]}, {key: atoms.q, linspace: "
              "[0.25, 0.75, 3]}]}\n",
              check_zipped);
    with_plan(BASE_THETA "sweep: {analysis: steady, stage: 1, summaries: [lifetime], axes: [{key: "
                         "atoms.c, values: [0, 1]}]}\n",
              check_steady);
}

/* A key that the file has not: the first value stands there. */
static void test_first_point(void **state)
{
    (void)state;
    um_config *config = parse(BASE "atoms: {q: 0.9}\n"
                                   "sweep: {axes: [{key: interaction.theta, values: [2, 1]}, {key: "
                                   "atoms.q, values: [0.1, 0.2]}]}\n");
    um_model *model;
    CHECK_OK(ctx, um_config_create_model(ctx, config, &model));
    const um_stage *stage = um_model_get_spec(model)->stages;
    assert_true(stage->interaction.theta == 2);
    assert_true(stage->atoms.q == 0.9); /* what is in the file stays */
    um_model_destroy(model);
    CHECK_OK(ctx, um_config_create_point(config, ctx, 3, 0, &model));
    stage = um_model_get_spec(model)->stages;
    assert_true(stage->interaction.theta == 1 && stage->atoms.q == 0.2);
    um_model_destroy(model);
    um_config_destroy(config);
}

static const char crossed[] =
    "title: \"a: b\"\n"
    "battery:\n  initial: {thermal: 0.5}\n"
    "stages:\n  - charge: 100\n  - {charge: 50, atoms: {c: 0.5}}\n"
    "sweep:\n  axes:\n"
    "    - {key: interaction.theta, values: [pi/sqrt(10), {trap: 4, half_turns: 2}, 0.1]}\n"
    "    - {key: 'stages[1].atoms.q', linspace: [0.1, 0.7, 4]}\n"
    "    - {key: battery.initial, values: [vacuum, {coherent: [1, 0.5]}]}\n";

static uint64_t digest_of_point(um_context *own, const um_config *config, size_t point)
{
    um_model *model;
    CHECK_OK(own, um_config_create_point((void *)config, own, point, 0, &model));
    uint64_t digest = um_model_get_digest(model);
    um_model_destroy(model);
    return digest;
}

/* A point is the file with --set. */
static void test_points_equal_overrides(void **state)
{
    (void)state;
    um_config *config = parse(crossed);
    um_sweep_plan plan;
    CHECK_OK(ctx, um_config_get_plan(ctx, config, &plan));
    uint64_t digests[24];
    for (size_t point = 0; point < 24; point++) {
        size_t at[3] = {point / 8, point / 2 % 4, point % 2};
        char overrides[3][200];
        const char *list[3];
        for (int i = 0; i < 3; i++) {
            list[i] = overrides[i];
            snprintf(overrides[i], sizeof overrides[i], "%s=%s", plan.axes[i].keys[0],
                     plan.axes[i].texts[at[i]]);
        }
        um_config *single;
        um_model *model;
        CHECK_OK(ctx, um_config_parse(ctx, crossed, strlen(crossed), "here.yaml", list, 3, &single));
        CHECK_OK(ctx, um_config_create_model(ctx, single, &model));
        digests[point] = um_model_get_digest(model);
        um_model_destroy(model);
        um_config_destroy(single);
        assert_true(digest_of_point(ctx, config, point) == digests[point]);
        for (size_t i = 0; i < point; i++) assert_true(digests[i] != digests[point]);
    }
    /* Threads share the configuration. */
    bool same = true;
#pragma omp parallel num_threads(4)
    {
        um_context *own;
        if (um_context_create(NULL, &own) == UM_OK) {
            for (size_t i = 0; i < 200; i++) {
                um_model *model = NULL;
                bool right = um_config_create_point(config, own, i % 24, i, &model) == UM_OK &&
                             um_model_get_digest(model) == digests[i % 24];
                um_model_destroy(model);
#pragma omp critical
                same = same && right;
            }
            if (um_context_get_blocks(own) != 0) same = false;
            um_context_destroy(own);
        }
    }
    assert_true(same);
    um_config_destroy(config);
}

static void check_same_plan(const um_sweep_plan *a, const um_sweep_plan *b)
{
    assert_int_equal(a->axes_count, b->axes_count);
    assert_int_equal(a->records, b->records);
    assert_true(a->series == b->series && a->repeats == b->repeats && a->analysis == b->analysis);
    for (size_t i = 0; i < a->axes_count; i++) {
        const um_sweep_axis *x = &a->axes[i], *y = &b->axes[i];
        assert_string_equal(x->name, y->name);
        assert_int_equal(x->count, y->count);
        assert_int_equal(x->keys_count, y->keys_count);
        CHECK_SAME_BITS(x->values, y->values, x->count * x->keys_count);
        for (size_t j = 0; j < x->count * x->keys_count; j++)
            assert_string_equal(x->texts[j], y->texts[j]);
    }
}

/* What merge reads: the same sweep, and its text stays as it is. */
static void check_source(const char *text)
{
    um_config *first = parse(text), *second;
    char *source, *again, *description, *same;
    um_sweep_plan plan, plan_again;
    CHECK_OK(ctx, um_config_format_source(ctx, first, &source));
    assert_null(strchr(source, '\n'));
    CHECK_OK(ctx, um_config_parse(ctx, source, strlen(source), "here.yaml", NULL, 0, &second));
    CHECK_OK(ctx, um_config_get_plan(ctx, first, &plan));
    CHECK_OK(ctx, um_config_get_plan(ctx, second, &plan_again));
    check_same_plan(&plan, &plan_again);
    CHECK_OK(ctx, um_config_format_source(ctx, second, &again));
    assert_string_equal(source, again);
    CHECK_OK(ctx, um_config_format_sweep(ctx, first, 3, &description));
    CHECK_OK(ctx, um_config_format_sweep(ctx, second, 3, &same));
    assert_string_equal(description, same);
    assert_true(digest_of_point(ctx, first, 1) == digest_of_point(ctx, second, 1));
    um_text_destroy(ctx, source);
    um_text_destroy(ctx, again);
    um_text_destroy(ctx, description);
    um_text_destroy(ctx, same);
    um_config_destroy(first);
    um_config_destroy(second);
}

static void test_source(void **state)
{
    (void)state;
    check_source(crossed);
    check_source("# a comment\ntitle: plain, with [brackets] {and} more\nbattery:\nsweep:\n  axes:\n"
                 "  - key: title\n    values:\n    - a, b\n    - \"x\\ny: \\u00e9 \\\"q\\\"\"\n"
                 "    - 'it''s'\n    - |\n      lines\n      more\n"
                 "  series: [energy]\n  summaries: none\n  repeats: 4\n" BASE_THETA);
}

static char *describe(const char *text, uint64_t seed)
{
    um_config *config = parse(text);
    char *description;
    CHECK_OK(ctx, um_config_format_sweep(ctx, config, seed, &description));
    um_config_destroy(config);
    return description;
}

static void check_differ(const char *first, const char *second, uint64_t seed)
{
    char *a = describe(first, 0), *b = describe(second, seed);
    if (strcmp(a, b) == 0) fail_msg("the same is said of:\n%s\nand:\n%s", first, second);
    um_text_destroy(ctx, a);
    um_text_destroy(ctx, b);
}

#define TAU "sweep: {axes: [{key: interaction.tau, values: [10, 20]}]}\n"
#define Q "sweep: {axes: [{key: atoms.q, values: [0.25, 0.5]}]}\n"

static void test_descriptions(void **state)
{
    (void)state;
    char *a = describe(BASE_THETA Q, 1),
         *b = describe("# the same\n" Q "interaction:\n  theta: 1\nstages:\n- charge: 10\n", 1);
    assert_non_null(strstr(a, "umaser: " UM_VERSION));
    assert_non_null(strstr(a, "atoms.q: 0.25 0.5"));
    um_text_destroy(ctx, b);
    b = describe("# the same\n" BASE_THETA "\n" Q, 1);
    assert_string_equal(a, b);
    um_text_destroy(ctx, a);
    um_text_destroy(ctx, b);
    check_differ(BASE_THETA Q, BASE_THETA Q, 1);
    check_differ(BASE_THETA Q, BASE_THETA "atoms: {phase: 1}\n" Q, 0);
    check_differ(BASE_THETA Q, BASE_THETA "sweep: {axes: [{key: atoms.q, values: [0.25, 0.5000000000000001]}]}\n", 0);
    check_differ(BASE_THETA Q, BASE_THETA "sweep: {repeats: 2, axes: [{key: atoms.q, values: [0.25, 0.5]}]}\n", 0);
    check_differ(BASE_THETA Q, BASE_THETA "sweep: {series: [energy], axes: [{key: atoms.q, values: [0.25, 0.5]}]}\n", 0);
    check_differ(BASE_THETA Q, BASE_THETA "sweep: {analysis: steady, axes: [{key: atoms.q, values: [0.25, 0.5]}]}\n", 0);
    check_differ(BASE_THETA Q, BASE_THETA "sweep: {axes: [{key: atoms.c, values: [0.25, 0.5]}]}\n", 0);
    /* The same first point and another second one. */
    check_differ(BASE "interaction: {g: 0.1}\n" TAU, BASE "interaction: {theta: 1}\n" TAU, 0);
    check_differ(BASE "interaction: {g: 0.1}\n" TAU,
                 BASE "interaction: {g: 0.1}\nstream: {period: 10}\n" TAU, 0);
    check_differ(BASE_THETA Q, "stages: [{charge: 10, atoms: {q: 0.25}}]\ninteraction: {theta: 1}\n" Q, 0);
}

static const char by_points[] = BASE "title: \"\"\natoms: {c: 1}\nsweep: {points: points.csv, series: [energy]}\n";

/* The configuration stands beside the file of points. */
static um_status read_points(const char *csv, um_config **config)
{
    const char *path = scratch_path("points.yaml"), *points = scratch_path("points.csv");
    put_bytes(path, by_points, strlen(by_points));
    put_bytes(points, csv, strlen(csv));
    return um_config_read(ctx, path, NULL, 0, config);
}

static void test_points(void **state)
{
    (void)state;
    um_config *config;
    um_sweep_plan plan;
    CHECK_OK(ctx, read_points("# three points\r\n\r\n  interaction.theta ,\tbattery.initial, atoms.q\r\n"
                              "pi/2 , {coherent: [1, 2]} , 0.25\r\n   # between\r\n   \t\r\n"
                              "{trap: 9, half_turns: 1}, vacuum, 1e-1\r\n"
                              "1,\"vacuum\",0", &config));
    CHECK_OK(ctx, um_config_get_plan(ctx, config, &plan));
    const um_sweep_axis *axis = plan.axes;
    assert_int_equal(plan.axes_count, 1);
    assert_int_equal(axis->keys_count, 3);
    assert_int_equal(axis->count, 3);
    assert_string_equal(axis->name, "point");
    assert_string_equal(axis->keys[0], "interaction.theta");
    assert_string_equal(axis->keys[1], "battery.initial");
    assert_string_equal(axis->texts[3], "{coherent: [1, 2]}");
    assert_string_equal(axis->texts[7], "1e-1");
    assert_true(axis->values[0] == M_PI / 2 && axis->values[7] == 0.1 && axis->values[8] == 0);
    assert_true(isnan(axis->values[1]) && isnan(axis->values[3]));
    for (size_t i = 0; i < 3; i++) digest_of_point(ctx, config, i);
    char *source;
    um_config *again;
    CHECK_OK(ctx, um_config_format_source(ctx, config, &source));
    CHECK_OK(ctx, um_config_parse(ctx, source, strlen(source), scratch_path("points.yaml"), NULL, 0,
                                  &again));
    um_sweep_plan plan_again;
    CHECK_OK(ctx, um_config_get_plan(ctx, again, &plan_again));
    check_same_plan(&plan, &plan_again);
    um_text_destroy(ctx, source);
    um_config_destroy(again);
    um_config_destroy(config);
}

static void refuse_points(const char *csv, int line, const char *words)
{
    um_config *config;
    CHECK_STATUS(ctx, read_points(csv, &config), UM_ERROR_CONFIG);
    assert_null(config);
    const um_error *error = um_context_get_error(ctx);
    expect_said(ctx, scratch_path("points.csv"), words);
    assert_string_equal(error->key, "sweep.points");
    if (error->line != line) fail_msg("line %d for %d: %s", error->line, line, error->message);
}

static void test_bad_points(void **state)
{
    (void)state;
    refuse_points("", 0, "keys are expected");
    refuse_points("# nothing\n\n", 2, "keys are expected");
    refuse_points("atoms.q, interaction.theta\n", 1, "no points");
    refuse_points("atoms.q, , interaction.theta\n1,2,3\n", 1, "a key is empty");
    refuse_points("atoms.q,interaction.theta,atoms.q\n1,2,3\n", 1, "the same key");
    refuse_points("atoms.q,interaction.theta,atoms\n1,2,{c: 1}\n", 1, "or a part of it");
    refuse_points("interaction.theta,atoms.q\n1,0.5\n\n2\n", 4, "no value for \"atoms.q\"");
    refuse_points("interaction.theta,atoms.q\n1,\n", 2, "\"atoms.q\" is empty");
    refuse_points("interaction.theta,atoms.q\n1, 0.5, 7\n", 2, "more values than keys");
    refuse_points("interaction.theta,sweep.repeats\n1, 2\n", 1, "cannot change itself");
    um_config *config;
    CHECK_STATUS(ctx, read_points("interaction.thata\n1\n", &config), UM_ERROR_CONFIG);
    assert_non_null(strstr(um_context_get_error(ctx)->message, "theta"));
    unlink(scratch_path("points.csv"));
    CHECK_STATUS(ctx, um_config_read(ctx, scratch_path("points.yaml"), NULL, 0, &config), UM_ERROR_IO);
    expect_said(ctx, scratch_path("points.csv"), "cannot be read");
    put_bytes(scratch_path("points.csv"), "interaction.theta\n1\n\0 2\n", 24);
    CHECK_STATUS(ctx, um_config_read(ctx, scratch_path("points.yaml"), NULL, 0, &config), UM_ERROR_IO);
    expect_said(ctx, scratch_path("points.csv"), "zero bytes");
}

static void refuse(const char *sweep, int line, const char *words)
{
    char text[2000];
    um_config *config = NULL;
    snprintf(text, sizeof text, BASE_THETA "%s\n", sweep);
    CHECK_STATUS(ctx, um_config_parse(ctx, text, strlen(text), "here.yaml", NULL, 0, &config),
                 UM_ERROR_CONFIG);
    const um_error *error = um_context_get_error(ctx);
    if (error->line != line || strcmp(error->file, "here.yaml") != 0)
        fail_msg("%s:%d: %s: %s; expected line %d", error->file, error->line, error->key, error->message, line);
    if (!strstr(error->message, words)) fail_msg("message without \"%s\": %s", words, error->message);
}

#define AXIS "sweep:\n  axes:\n    - {key: atoms.q, values: [0.1, 0.2]}\n"

static void refuse_long_name(void)
{
    char text[6000] = BASE_THETA "sweep: {points: ";
    um_config *config = NULL;
    for (int i = 0; i < 2050; i++) strcat(text, "./");
    strcat(text, "x.csv}\n");
    CHECK_STATUS(ctx, um_config_parse(ctx, text, strlen(text), "here.yaml", NULL, 0, &config),
                 UM_ERROR_CONFIG);
    assert_non_null(strstr(um_context_get_error(ctx)->message, "too long"));
}

static void test_refused(void **state)
{
    (void)state;
    /* A name that was cut would be another file's. */
    refuse_long_name();
    refuse("sweep:\n  axes:\n    - 7\n", 5, "is expected");
    refuse("sweep:\n  axes: 7\n", 4, "is expected");
    refuse("sweep:\n  axes:\n    - {key: atoms.q}\n", 5, "exactly one of");
    refuse("sweep:\n  axes:\n    - {key: atoms.q, values: [1], linspace: [0, 1, 2]}\n", 5, "exactly one of");
    refuse("sweep:\n  axes:\n    - {values: [1]}\n", 5, "the key to change is missing");
    refuse("sweep:\n  axes:\n    - {key: [a], values: [1]}\n", 5, "the key to change is missing");
    refuse("sweep:\n  axes:\n    - {key: sweep.repeats, values: [1]}\n", 5, "cannot change itself");
    refuse("sweep:\n  axes:\n    - key: atoms.q\n      values: []\n", 6, "an empty list");
    refuse("sweep:\n  axes:\n    - key: atoms.q\n      linspace: [0, 1, 0]\n", 6, "1 to 10000000");
    refuse("sweep:\n  axes:\n    - key: atoms.q\n      linspace: [0, 1, 2.5]\n", 6, "2.5");
    refuse("sweep:\n  axes:\n    - key: atoms.q\n      linspace: [0, one, 2]\n", 6, "one");
    refuse("sweep:\n  axes:\n    - key: interaction.tau\n      linspace: [10 us, 20, 3]\n", 6,
           "\"20\" where a number with its unit is expected");
    refuse("sweep:\n  axes:\n    - key: interaction.tau\n      linspace: [x us, 20 us, 3]\n", 6,
           "\"x us\" where a number with its unit is expected");
    refuse("sweep:\n  axes:\n    - key: interaction.tau\n      linspace: [10 us, 20 kHz, 3]\n", 6,
           "units of one kind are expected, and the other end is \"10 us\"");
    refuse("sweep:\n  axes:\n    - key: interaction.tau\n      logspace: [0 us, 20 us, 3]\n", 6, "both > 0");
    refuse("sweep:\n  axes:\n    - key: interaction.tau\n      linspace: [10 us, 20 us, 3]\n", 4, "natural units");
    refuse("sweep:\n  axes:\n    - {key: 'stages[7].charge', values: [1]}\n", 4, "no such entry");
    assert_string_equal(um_context_get_error(ctx)->key, "stages[7].charge");
    refuse("sweep:\n  axes:\n    - key: atoms.q\n      logspace: [-1, 1, 2]\n", 6, "both > 0");
    refuse("sweep:\n  axes:\n    - {key: atoms.r, values: [1]}\n", 4, "unknown key");
    refuse("sweep:\n  axes:\n    - {key: 'stages[3].charge', values: [1]}\n", 4, "no such entry");
    refuse(AXIS "    - {key: atoms.q, values: [1]}\n", 6, "an axis already");
    refuse(AXIS "    - {key: atoms, values: [{c: 1}]}\n", 6, "an axis already");
    refuse("sweep:\n  axes:\n    - {key: stages, values: [[charge: 3]]}\n    - {key: 'stages[0].charge', "
           "values: [1]}\n", 6, "one would overwrite the other");
    refuse(AXIS "    - {key: atoms.c, values: [1]}\n  mode: zip\n", 4, "mode zip");
    refuse(AXIS "  points: p.csv\n", 6, "both given");
    refuse(AXIS "  summaries: [final_energy, final_energy]\n", 6, "named twice");
    refuse(AXIS "  summaries: [leak]\n", 6, "analysis: steady");
    refuse(AXIS "  series: [energie]\n", 6, "energy");
    refuse(AXIS "  series: [populations]\n", 6, "populations");
    refuse(AXIS "  analysis: steady\n  series: [energy]\n", 7, "analysis: run");
    refuse(AXIS "  summaries: none\n", 6, "nothing would be kept");
    refuse(AXIS "  repeats: 0\n", 6, "1 to 1000000");
    refuse("sweep:\n  mode: zip\n", 3, "axes are missing");

    um_config *config = parse(BASE_THETA);
    um_sweep_plan plan;
    CHECK_STATUS(ctx, um_config_get_plan(ctx, config, &plan), UM_ERROR_CONFIG);
    assert_non_null(strstr(um_context_get_error(ctx)->message, "linspace"));
    um_config_destroy(config);
}

static int teardown_all(void **state)
{
    scratch_remove();
    return teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_axes),         cmocka_unit_test(test_plans),
        cmocka_unit_test(test_first_point),  cmocka_unit_test(test_points_equal_overrides),
        cmocka_unit_test(test_source),       cmocka_unit_test(test_descriptions),
        cmocka_unit_test(test_points),       cmocka_unit_test(test_bad_points),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown_all);
}
