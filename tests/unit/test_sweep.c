/* Sweeps: what a block yields depends on its number alone. */
#include "context.h"

enum { POINTS_MAX = 64 };

typedef struct grid {
    double theta[6], q[5];
    bool bad;       /* one point is no model */
    bool jitter;    /* q depends on the seed */
    bool mixed;     /* all kinds of points beside each other, two of which fail */
    int64_t collisions;
} grid;

static grid standard(void)
{
    grid made = {.collisions = 400};
    for (int i = 0; i < 6; i++) made.theta[i] = 0.7 + 0.3 * i;
    for (int i = 0; i < 5; i++) made.q[i] = 0.2 + 0.1 * i;
    return made;
}

static void mix(size_t point, um_spec *spec, um_stage *stage)
{
    static const double c[] = {1, 0.7, 1, 0, 1};
    stage->atoms.c = c[point % 5];
    if (point % 5 > 2) stage->atoms.q += 0.3;
    if (point % 7 == 3) stage->atoms.detuning = 0.2, stage->interaction.tau = 1;
    if (point % 4 == 1) spec->battery.levels = 80; /* another space */
    if (point == 12 || point == 5) spec->battery.levels = 4;
    if (point == 20) spec->battery.initial = (um_initial){.kind = UM_INITIAL_FOCK, .level = 2};
    if (point == 21) stage->collisions = 12000; /* leaps could pay */
    if (point == 22) stage->collisions = 0;
}

static um_status make_point(void *user, um_context *own, size_t point, uint64_t seed,
                            um_model **model)
{
    const grid *from = user;
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = spec.stages[0];
    stage.collisions = from->collisions;
    stage.interaction.theta = from->theta[point / 5];
    stage.atoms.q = from->q[point % 5] + (from->jitter ? 1e-3 * (double)seed : 0);
    stage.atoms.c = 1;
    if (from->mixed) mix(point, &spec, &stage);
    if (from->bad && point == 7) stage.atoms.q = 2;
    spec.stages = &stage;
    return um_model_create(own, &spec, model);
}

static const um_summary kept[] = {UM_SUMMARY_PLATEAU_ENERGY, UM_SUMMARY_PLATEAU_PURITY,
                                  UM_SUMMARY_FINAL_ENERGY, UM_SUMMARY_FINAL_ERGOTROPY,
                                  UM_SUMMARY_MAXIMUM_POWER};
enum { KEPT = sizeof kept / sizeof *kept };

static um_sweep *create(grid *from, size_t block, int repeats, size_t records)
{
    static const char *texts[6] = {"", "", "", "", "", ""};
    static const char *const theta = "interaction.theta", *const q = "atoms.q";
    um_sweep_axis axes[] = {{"theta", 1, &theta, 6, from->theta, texts},
                            {"q", 1, &q, 5, from->q, texts}};
    um_sweep_plan plan = {.axes_count = 2,
                          .axes = axes,
                          .summaries_count = KEPT,
                          .summaries = kept,
                          .series = records ? UM_QUANTITY_BIT(UM_ENERGY) | UM_QUANTITY_BIT(UM_PURITY) : 0,
                          .records = records,
                          .repeats = repeats,
                          .block = block};
    um_sweep *sweep;
    CHECK_OK(ctx, um_sweep_create(ctx, &plan, make_point, from, &sweep));
    return sweep;
}

/* A store in memory. */
typedef struct memory {
    double values[POINTS_MAX][128];
    bool there[POINTS_MAX];
    size_t puts, failures, fail_at;
    char message[512];
    size_t failed_point;
} memory;

static bool has(void *self, size_t number) { return ((memory *)self)->there[number]; }

static um_status put(void *self, um_context *own, const um_sweep_block *block)
{
    (void)own;
    memory *to = self;
    if (to->fail_at && to->puts + 1 == to->fail_at) return UM_ERROR_IO;
    to->puts++;
    to->there[block->number] = true;
    for (size_t i = 0; i < block->count; i++)
        memcpy(to->values[block->first + i], block->values + i * block->width,
               block->width * sizeof(double));
    for (size_t i = 0; i < block->failures_count; i++) {
        assert_true(i == 0 || block->failures[i - 1].point < block->failures[i].point);
        to->failures++;
        to->failed_point = block->failures[i].point;
        snprintf(to->message, sizeof to->message, "%s", block->failures[i].message);
    }
    return UM_OK;
}

