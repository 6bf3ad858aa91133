/* Batches of runs: each comes to what um_run finds alone, whatever stands beside it. */
#include "charge/batch.h"
#include "context.h"

typedef enum kind {
    CAVITY, NAMED, MIXED_ATOMS, POPULATIONS, LADDER, ENDLESS_LADDER, CUSTOM, FOCK, THERMAL, COHERENT,
    LONG_PERIOD, KINDS
} kind;

static const char *const kind_names[KINDS] = {
    "cavity", "cavity of a named size", "mixed atoms", "populations alone", "ladder", "endless ladder",
    "custom", "Fock", "thermal", "coherent", "long period"};

typedef struct description {
    um_spec spec;
    um_stage stage;
    double lowering[30];
} description;

static void describe(kind what, int point, description *to)
{
    um_spec_init(&to->spec);
    to->stage = to->spec.stages[0];
    to->spec.stages = &to->stage;
    um_battery *battery = &to->spec.battery;
    um_stage *stage = &to->stage;
    stage->collisions = 700;
    stage->atoms = (um_atoms){.q = 0.3 + 0.07 * point, .c = 1};
    stage->interaction.theta = 0.8 + 0.11 * point;
    if (what == NAMED) battery->levels = 64;
    if (what == MIXED_ATOMS) stage->atoms.c = 0.7, stage->atoms.phase = 0.4, stage->atoms.q += 0.1;
    if (what == POPULATIONS) stage->atoms.c = 0, stage->atoms.q += 0.2;
    if (what == LADDER) battery->kind = UM_BATTERY_LADDER, battery->levels = 6 + point, stage->atoms.c = 0.2;
    if (what == ENDLESS_LADDER) battery->kind = UM_BATTERY_LADDER, stage->atoms = (um_atoms){.q = 0.8 + 0.02 * point, .c = 0.3};
    if (what == CUSTOM) {
        battery->kind = UM_BATTERY_CUSTOM;
        battery->levels = 30;
        for (int n = 0; n < 30; n++) to->lowering[n] = sqrt(n) * (1 - 0.01 * n);
        battery->lowering = to->lowering;
    }
    if (what == FOCK) battery->initial = (um_initial){.kind = UM_INITIAL_FOCK, .level = 3 + point};
    if (what == THERMAL) battery->initial = (um_initial){.kind = UM_INITIAL_THERMAL, .mean = 0.2 * point};
    if (what == COHERENT) /* along the axis of the atoms: real in their gauge */
        battery->initial = (um_initial){.kind = UM_INITIAL_COHERENT, .im = -0.3 * point};
    if (what == LONG_PERIOD) stage->stream.period = 7;
}

static um_model *make(description *from)
{
    static double energies[30];
    for (int n = 0; n < 30; n++) energies[n] = n;
    if (from->spec.battery.kind == UM_BATTERY_CUSTOM) from->spec.battery.energies = energies;
    um_model *model = NULL;
    CHECK_OK(ctx, um_model_create(ctx, &from->spec, &model));
    return model;
}

static um_model *make_point(kind what, int point)
{
    description it;
    describe(what, point, &it);
    return make(&it);
}

static void destroy(um_model **models, int count)
{
    for (int i = 0; i < count; i++) um_model_destroy(models[i]);
}

static umi_batch_place place_of(const um_model *model)
{
    umi_batch_place place;
    CHECK_OK(ctx, umi_batch_find_place(ctx, model, &place));
    return place;
}

enum { ALL = UMI_BATCH_PLATEAU_STATE | UMI_BATCH_FINAL_STATE | UMI_BATCH_LEDGER };

static void run_for(int wanted, int levels, um_model *const *models, int count, umi_batch_end *ends)
{
    umi_batch *batch;
    CHECK_OK(ctx, umi_batch_create(ctx, levels, &batch));
    CHECK_OK(ctx, umi_batch_run(batch, count, (const um_model *const *)models, wanted, NULL, NULL, ends));
    umi_batch_destroy(batch);
}

