/* A result in which every field is set, none to the value of another, and its comparison. */
#ifndef UM_TEST_RESULT_FULL_H
#define UM_TEST_RESULT_FULL_H

#include "base/base.h"
#include "check.h"

enum { FULL_RECORDS = 7, FULL_LEVELS = 5, FULL_POINTS = 4 };

/* Awkward doubles first: no value, signed zero, denormal, the ends of the range, thirds. */
static inline double full_number(void)
{
    static const double awkward[] = {
        NAN, -0.0,    4.9e-324, -2.2e-308,          1.7976931348623157e308,
        0.1, 1.0 / 3, -1e-17,   123456789.123456789};
    static unsigned count;
    unsigned i = count++;
    return i % 3 == 0 ? awkward[i / 3 % 9] : sin(i) * exp(i % 40);
}

static inline double *full_numbers(um_context *ctx, size_t count)
{
    double *values = UMI_NEW_ARRAY(ctx, double, count);
    assert_non_null(values);
    for (size_t i = 0; i < count; i++) values[i] = full_number();
    return values;
}

static inline void full_tables(um_context *ctx, um_result *r)
{
    r->stages_count = 2;
    r->stages = UMI_NEW_ARRAY(ctx, um_stage_summary, 2);
    r->stages[0] = (um_stage_summary){.kind = UM_STAGE_CHARGE,
                                      .end = UM_STAGE_MET,
                                      .collisions = 1000000000000,
                                      .duration = 1.5e12,
                                      .energy_start = full_number(),
                                      .energy_end = full_number(),
                                      .ergotropy_start = full_number(),
                                      .ergotropy_end = full_number(),
                                      .delivered_energy = NAN,
                                      .delivered_ergotropy = full_number(),
                                      .half_life_energy = full_number(),
                                      .half_life_ergotropy = NAN,
                                      .ledger = {1.0 / 3, -2, 3, 1.0 / 7, 5, -1e-17, 11},
                                      .method = umi_strdup(ctx, "resonant-stencil"),
                                      .forward = {1024, 1000000000000, 90, 40, 33, 1e-17, 1.0 / 7}};
    r->stages[1] = (um_stage_summary){.kind = UM_STAGE_STORE,
                                      .collisions = 7,
                                      .duration = NAN,
                                      .half_life_energy = 1.0 / 9,
                                      .method = umi_strdup(ctx, "unitary"),
                                      .forward.from = -1};
    r->delivered_energy = full_number();
    r->delivered_ergotropy = NAN;
    r->plateaus_count = 2;
    r->plateaus = UMI_NEW_ARRAY(ctx, um_plateau, 2);
    r->plateaus[0] = (um_plateau){14, -1, 1000, 3.9, 1.0 / 3, NAN, 9, 13};
    r->plateaus[1] = (um_plateau){15, 900000000000000, 1001, 3.8, 3.7, 0.99, -1, -1};
    r->warnings_count = 3;
    r->warnings = UMI_NEW_ARRAY(ctx, char *, 3);
    r->warnings[0] = umi_strdup(ctx, "first \"quoted\"\n\tand \\ broken");
    r->warnings[1] = umi_strdup(ctx, "");
    r->warnings[2] = umi_strdup(ctx, "µ -> u, \x01 and \x7f");
}

static inline void full_saved(um_context *ctx, um_result *r)
{
    static const int levels[] = {3, 6, 1};
    r->states_count = 3;
    r->states = UMI_NEW_ARRAY(ctx, um_saved_state, 3);
    for (int i = 0; i < 3; i++) {
        size_t size = (size_t)(levels[i] * levels[i]);
        r->states[i] =
            (um_saved_state){30 * i, levels[i], full_numbers(ctx, size), full_numbers(ctx, size)};
    }
    r->wigner_grid = (um_wigner_grid){-3.1, 4.7, FULL_POINTS};
    r->wigners_count = 2;
    r->wigners = UMI_NEW_ARRAY(ctx, um_saved_wigner, 2);
    for (int i = 0; i < 2; i++)
        r->wigners[i] = (um_saved_wigner){11 + i, full_numbers(ctx, FULL_POINTS * FULL_POINTS),
                                          full_numbers(ctx, FULL_POINTS * FULL_POINTS)};
}