static memory *run(um_sweep *sweep, int threads, int shard, int shards, memory *to)
{
    um_sweep_store store = {to, has, put};
    um_sweep_options options = {.threads = threads, .shard = shard, .shards = shards};
    CHECK_OK(ctx, um_sweep_run(ctx, sweep, &store, &options));
    return to;
}

static memory *fresh(void) { return test_calloc(1, sizeof(memory)); }

static void check_same(const memory *a, const memory *b, size_t width)
{
    for (size_t i = 0; i < 30; i++)
        for (size_t j = 0; j < width; j++)
            if (memcmp(&a->values[i][j], &b->values[i][j], sizeof(double)) != 0)
                fail_msg("point %zu, number %zu: %.17g and %.17g", i, j, a->values[i][j],
                         b->values[i][j]);
}

/* Whether it came to its end; the numbers are those until then if not. */
static bool check_single(grid *from, size_t point, const double *values)
{
    um_model *model;
    um_run *single;
    CHECK_OK(ctx, make_point(from, ctx, point, 0, &model));
    CHECK_OK(ctx, um_run_create(ctx, model, &single));
    bool done = um_run_advance(single, -1, NULL, NULL) == UM_OK;
    if (done) {
        CHECK_OK(ctx, um_run_finish(single, true));
        const um_result *result = um_run_get_result(single);
        size_t last = result->records - 1;
        if (result->plateaus_count > 0) {
            CHECK_CLOSE(values[0], result->plateaus[0].energy, 1e-12);
            CHECK_CLOSE(values[1], result->plateaus[0].purity, 1e-12);
        } else {
            assert_true(isnan(values[0]) && isnan(values[1]));
        }
        CHECK_CLOSE(values[2], result->series[UM_ENERGY][last], 1e-12);
        CHECK_CLOSE(values[3], result->series[UM_ERGOTROPY][last], 1e-12);
        if (isnan(result->power_maximum.value))
            assert_true(isnan(values[4]));
        else
            CHECK_CLOSE(values[4], result->power_maximum.value, 1e-12);
    }
    um_run_destroy(single);
    um_model_destroy(model);
    return done;
}

static void test_equals_single_runs(void **state)
{
    (void)state;
    grid from = standard();
    um_sweep *sweep = create(&from, 7, 1, 0);
    memory *all = run(sweep, 1, 0, 0, fresh());
    assert_int_equal(um_sweep_count_points(sweep), 30);
    assert_int_equal(um_sweep_count_blocks(sweep), 5);
    assert_int_equal(um_sweep_get_width(sweep), KEPT);
    assert_int_equal(all->puts, 5);
    for (size_t point = 0; point < 30; point++)
        assert_true(check_single(&from, point, all->values[point]));
    test_free(all);
    um_sweep_destroy(sweep);
}

/* What can be computed together, what cannot, and what fails: in blocks of any size. */
static void test_mixed_points(void **state)
{
    (void)state;
    static const size_t sizes[] = {30, 7, 1};
    grid from = standard();
    from.mixed = true;
    memory *first = NULL;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        um_sweep *sweep = create(&from, sizes[i], 1, 0);
        memory *all = run(sweep, 2, 0, 0, fresh());
        assert_int_equal(all->failures, 2);
        if (first)
            check_same(first, all, KEPT);
        else
            first = all;
        if (first != all) test_free(all);
        um_sweep_destroy(sweep);
    }
    assert_int_equal(first->failed_point, 12);
    assert_non_null(strstr(first->message, "battery.levels"));
    for (size_t point = 0; point < 30; point++)
        assert_int_equal(check_single(&from, point, first->values[point]), point != 5 && point != 12);
    test_free(first);
}