static void run_in(int levels, um_model *const *models, int count, umi_batch_end *ends)
{
    run_for(ALL, levels, models, count, ends);
}

static void run(um_model *const *models, int count, umi_batch_end *ends)
{
    umi_batch_place place = place_of(models[0]);
    assert_int_not_equal(place.kind, UMI_LANES_NONE);
    run_in(place.levels, models, count, ends);
}

static void check_plateau(const um_plateau *is, const um_plateau *expected)
{
    assert_int_equal(is->charging_time, expected->charging_time);
    assert_int_equal(is->end, expected->end);
    assert_int_equal(is->at, expected->at);
    assert_int_equal(is->passage_90, expected->passage_90);
    assert_int_equal(is->passage_99, expected->passage_99);
    CHECK_CLOSE(is->energy, expected->energy, 1e-12);
    CHECK_CLOSE(is->ergotropy, expected->ergotropy, 1e-12);
    CHECK_CLOSE(is->purity, expected->purity, 1e-12);
}

static void check_ledger(const um_ledger *is, const um_ledger *expected)
{
    CHECK_CLOSE(is->battery, expected->battery, 1e-12);
    CHECK_CLOSE(is->atoms, expected->atoms, 1e-12);
    CHECK_CLOSE(is->switching, expected->switching, 1e-12);
    CHECK_CLOSE(is->residual, expected->residual, 1e-12);
}

/* Returns how many plateaus there are. */
static size_t check_single(const um_model *model, const umi_batch_end *end, int wanted)
{
    um_spec spec = *um_model_get_spec(model);
    um_stage stage = spec.stages[0];
    stage.interaction.g = NAN;
    spec.stages = &stage;
    spec.record.mode = UM_RECORD_LIST;
    spec.record.at = &stage.collisions;
    spec.record.at_count = 1;
    um_model *recording;
    um_run *alone;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &recording));
    CHECK_OK(ctx, um_run_create(ctx, recording, &alone));
    CHECK_OK(ctx, um_run_advance(alone, -1, NULL, NULL));
    CHECK_OK(ctx, um_run_finish(alone, true));
    const um_result *result = um_run_get_result(alone);
    assert_false(end->given_up);
    CHECK_CLOSE(end->energy, result->series[UM_ENERGY][0], 1e-12);
    CHECK_CLOSE(end->ergotropy, result->series[UM_ERGOTROPY][0], 1e-12);
    CHECK_CLOSE(end->purity, result->series[UM_PURITY][0], 1e-12);
    CHECK_CLOSE(end->entropy, result->series[UM_ENTROPY][0], 1e-12);
    CHECK_CLOSE(end->power.value, result->power_maximum.value, 1e-12);
    assert_int_equal(end->power.collision, result->power_maximum.collision);
    CHECK_CLOSE(end->error_bound, result->truncation.error_bound, 1e-15);
    if (wanted & UMI_BATCH_LEDGER) check_ledger(&end->ledger, &result->ledger);
    size_t count = result->plateaus_count;
    assert_int_equal(end->plateaus_count, count);
    if (count > 0) check_plateau(&end->plateau, &result->plateaus[0]);
    um_run_destroy(alone);
    um_model_destroy(recording);
    return count;
}

static void test_equals_single_runs(void **state)
{
    (void)state;
    for (kind what = 0; what < KINDS; what++) {
        um_model *models[UMI_LANES];
        umi_batch_end ends[UMI_LANES];
        size_t plateaus = 0;
        int count = what == CAVITY ? UMI_LANES : 3 + (int)what % 4;
        for (int l = 0; l < count; l++) models[l] = make_point(what, l);
        run(models, count, ends);
        for (int l = 0; l < count; l++) plateaus += check_single(models[l], &ends[l], ALL);
        if (plateaus == 0) fail_msg("%s: no plateau to compare", kind_names[what]);
        destroy(models, count);
    }
}

