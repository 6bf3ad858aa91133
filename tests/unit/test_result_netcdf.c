/* netCDF results: every field comes back with its bits; what is not ours is refused. */
#include "test_result_full.h"
#include "context.h" /* its ctx comes after parameters of that name */

#include <netcdf.h>

#include "io/netcdf_library.h"

static const um_provenance provenance = {
    .config = "title: \"µ\"\n", .options = "--threads 2", .seed = UINT64_MAX, .threads = 2};

static void test_round_trip(void **state)
{
    (void)state;
    const char *path = scratch_path("full.nc");
    um_result *written = full_result(ctx), *read;
    char *config;
    CHECK_OK(ctx, um_result_write_netcdf(ctx, written, &provenance, path, false));
    CHECK_OK(ctx, um_result_read(ctx, path, &read, &config));
    same_result(written, read);
    assert_string_equal(config, provenance.config);
    um_text_destroy(ctx, config);
    um_result_destroy(ctx, read);
    CHECK_OK(ctx, um_result_read(ctx, path, &read, NULL));
    um_result_destroy(ctx, read);
    um_result_destroy(ctx, written);
}

/* The file without what has come into it since its first version. */
static void copy_older(const char *from, const char *to)
{
    static const char *const younger[] = {"stage_forward_from", "stage_end", "delivered_energy"};
    int in, out, dimensions, variables, attributes;
    assert_int_equal(nc_open(from, NC_NOWRITE, &in), NC_NOERR);
    assert_int_equal(nc_create(to, NC_NETCDF4, &out), NC_NOERR);
    assert_int_equal(nc_inq(in, &dimensions, &variables, &attributes, NULL), NC_NOERR);
    char name[NC_MAX_NAME + 1];
    for (int i = 0; i < dimensions; i++) {
        size_t length;
        assert_int_equal(nc_inq_dim(in, i, name, &length), NC_NOERR);
        assert_int_equal(nc_def_dim(out, name, length, &(int){0}), NC_NOERR);
    }
    for (int i = 0; i < attributes; i++) {
        assert_int_equal(nc_inq_attname(in, NC_GLOBAL, i, name), NC_NOERR);
        if (strcmp(name, younger[2]) != 0)
            assert_int_equal(nc_copy_att(in, NC_GLOBAL, name, out, NC_GLOBAL), NC_NOERR);
    }
    for (int i = 0; i < variables; i++) {
        int rank, shape[NC_MAX_VAR_DIMS], copy;
        nc_type type;
        size_t count = 1, length;
        assert_int_equal(nc_inq_var(in, i, name, &type, &rank, shape, NULL), NC_NOERR);
        if (strcmp(name, younger[0]) == 0 || strcmp(name, younger[1]) == 0) continue;
        for (int d = 0; d < rank; d++) {
            assert_int_equal(nc_inq_dimlen(in, shape[d], &length), NC_NOERR);
            count *= length;
        }
        void *values = calloc(count, 8);
        assert_int_equal(nc_get_var(in, i, values), NC_NOERR);
        assert_int_equal(nc_def_var(out, name, type, rank, shape, &copy), NC_NOERR);
        assert_int_equal(nc_put_var(out, copy, values), NC_NOERR);
        if (type == NC_STRING) nc_free_string(count, values);
        free(values);
    }
    assert_int_equal(nc_close(in), NC_NOERR);
    assert_int_equal(nc_close(out), NC_NOERR);
}

/* As files were before there was fast-forward, and protocols. */
static void test_of_an_older_version(void **state)
{
    (void)state;
    char path[512], now[512];
    snprintf(now, sizeof now, "%s", scratch_path("now.nc"));
    snprintf(path, sizeof path, "%s", scratch_path("older.nc"));
    um_result *written = full_result(ctx), *read;
    CHECK_OK(ctx, um_result_write_netcdf(ctx, written, &provenance, now, false));
    copy_older(now, path);
    CHECK_OK(ctx, um_result_read(ctx, path, &read, NULL));
    assert_int_equal(read->stages[0].end, UM_STAGE_OPEN);
    assert_true(isnan(read->stages[0].energy_start) && isnan(read->delivered_ergotropy));
    assert_int_equal(read->stages[0].forward.from, -1);
    assert_int_equal(read->stages[1].forward.from, -1);
    assert_string_equal(read->stages[0].method, written->stages[0].method);
    um_result_destroy(ctx, read);
    um_result_destroy(ctx, written);
}