static void test_same_bits(void **state)
{
    (void)state;
    grid from = standard();
    um_sweep *sevens = create(&from, 7, 1, 0), *ones = create(&from, 1, 1, 0);
    memory *a = run(sevens, 1, 0, 0, fresh()), *b = run(sevens, 3, 0, 0, fresh()),
           *c = run(ones, 2, 0, 0, fresh()), *d = fresh();
    for (int shard = 3; shard-- > 0;) run(sevens, 2, shard, 3, d);
    check_same(a, b, KEPT);
    check_same(a, c, KEPT);
    check_same(a, d, KEPT);
    assert_int_equal(d->puts, 5);
    size_t before = a->puts;
    run(sevens, 2, 0, 0, a); /* nothing is left to do */
    assert_int_equal(a->puts, before);
    test_free(a), test_free(b), test_free(c), test_free(d);
    um_sweep_destroy(sevens);
    um_sweep_destroy(ones);
}

static void test_failed_point(void **state)
{
    (void)state;
    grid from = standard();
    from.bad = true;
    um_sweep *sweep = create(&from, 4, 1, 0);
    memory *all = run(sweep, 2, 0, 0, fresh());
    assert_int_equal(all->failures, 1);
    assert_int_equal(all->failed_point, 7);
    assert_non_null(strstr(all->message, "atoms.q"));
    for (size_t j = 0; j < KEPT; j++) assert_true(isnan(all->values[7][j]));
    for (size_t i = 0; i < 30; i++) assert_true(i == 7 || isfinite(all->values[i][2]));
    test_free(all);
    um_sweep_destroy(sweep);
}

static void test_repeats(void **state)
{
    (void)state;
    enum { REPEATS = 5 };
    grid from = standard();
    from.jitter = true;
    um_sweep *sweep = create(&from, 8, REPEATS, 0), *one = create(&from, 8, 1, 0);
    assert_int_equal(um_sweep_get_width(sweep), 2 * KEPT);
    memory *all = run(sweep, 2, 0, 0, fresh());
    memory *each[REPEATS];
    for (int r = 0; r < REPEATS; r++) {
        grid shifted = standard();
        for (int i = 0; i < 5; i++) shifted.q[i] += 1e-3 * r;
        um_sweep *single = create(&shifted, 8, 1, 0);
        each[r] = run(single, 1, 0, 0, fresh());
        um_sweep_destroy(single);
    }
    for (size_t i = 0; i < 30; i++) {
        long double mean = 0, squares = 0;
        for (int r = 0; r < REPEATS; r++) mean += each[r]->values[i][2] / REPEATS;
        for (int r = 0; r < REPEATS; r++)
            squares += (each[r]->values[i][2] - mean) * (each[r]->values[i][2] - mean);
        CHECK_CLOSE(all->values[i][2], (double)mean, 1e-13 * (1 + fabs((double)mean)));
        CHECK_CLOSE(all->values[i][KEPT + 2], (double)sqrtl(squares / (REPEATS * (REPEATS - 1))),
                    1e-12);
        assert_true(all->values[i][KEPT + 2] > 1e-6);
    }
    for (int r = 0; r < REPEATS; r++) test_free(each[r]);
    test_free(all);
    um_sweep_destroy(sweep);
    um_sweep_destroy(one);
}

static void test_series(void **state)
{
    (void)state;
    grid from = standard();
    from.collisions = 100; /* collision 0, and 20 a decade */
    um_model *model;
    um_run *single;
    CHECK_OK(ctx, make_point(&from, ctx, 11, 0, &model));
    CHECK_OK(ctx, um_run_create(ctx, model, &single));
    CHECK_OK(ctx, um_run_advance(single, -1, NULL, NULL));
    const um_result *result = um_run_get_result(single);
    size_t records = result->records;
    assert_true(records < 59);
    um_sweep *sweep = create(&from, 8, 1, records);
    memory *all = run(sweep, 2, 0, 0, fresh());
    assert_int_equal(um_sweep_get_width(sweep), KEPT + 2 * records);
    for (size_t i = 0; i < records; i++) {
        CHECK_CLOSE(all->values[11][KEPT + i], result->series[UM_ENERGY][i], 1e-13);
        CHECK_CLOSE(all->values[11][KEPT + records + i], result->series[UM_PURITY][i], 1e-13);
    }
    test_free(all);
    um_sweep_destroy(sweep);
    um_run_destroy(single);
    um_model_destroy(model);
}

static bool stop_after(void *user, const um_sweep_progress *progress)
{
    (void)progress;
    return ++*(int *)user < 2;
}