/* Runs of unlike lengths, one of them as long as can be. */
static void test_lengths(void **state)
{
    (void)state;
    static const int64_t lengths[UMI_LANES] = {1, 7, 8, 100, 256, 1025, 2048, 2000};
    um_model *models[UMI_LANES];
    umi_batch_end ends[UMI_LANES];
    for (int l = 0; l < UMI_LANES; l++) {
        description it;
        describe(NAMED, l, &it);
        it.stage.collisions = lengths[l];
        it.stage.interaction.theta = l == 6 ? 1.3 : 1.1;
        models[l] = make(&it);
    }
    run(models, UMI_LANES, ends);
    for (int l = 0; l < UMI_LANES; l++) check_single(models[l], &ends[l], ALL);
    destroy(models, UMI_LANES);
}

/* Roundings that recur on a plateau are put back, as in the single run: longer than any batch that
 * finds its place. */
static void test_long(void **state)
{
    (void)state;
    int wanted = UMI_BATCH_PLATEAU_STATE | UMI_BATCH_FINAL_STATE;
    um_model *models[2];
    umi_batch_end ends[UMI_LANES];
    for (int l = 0; l < 2; l++) {
        description it;
        describe(MIXED_ATOMS, 2 + 2 * l, &it);
        it.stage.collisions = 200000;
        it.spec.accuracy.method = UM_METHOD_STEP;
        models[l] = make(&it);
    }
    run_for(wanted, 256, models, 2, ends);
    for (int l = 0; l < 2; l++) check_single(models[l], &ends[l], wanted);
    destroy(models, 2);
}

static void check_bits(const umi_batch_end *a, const umi_batch_end *b)
{
#define SAME(field) assert_memory_equal(&a->field, &b->field, sizeof a->field)
    SAME(given_up), SAME(plateaus_count), SAME(error_bound), SAME(energy);
    SAME(ergotropy), SAME(purity), SAME(entropy), SAME(power.value), SAME(power.collision);
    SAME(ledger.atoms), SAME(ledger.moduli), SAME(ledger.residual);
    if (a->plateaus_count == 0) return;
    SAME(plateau.charging_time), SAME(plateau.end), SAME(plateau.at), SAME(plateau.energy);
    SAME(plateau.ergotropy), SAME(plateau.purity);
#undef SAME
}

/* Alone, in any place, beside others, in another space, in a batch that was used before. */
static void test_bits_are_its_own(void **state)
{
    (void)state;
    static const kind kinds[] = {NAMED, MIXED_ATOMS, LADDER, THERMAL};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        um_model *models[UMI_LANES], *turned[UMI_LANES];
        umi_batch_end ends[UMI_LANES], again[UMI_LANES];
        for (int l = 0; l < UMI_LANES; l++) models[l] = make_point(kinds[i], l);
        for (int l = 0; l < UMI_LANES; l++) turned[l] = models[UMI_LANES - 1 - l];
        run_in(128, models, UMI_LANES, ends);
        run_in(256, turned, UMI_LANES, again);
        for (int l = 0; l < UMI_LANES; l++) check_bits(&ends[l], &again[UMI_LANES - 1 - l]);
        umi_batch *batch;
        CHECK_OK(ctx, umi_batch_create(ctx, 128, &batch));
        for (int count = 1; count <= UMI_LANES; count++) {
            CHECK_OK(ctx, umi_batch_run(batch, count, (const um_model *const *)turned, ALL, NULL,
                                        NULL, again));
            for (int l = 0; l < count; l++) check_bits(&ends[UMI_LANES - 1 - l], &again[l]);
        }
        umi_batch_destroy(batch);
        destroy(models, UMI_LANES);
    }
}