/* Loaded by name, and the same library that is linked here. */
static void test_loaded(void **state)
{
    (void)state;
    umi_netcdf_calls calls;
    CHECK_OK(ctx, um_result_prepare_netcdf(ctx));
    CHECK_OK(ctx, umi_netcdf_load(ctx, &calls));
    for (size_t i = 0; i < sizeof calls / sizeof(void *); i++)
        assert_non_null(((void **)&calls)[i]);
    assert_string_equal(calls.strerror(NC_EBADID), nc_strerror(NC_EBADID));
}

static void test_almost_nothing(void **state)
{
    (void)state;
    const char *path = scratch_path("nothing.nc");
    um_result empty = {.power_maximum = {NAN, -1}}, *read;
    char *config;
    CHECK_OK(ctx, um_result_write_netcdf(ctx, &empty, NULL, path, false));
    CHECK_OK(ctx, um_result_read(ctx, path, &read, &config));
    assert_null(config);
    assert_int_equal(read->records, 0);
    assert_null(read->series[UM_ENERGY]);
    assert_null(read->kernel);
    assert_null(read->plateaus);
    SAME(&empty, read, power_maximum);
    um_result_destroy(ctx, read);

    /* Records there, but none yet: a recorded quantity stays one. */
    um_result none = {
        .stage = (int32_t[1]){0}, .collision = (int64_t[1]){0}, .time = (double[1]){0}};
    none.series[UM_PURITY] = none.time;
    CHECK_OK(ctx, um_result_write_netcdf(ctx, &none, NULL, path, true));
    CHECK_OK(ctx, um_result_read(ctx, path, &read, NULL));
    assert_int_equal(read->records, 0);
    assert_non_null(read->series[UM_PURITY]);
    um_result_destroy(ctx, read);
}

/* States wider than a block of rows, of different sizes. */
static void test_large_states(void **state)
{
    (void)state;
    const char *path = scratch_path("large.nc");
    um_saved_state states[2];
    int levels[] = {409, 57};
    for (int i = 0; i < 2; i++) {
        size_t size = (size_t)(levels[i] * levels[i]);
        states[i] =
            (um_saved_state){i, levels[i], full_numbers(ctx, size), full_numbers(ctx, size)};
    }
    um_result result = {.states_count = 2, .states = states}, *read;
    CHECK_OK(ctx, um_result_write_netcdf(ctx, &result, NULL, path, false));
    CHECK_OK(ctx, um_result_read(ctx, path, &read, NULL));
    same_saved(&result, read);
    um_result_destroy(ctx, read);
    for (int i = 0; i < 2; i++) {
        umi_free(ctx, states[i].real);
        umi_free(ctx, states[i].imag);
    }
}

/* Beyond its own levels a state is zero for other readers, too. */
static void test_padding(void **state)
{
    (void)state;
    const char *path = scratch_path("padding.nc");
    um_result *written = full_result(ctx);
    CHECK_OK(ctx, um_result_write_netcdf(ctx, written, NULL, path, false));
    int file, variable;
    static double values[3][6][6][2];
    assert_int_equal(nc_open(path, NC_NOWRITE, &file), NC_NOERR);
    assert_int_equal(nc_inq_varid(file, "state", &variable), NC_NOERR);
    assert_int_equal(nc_get_var_double(file, variable, &values[0][0][0][0]), NC_NOERR);
    assert_int_equal(nc_close(file), NC_NOERR);
    for (int i = 0; i < 3; i++)
        for (int n = 0; n < 6; n++)
            for (int m = 0; m < 6; m++)
                if (umi_max(n, m) >= written->states[i].levels)
                    assert_true(values[i][n][m][0] == 0 && values[i][n][m][1] == 0);
    um_result_destroy(ctx, written);
}