static void test_stopped(void **state)
{
    (void)state;
    grid from = standard();
    from.collisions = 30000;
    um_sweep *sweep = create(&from, 2, 1, 0);
    memory *all = fresh();
    um_sweep_store store = {all, has, put};
    int calls = 0;
    um_sweep_options options = {.threads = 2, .monitor = stop_after, .user = &calls};
    CHECK_STATUS(ctx, um_sweep_run(ctx, sweep, &store, &options), UM_ERROR_INTERRUPTED);
    assert_true(all->puts < 15);
    all->fail_at = all->puts + 1;
    options.monitor = NULL;
    CHECK_STATUS(ctx, um_sweep_run(ctx, sweep, &store, &options), UM_ERROR_IO);
    test_free(all);
    um_sweep_destroy(sweep);
}

static void test_refused(void **state)
{
    (void)state;
    grid from = standard();
    static const char *texts[6] = {"", "", "", "", "", ""};
    static const char *const key = "atoms.q";
    um_sweep_axis axis = {"q", 1, &key, 5, from.q, texts};
    um_sweep_plan good = {.axes_count = 1, .axes = &axis, .summaries_count = KEPT,
                          .summaries = kept, .repeats = 1}, plan;
    um_sweep *sweep;
    um_sweep_block block;
#define REFUSED(change) \
    do { \
        plan = good; \
        change; \
        CHECK_STATUS(ctx, um_sweep_create(ctx, &plan, make_point, &from, &sweep), UM_ERROR_ARG); \
        assert_null(sweep); \
    } while (0)
    REFUSED(plan.axes_count = 0);
    REFUSED(plan.repeats = 0);
    REFUSED(plan.summaries_count = 0);
    REFUSED(plan.series = 1);
    REFUSED((plan.series = 1, plan.records = SIZE_MAX));
    REFUSED((plan.series = UM_QUANTITY_BIT(UM_POPULATIONS), plan.records = 3));
    REFUSED((plan.series = UM_QUANTITY_BIT(UM_QUANTITY_COUNT), plan.records = 3));
    REFUSED((plan.series = 1, plan.records = 3, plan.analysis = UM_SWEEP_STEADY));
    um_summary lifetime = UM_SUMMARY_LIFETIME;
    REFUSED((plan.summaries = &lifetime, plan.summaries_count = 1));
    axis.count = 0;
    REFUSED(plan.series = 0);
    axis.count = 5;
    CHECK_OK(ctx, um_sweep_create(ctx, &good, make_point, &from, &sweep));
    CHECK_STATUS(ctx, um_sweep_compute(ctx, sweep, 5, NULL, NULL, &block), UM_ERROR_ARG);
    assert_int_equal(um_sweep_get_plan(sweep)->block, 1);
    um_sweep_options options = {.shard = 3, .shards = 3};
    um_sweep_store store = {fresh(), has, put};
    CHECK_STATUS(ctx, um_sweep_run(ctx, sweep, &store, &options), UM_ERROR_ARG);
    options = (um_sweep_options){.shard = -3, .shards = -2};
    CHECK_STATUS(ctx, um_sweep_run(ctx, sweep, &store, &options), UM_ERROR_ARG);
    options = (um_sweep_options){.threads = -1};
    CHECK_STATUS(ctx, um_sweep_run(ctx, sweep, &store, &options), UM_ERROR_ARG);
    test_free(store.self);
    um_sweep_destroy(sweep);
    plan = good;
    plan.block = SIZE_MAX;
    CHECK_OK(ctx, um_sweep_create(ctx, &plan, make_point, &from, &sweep));
    assert_int_equal(um_sweep_count_blocks(sweep), 1);
    um_sweep_destroy(sweep);
    assert_null(um_summary_get_info(-1));
    assert_null(um_summary_get_info(UM_SUMMARY_COUNT));
    assert_string_equal(um_summary_get_info(UM_SUMMARY_LEAK)->name, "leak");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_single_runs), cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_mixed_points),
        cmocka_unit_test(test_failed_point),       cmocka_unit_test(test_repeats),
        cmocka_unit_test(test_series),             cmocka_unit_test(test_stopped),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