/* What is not wanted is not known, and changes nothing else. */
static void test_wanted(void **state)
{
    (void)state;
    um_model *model = make_point(NAMED, 2);
    umi_batch_end all, few[UMI_LANES];
    umi_batch_end ends[UMI_LANES];
    run(&model, 1, ends);
    all = ends[0];
    umi_batch *batch;
    const um_model *alone = model;
    CHECK_OK(ctx, umi_batch_create(ctx, 128, &batch));
    CHECK_OK(ctx, umi_batch_run(batch, 1, &alone, 0, NULL, NULL, few));
    assert_true(isnan(few->ergotropy) && isnan(few->purity) && isnan(few->entropy));
    assert_true(isnan(few->plateau.ergotropy) && isnan(few->plateau.purity));
    assert_memory_equal(&few->plateau.energy, &all.plateau.energy, sizeof(double));
    assert_memory_equal(&few->energy, &all.energy, sizeof(double));
    CHECK_OK(ctx, umi_batch_run(batch, 1, &alone, UMI_BATCH_PLATEAU_STATE, NULL, NULL, few));
    assert_memory_equal(&few->plateau.purity, &all.plateau.purity, sizeof(double));
    assert_true(isnan(few->purity));
    umi_batch_destroy(batch);
    um_model_destroy(model);
}

static um_status try_alone(const um_model *model)
{
    um_run *alone;
    um_status status = um_run_create(ctx, model, &alone);
    if (status == UM_OK) status = um_run_advance(alone, -1, NULL, NULL);
    um_run_destroy(alone);
    return status;
}

/* A lane whose run fails, or needs more room than there is, is given up; its neighbours are not. */
static void test_given_up(void **state)
{
    (void)state;
    um_model *models[4];
    umi_batch_end ends[UMI_LANES], alone[UMI_LANES];
    description it;
    models[0] = make_point(NAMED, 1);
    describe(NAMED, 0, &it); /* above the named levels is too much */
    it.spec.battery.levels = 8;
    models[1] = make(&it);
    describe(NAMED, 0, &it); /* cut off at the top */
    it.spec.battery.levels = 16;
    it.spec.accuracy.truncation = 1;
    models[2] = make(&it);
    describe(CAVITY, 0, &it); /* climbs to the last level it may have */
    it.spec.battery.max_levels = 20;
    models[3] = make(&it);
    run_in(128, models, 4, ends);
    for (int l = 1; l < 4; l++) assert_true(ends[l].given_up);
    CHECK_STATUS(ctx, try_alone(models[1]), UM_ERROR_NOCONV);
    CHECK_STATUS(ctx, try_alone(models[2]), UM_OK);
    CHECK_STATUS(ctx, try_alone(models[3]), UM_ERROR_NOCONV);
    run_in(128, models, 1, alone);
    check_bits(&alone[0], &ends[0]);
    check_single(models[0], &ends[0], ALL);
    destroy(models, 4);
    describe(CAVITY, 0, &it); /* climbs beyond the space of the batch, which is not the system's */
    it.stage.interaction.theta = 0.3;
    it.stage.collisions = 400;
    models[0] = make(&it);
    run_in(128, models, 1, ends);
    assert_true(ends[0].given_up);
    CHECK_OK(ctx, try_alone(models[0]));
    destroy(models, 1);
}

#define PLACE(what, expected_kind, change) \
    do { \
        describe(what, 1, &it); \
        change; \
        um_model *model = make(&it); \
        assert_int_equal(place_of(model).kind, expected_kind); \
        um_model_destroy(model); \
    } while (0)