/* A configuration beyond the 64 KiB an attribute proper may have. */
static void test_long_config(void **state)
{
    (void)state;
    const char *path = scratch_path("long.nc");
    size_t length = 300000;
    char *text = malloc(length + 1), *config;
    memset(text, 'x', length);
    text[length] = '\0';
    um_result empty = {0}, *read;
    um_provenance from = {.config = text, .options = ""};
    CHECK_OK(ctx, um_result_write_netcdf(ctx, &empty, &from, path, false));
    CHECK_OK(ctx, um_result_read(ctx, path, &read, &config));
    assert_string_equal(config, text);
    um_text_destroy(ctx, config);
    um_result_destroy(ctx, read);
    free(text);
}

static void test_attributes(void **state)
{
    (void)state;
    const char *path = scratch_path("attributes.nc");
    um_result *written = full_result(ctx);
    CHECK_OK(ctx, um_result_write_netcdf(ctx, written, &provenance, path, false));
    int file, variable;
    unsigned long long seed = 0;
    char text[64] = "";
    assert_int_equal(nc_open(path, NC_NOWRITE, &file), NC_NOERR);
    assert_int_equal(nc_get_att_ulonglong(file, NC_GLOBAL, "seed", &seed), NC_NOERR);
    assert_true(seed == UINT64_MAX);
    assert_int_equal(nc_get_att_text(file, NC_GLOBAL, "umaser_version", text), NC_NOERR);
    assert_string_equal(text, UM_VERSION);
    memset(text, 0, sizeof text);
    assert_int_equal(nc_get_att_text(file, NC_GLOBAL, "date", text), NC_NOERR);
    assert_int_equal(strlen(text), strlen("2026-01-01T00:00:00Z"));
    for (int i = 0; i < UM_QUANTITY_COUNT; i++) {
        const um_quantity_info *info = um_quantity_get_info(i);
        if (i == UM_G2) continue;
        assert_int_equal(nc_inq_varid(file, info->name, &variable), NC_NOERR);
        memset(text, 0, sizeof text);
        assert_int_equal(nc_get_att_text(file, variable, "units", text), NC_NOERR);
        assert_string_equal(text, info->units);
        double fill = 0;
        assert_int_equal(nc_get_att_double(file, variable, "_FillValue", &fill), NC_NOERR);
        assert_true(isnan(fill));
    }
    assert_int_equal(nc_close(file), NC_NOERR);
    um_result_destroy(ctx, written);
}

static void expect_refused(const char *path, const char *words)
{
    um_result *read = (um_result *)1;
    char *config = (char *)1;
    CHECK_STATUS(ctx, um_result_read(ctx, path, &read, &config), UM_ERROR_IO);
    assert_null(read);
    assert_null(config);
    expect_said(ctx, path, words);
}

static void test_other_version(void **state)
{
    (void)state;
    const char *path = scratch_path("version.nc");
    um_result empty = {0};
    CHECK_OK(ctx, um_result_write_netcdf(ctx, &empty, NULL, path, false));
    int file, version = 7;
    assert_int_equal(nc_open(path, NC_WRITE, &file), NC_NOERR);
    nc_redef(file);
    assert_int_equal(nc_put_att_int(file, NC_GLOBAL, "umaser_format", NC_INT, 1, &version), 0);
    assert_int_equal(nc_put_att_text(file, NC_GLOBAL, "umaser_version", 5, "9.9.9"), 0);
    assert_int_equal(nc_close(file), NC_NOERR);
    expect_refused(path, "layout version 7");
    expect_refused(path, "umaser 9.9.9");
    expect_refused(path, "reads layout version 1");
}

static void test_foreign(void **state)
{
    (void)state;
    int file;
    const char *path = scratch_path("foreign.nc");
    assert_int_equal(nc_create(path, NC_NETCDF4, &file), NC_NOERR);
    assert_int_equal(nc_close(file), NC_NOERR);
    expect_refused(path, "not a result of umaser");
    expect_refused(scratch_path("absent.nc"), "No such file");
    expect_refused(scratch_directory(), "a directory");
    put_bytes(path, "", 0);
    expect_refused(path, "empty");
    put_bytes(path, "interaction: {theta: 1}\n", 24);
    expect_refused(path, "not a netCDF file");
    expect_refused("http://127.0.0.1:1/x.nc", "No such file");
}