/* Every quantity recorded but g2. Ended by um_result_destroy. */
static inline um_result *full_result(um_context *ctx)
{
    um_result *r = UMI_NEW(ctx, um_result);
    assert_non_null(r);
    r->status = UM_ERROR_INTERRUPTED;
    r->collisions = 1000000000000007;
    r->records = FULL_RECORDS;
    r->stage = UMI_NEW_ARRAY(ctx, int32_t, FULL_RECORDS);
    r->collision = UMI_NEW_ARRAY(ctx, int64_t, FULL_RECORDS);
    for (int i = 0; i < FULL_RECORDS; i++) {
        r->stage[i] = i / 4;
        r->collision[i] = i * INT64_C(1000000000001);
    }
    r->time = full_numbers(ctx, FULL_RECORDS);
    for (int i = 0; i < UM_QUANTITY_COUNT; i++)
        if (i != UM_POPULATIONS && i != UM_G2) r->series[i] = full_numbers(ctx, FULL_RECORDS);
    r->population_levels = FULL_LEVELS;
    r->populations = full_numbers(ctx, FULL_RECORDS * FULL_LEVELS);
    r->final_levels = FULL_LEVELS + 2;
    r->final_populations = full_numbers(ctx, FULL_LEVELS + 2);
    r->power_maximum = (um_maximum){0.1, 12};
    r->ergotropy_power_maximum = (um_maximum){NAN, -1};
    r->ledger = (um_ledger){1.1, 1.2, 1.3, -1.4, 1e-300, -0.0, 1.7};
    r->truncation = (um_truncation){64, 1e-13, NAN, -3e-16};
    r->wall_seconds = (um_wall_seconds){0.01, 0.02, 0.03, 0.04};
    r->kernel = umi_strdup(ctx, "avx2");
    r->digest = UINT64_C(0xfedcba9876543210);
    r->scale = (um_scale){2e10, 5e-11, 2.1e-24};
    full_tables(ctx, r);
    full_saved(ctx, r);
    return r;
}