static void test_places(void **state)
{
    (void)state;
    description it;
    PLACE(NAMED, UMI_LANES_COHERENT, (void)0);
    PLACE(MIXED_ATOMS, UMI_LANES_ANY, (void)0);
    PLACE(COHERENT, UMI_LANES_COHERENT, (void)0);
    PLACE(NAMED, UMI_LANES_NONE, it.stage.atoms.detuning = 0.1; it.stage.interaction.tau = 1);
    PLACE(COHERENT, UMI_LANES_NONE, it.spec.battery.initial.re = 0.5);
    PLACE(FOCK, UMI_LANES_NONE, it.spec.battery.initial.level = 300);
    PLACE(NAMED, UMI_LANES_NONE, it.stage.collisions = 0);
    PLACE(NAMED, UMI_LANES_COHERENT, it.stage.collisions = 2048);
    PLACE(NAMED, UMI_LANES_NONE, it.stage.collisions = 2049);
    PLACE(MIXED_ATOMS, UMI_LANES_ANY, it.stage.collisions = 8192);
    PLACE(MIXED_ATOMS, UMI_LANES_NONE, it.stage.collisions = 8193);
    PLACE(NAMED, UMI_LANES_COHERENT, it.stage.collisions = 1025;
          it.spec.accuracy.method = UM_METHOD_STEP);
    PLACE(NAMED, UMI_LANES_COHERENT, it.stage.collisions = 1024;
          it.spec.accuracy.method = UM_METHOD_FORWARD);
    PLACE(NAMED, UMI_LANES_NONE, it.stage.collisions = 1025;
          it.spec.accuracy.method = UM_METHOD_FORWARD);
    PLACE(NAMED, UMI_LANES_NONE, it.spec.battery.levels = 200);
    PLACE(NAMED, UMI_LANES_NONE, it.spec.record.has_fidelity = true);
    um_stage two[2];
    PLACE(NAMED, UMI_LANES_NONE, two[0] = two[1] = it.stage; it.spec.stages = two;
          it.spec.stages_count = 2);
    describe(NAMED, 0, &it);
    um_model *model = make(&it);
    assert_int_equal(place_of(model).levels, 128);
    um_model_destroy(model);
    it.spec.battery.levels = 65;
    model = make(&it);
    assert_int_equal(place_of(model).levels, 256);
    um_model_destroy(model);
}

/* An error allowed so small that the windows may drop less and less. */
static void test_small_error(void **state)
{
    (void)state;
    umi_batch_end ends[UMI_LANES];
    description it;
    describe(CAVITY, 2, &it);
    it.spec.accuracy.truncation = 1e-16;
    um_model *model = make(&it);
    run(&model, 1, ends);
    check_single(model, &ends[0], ALL);
    um_model_destroy(model);
}

static bool stop(void *user, const um_progress *progress)
{
    (void)progress;
    ++*(int *)user;
    return false;
}

static void test_stopped(void **state)
{
    (void)state;
    description it;
    describe(NAMED, 4, &it);
    it.stage.collisions = 1000000000;
    it.spec.accuracy.method = UM_METHOD_STEP;
    um_model *endless = make(&it), *model = make_point(NAMED, 4);
    const um_model *models[2] = {endless, model};
    umi_batch *batch;
    umi_batch_end ends[UMI_LANES], expected[UMI_LANES];
    int calls = 0;
    CHECK_OK(ctx, umi_batch_create(ctx, 128, &batch));
    CHECK_STATUS(ctx, umi_batch_run(batch, 2, models, ALL, stop, &calls, ends), UM_ERROR_INTERRUPTED);
    assert_int_equal(calls, 1);
    CHECK_OK(ctx, umi_batch_run(batch, 1, models + 1, ALL, NULL, NULL, ends)); /* as if nothing was */
    run(&model, 1, expected);
    check_bits(&ends[0], &expected[0]);
    models[0] = model;
    CHECK_OK(ctx, umi_batch_run(batch, 2, models, ALL, NULL, NULL, ends));
    for (int l = 0; l < 2; l++) check_bits(&ends[l], &expected[0]);
    umi_batch_destroy(batch);
    um_model_destroy(endless);
    um_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_single_runs), cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_bits_are_its_own),   cmocka_unit_test(test_wanted),
        cmocka_unit_test(test_given_up),           cmocka_unit_test(test_places),
        cmocka_unit_test(test_small_error),
        cmocka_unit_test(test_stopped),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
