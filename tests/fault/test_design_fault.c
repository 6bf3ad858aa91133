/* Designs while memory runs out at every single allocation, and tables that cannot be written or
 * read. */
#include <unistd.h>

#include "scarce.h"

static um_design_options few(void)
{
    um_design_options options;
    um_design_options_init(&options);
    options.theta_min = 2.2;
    options.theta_max = 2.3;
    options.q_min = options.q_max = 0.5;
    return options;
}

static um_status get_state(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    (void)user;
    const um_battery cavity = {.kind = UM_BATTERY_CAVITY, .max_levels = 4096, .frequency = 1};
    double populations[10];
    return um_design_get_state(ctx, &cavity, 0.25, 9, 1, populations);
}

static um_status search(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    um_design_options options = *(um_design_options *)user;
    um_design *designs;
    size_t count;
    um_status status = um_design_solve(ctx, &options, &designs, &count, NULL);
    if (status == UM_OK) {
        assert_int_equal(count, 1);
        um_designs_destroy(ctx, designs);
    } else {
        assert_null(designs);
        assert_int_equal(count, 0);
    }
    return status;
}

/* A design takes thousands of allocations, most of them in parts that are swept on their own: here
 * further and further apart. */
static long sweep_some(test_trial trial, void *user)
{
    test_purse purse = {.refused = 1};
    long granted = 0;
    for (; purse.refused > 0; granted += 1 + granted / 8) {
        um_context *ctx = test_scarce_context(&purse);
        purse.left = granted;
        um_status status = trial(ctx, &purse, user);
        assert_int_equal(status, purse.refused ? UM_ERROR_MEMORY : UM_OK);
        assert_int_equal(um_context_get_blocks(ctx), 0);
        um_context_destroy(ctx);
        assert_int_equal(purse.given, 0);
    }
    return granted;
}

static void test_memory(void **unused)
{
    (void)unused;
    um_design_options options = few();
    assert_true(test_scarce_sweep(get_state, NULL) >= 1);
    assert_true(sweep_some(search, &options) >= 500);
    options.levels_max = 0;
    assert_true(test_scarce_sweep(search, &options) >= 5);
}

static char path[64];

static um_status write_and_read(um_context *ctx, test_purse *purse, void *user)
{
    (void)purse;
    um_design *designs;
    size_t count;
    um_status status = um_designs_write_csv(ctx, user, 2, path, true);
    if (status != UM_OK) return status;
    status = um_designs_read_csv(ctx, path, &designs, &count);
    if (status == UM_OK)
        assert_int_equal(count, 2);
    else
        assert_null(designs);
    um_designs_destroy(ctx, designs);
    return status;
}

static void test_tables(void **unused)
{
    (void)unused;
    um_design designs[2] = {{.trap = 9, .half_turns = 1}, {.trap = 10, .half_turns = 3}};
    snprintf(path, sizeof path, "design-fault-%d.csv", (int)getpid());
    assert_true(test_scarce_sweep(write_and_read, designs) >= 2);
    um_context *ctx;
    um_design *none;
    size_t count;
    assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
    CHECK_STATUS(ctx, um_designs_write_csv(ctx, designs, 2, path, false), UM_ERROR_IO);
    assert_non_null(strstr(um_context_get_error(ctx)->message, "exist"));
    CHECK_STATUS(ctx, um_designs_write_csv(ctx, designs, 2, "/nonexistent/x.csv", false),
                 UM_ERROR_IO);
    unlink(path);
    CHECK_STATUS(ctx, um_designs_read_csv(ctx, path, &none, &count), UM_ERROR_IO);
    assert_null(none);
    FILE *full = fopen("/dev/full", "w");
    um_design_options options;
    um_design_survey survey = {0};
    um_design_options_init(&options);
    if (full) {
        CHECK_STATUS(ctx, um_designs_write_json(ctx, &options, &survey, designs, 2, full),
                     UM_ERROR_IO);
        fclose(full);
    }
    um_context_destroy(ctx);
}

/* Every kind of damage is named with its line. */
static void test_damaged_tables(void **unused)
{
    (void)unused;
    static const struct {
        const char *from, *to, *message;
    } damages[] = {{"trap,", "level,", "does not begin"},
                   {"9,1,", "9.5,1,", "line 2: trap"},
                   {"9,1,", "-9,1,", "line 2: trap"},
                   {"9,1,", "99999999,1,", "line 2: trap"},
                   {"9,1,", "9,1", "line 2"},
                   {"9,1,", "9,1,,", "line 2"},
                   {"0.25", "nan", "line 2: q"},
                   {"0.25", "0.25abc", "line 2: q"}};
    um_context *ctx;
    um_design design = {.trap = 9, .half_turns = 1, .q = 0.25}, *read;
    size_t count;
    char whole[1024] = "", text[1024];
    assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
    CHECK_OK(ctx, um_designs_write_csv(ctx, &design, 1, path, true));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(whole, 1, sizeof whole - 1, file) > 0);
    fclose(file);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char *at = strstr(whole, damages[i].from);
        assert_non_null(at);
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - whole), whole, damages[i].to,
                 at + strlen(damages[i].from));
        file = fopen(path, "w");
        fputs(text, file);
        fclose(file);
        CHECK_STATUS(ctx, um_designs_read_csv(ctx, path, &read, &count), UM_ERROR_IO);
        assert_null(read);
        if (!strstr(um_context_get_error(ctx)->message, damages[i].message))
            fail_msg("damage %zu: %s", i, um_context_get_error(ctx)->message);
        assert_string_equal(um_context_get_error(ctx)->file, path);
    }
    unlink(path);
    assert_int_equal(um_context_get_blocks(ctx), 0);
    um_context_destroy(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory), cmocka_unit_test(test_tables),
                                       cmocka_unit_test(test_damaged_tables)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