/* The same bits, NAN included; both NULL is the same. */
static inline void same_bits(const char *what, const void *a, const void *b, size_t bytes)
{
    if (!a != !b) fail_msg("%s: one is NULL", what);
    if (a && memcmp(a, b, bytes) != 0) fail_msg("%s differs", what);
}
#define SAME(a, b, field) same_bits(#field, &(a)->field, &(b)->field, sizeof(a)->field)
#define SAME_ARRAY(a, b, field, count) \
    same_bits(#field, (a)->field, (b)->field, (count) * sizeof *(a)->field)

static inline void same_saved(const um_result *a, const um_result *b)
{
    SAME(a, b, states_count);
    for (size_t i = 0; i < a->states_count; i++) {
        const um_saved_state *s = &a->states[i], *t = &b->states[i];
        SAME(s, t, collision);
        SAME(s, t, levels);
        SAME_ARRAY(s, t, real, (size_t)(s->levels * s->levels));
        SAME_ARRAY(s, t, imag, (size_t)(s->levels * s->levels));
    }
    SAME(a, b, wigner_grid.min);
    SAME(a, b, wigner_grid.max);
    SAME(a, b, wigner_grid.points);
    SAME(a, b, wigners_count);
    for (size_t i = 0; i < a->wigners_count; i++) {
        const um_saved_wigner *s = &a->wigners[i], *t = &b->wigners[i];
        size_t points = (size_t)a->wigner_grid.points;
        SAME(s, t, collision);
        SAME_ARRAY(s, t, wigner, points * points);
        SAME_ARRAY(s, t, husimi, points * points);
    }
}

static inline void same_tables(const um_result *a, const um_result *b)
{
    SAME(a, b, stages_count);
    for (size_t i = 0; i < a->stages_count; i++) {
        SAME(&a->stages[i], &b->stages[i], kind);
        SAME(&a->stages[i], &b->stages[i], collisions);
        SAME(&a->stages[i], &b->stages[i], end);
        SAME(&a->stages[i], &b->stages[i], duration);
        SAME(&a->stages[i], &b->stages[i], energy_start);
        SAME(&a->stages[i], &b->stages[i], energy_end);
        SAME(&a->stages[i], &b->stages[i], ergotropy_start);
        SAME(&a->stages[i], &b->stages[i], ergotropy_end);
        SAME(&a->stages[i], &b->stages[i], delivered_energy);
        SAME(&a->stages[i], &b->stages[i], delivered_ergotropy);
        SAME(&a->stages[i], &b->stages[i], half_life_energy);
        SAME(&a->stages[i], &b->stages[i], half_life_ergotropy);
        SAME(&a->stages[i], &b->stages[i], ledger.battery);
        SAME(&a->stages[i], &b->stages[i], ledger.atoms);
        SAME(&a->stages[i], &b->stages[i], ledger.switching);
        SAME(&a->stages[i], &b->stages[i], ledger.heat);
        SAME(&a->stages[i], &b->stages[i], ledger.drive);
        SAME(&a->stages[i], &b->stages[i], ledger.residual);
        SAME(&a->stages[i], &b->stages[i], ledger.moduli);
        assert_string_equal(a->stages[i].method, b->stages[i].method);
        const um_forward_summary *x = &a->stages[i].forward, *y = &b->stages[i].forward;
        SAME(x, y, from);
        SAME(x, y, to);
        SAME(x, y, levels);
        SAME(x, y, orders);
        SAME(x, y, rank);
        SAME(x, y, bound);
        SAME(x, y, truncation);
    }
    SAME(a, b, plateaus_count);
    SAME_ARRAY(a, b, plateaus, a->plateaus_count);
    SAME(a, b, warnings_count);
    for (size_t i = 0; i < a->warnings_count; i++)
        assert_string_equal(a->warnings[i], b->warnings[i]);
}

static inline void same_result(const um_result *a, const um_result *b)
{
    SAME(a, b, status);
    SAME(a, b, collisions);
    SAME(a, b, records);
    SAME_ARRAY(a, b, stage, a->records);
    SAME_ARRAY(a, b, collision, a->records);
    SAME_ARRAY(a, b, time, a->records);
    for (int i = 0; i < UM_QUANTITY_COUNT; i++) SAME_ARRAY(a, b, series[i], a->records);
    SAME(a, b, population_levels);
    SAME_ARRAY(a, b, populations, a->records * (size_t)a->population_levels);
    SAME(a, b, final_levels);
    SAME_ARRAY(a, b, final_populations, (size_t)a->final_levels);
    SAME(a, b, power_maximum);
    SAME(a, b, ergotropy_power_maximum);
    SAME(a, b, ledger);
    SAME(a, b, truncation.levels);
    SAME(a, b, truncation.top_population_max);
    SAME(a, b, truncation.error_bound);
    SAME(a, b, truncation.trace_drift);
    SAME(a, b, wall_seconds.setup);
    SAME(a, b, wall_seconds.collisions);
    SAME(a, b, wall_seconds.observables);
    /* A file counts the time that writing it took. */
    assert_true(b->wall_seconds.output > a->wall_seconds.output);
    SAME(a, b, digest);
    SAME(a, b, scale.omega);
    SAME(a, b, scale.second);
    SAME(a, b, scale.joule);
    if (!a->kernel != !b->kernel) fail_msg("kernel: one is NULL");
    if (a->kernel) assert_string_equal(a->kernel, b->kernel);
    same_tables(a, b);
    same_saved(a, b);
}

/* A directory of the test's own. */
static inline const char *scratch_directory(void)
{
    static char path[256];
    if (!path[0]) {
        const char *base = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
        snprintf(path, sizeof path, "%s/umaser-test-XXXXXX", base);
        assert_non_null(mkdtemp(path));
    }
    return path;
}

/* One of a few rotating buffers. */
static inline const char *scratch_path(const char *name)
{
    static char paths[8][1024];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", scratch_directory(), name);
    return path;
}

static inline void scratch_remove(void)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", scratch_directory());
    assert_int_equal(system(command), 0);
}

/* How many entries the scratch directory has. */
static inline int scratch_count(void)
{
    char command[300];
    int count = -1;
    snprintf(command, sizeof command, "ls -A '%s' | wc -l", scratch_directory());
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_int_equal(fscanf(pipe, "%d", &count), 1);
    pclose(pipe);
    return count;
}

static inline void put_bytes(const char *path, const void *bytes, size_t count)
{
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, count, stream), count);
    assert_int_equal(fclose(stream), 0);
}

/* Whole file, one '\0' added; free(). */
static inline char *get_bytes(const char *path, size_t *count)
{
    FILE *stream = fopen(path, "rb");
    if (!stream) fail_msg("%s cannot be opened", path);
    fseek(stream, 0, SEEK_END);
    long size = ftell(stream);
    rewind(stream);
    char *bytes = calloc(1, (size_t)size + 1);
    assert_int_equal(fread(bytes, 1, (size_t)size, stream), size);
    fclose(stream);
    if (count) *count = (size_t)size;
    return bytes;
}

static inline void expect_said(um_context *ctx, const char *path, const char *words)
{
    const um_error *error = um_context_get_error(ctx);
    assert_string_equal(error->file, path);
    if (!strstr(error->message, words))
        fail_msg("message without \"%s\": %s", words, error->message);
}

#endif