/* A variable of another length, type or name than the layout says. */
static void test_damaged(void **state)
{
    (void)state;
    const char *path = scratch_path("damaged.nc");
    um_result *written = full_result(ctx);
    static const char *const names[] = {
        "time",         "state",       "stage_kind", "plateau_energy", "final_populations",
        "state_levels", "saved_wigner"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int file, variable;
        CHECK_OK(ctx, um_result_write_netcdf(ctx, written, NULL, path, true));
        assert_int_equal(nc_open(path, NC_WRITE, &file), NC_NOERR);
        assert_int_equal(nc_inq_varid(file, names[i], &variable), NC_NOERR);
        nc_redef(file);
        assert_int_equal(nc_rename_var(file, variable, "gone"), NC_NOERR);
        assert_int_equal(nc_close(file), NC_NOERR);
        if (strcmp(names[i], "final_populations") == 0) continue; /* may be absent */
        expect_refused(path, "damaged");
    }
    static const char *const attributes[] = {"status", "digest", "collisions", "ledger_heat"};
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        int file;
        CHECK_OK(ctx, um_result_write_netcdf(ctx, written, NULL, path, true));
        assert_int_equal(nc_open(path, NC_WRITE, &file), NC_NOERR);
        nc_redef(file);
        assert_int_equal(nc_put_att_text(file, NC_GLOBAL, attributes[i], 4, "what"), NC_NOERR);
        assert_int_equal(nc_close(file), NC_NOERR);
        expect_refused(path, attributes[i]);
    }
    um_result_destroy(ctx, written);
}

/* Cut short anywhere: refused or, where only padding is lost, read whole; never a crash. */
static void test_truncated(void **state)
{
    (void)state;
    const char *path = scratch_path("whole.nc"), *cut = scratch_path("cut.nc");
    um_result *written = full_result(ctx), *read;
    CHECK_OK(ctx, um_result_write_netcdf(ctx, written, NULL, path, false));
    size_t size;
    char *bytes = get_bytes(path, &size);
    for (size_t length = 8; length < size; length += size / (size_t)(40 * test_effort()) + 1) {
        put_bytes(cut, bytes, length);
        if (um_result_read(ctx, cut, &read, NULL) == UM_OK) {
            same_result(written, read);
            um_result_destroy(ctx, read);
        } else
            assert_int_equal(um_context_get_error(ctx)->status, UM_ERROR_IO);
    }
    put_bytes(cut, bytes, size / 2);
    expect_refused(cut, "damaged");
    free(bytes);
    um_result_destroy(ctx, written);
}

static void test_quantities(void **state)
{
    (void)state;
    assert_null(um_quantity_get_info(-1));
    assert_null(um_quantity_get_info(UM_QUANTITY_COUNT));
    assert_string_equal(um_quantity_get_info(UM_ENERGY)->name, "energy");
    assert_true(um_quantity_get_info(UM_ENERGY)->by_default);
    assert_string_equal(um_quantity_get_info(UM_POPULATIONS)->name, "populations");
    assert_false(um_quantity_get_info(UM_POPULATIONS)->by_default);
    for (int i = 0; i < UM_QUANTITY_COUNT; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(um_quantity_get_info(i)->name, um_quantity_get_info(j)->name);
    um_result_destroy(ctx, NULL);
}

static int teardown_all(void **state)
{
    scratch_remove();
    return teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_almost_nothing),
        cmocka_unit_test(test_of_an_older_version),
        cmocka_unit_test(test_large_states),  cmocka_unit_test(test_padding),
        cmocka_unit_test(test_long_config),   cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_other_version), cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_damaged),       cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_quantities),    cmocka_unit_test(test_loaded),
    };
    return cmocka_run_group_tests(tests, setup, teardown_all);
}
