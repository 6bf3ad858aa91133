/* Where the time went: parts that do not overlap, the same in summary and file. */
#include <cjson/cJSON.h>
#include <netcdf.h>
#include <time.h>

#include "check.h"

static const char *const parts[] = {"setup", "collisions", "observables", "output"};
enum { PARTS = 4, SUMMARY = 1 << 20 };

static double clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The seconds in the summary of a run; returns those of the whole process. */
static double run(const char *folder, const char *config, double seconds[PARTS])
{
    char command[2048];
    snprintf(command, sizeof command,
             "cd %s && echo '%s' >job.yaml && '%s' run job.yaml --json --quiet --force -o job.nc", folder, config,
             getenv("UMASER"));
    char *text = calloc(SUMMARY, 1);
    double begun = clock_now();
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_true(fread(text, 1, SUMMARY - 1, pipe) > 0);
    assert_int_equal(pclose(pipe), 0);
    double whole = clock_now() - begun;
    cJSON *json = cJSON_Parse(text);
    const cJSON *wall = cJSON_GetObjectItem(json, "wall_seconds");
    assert_non_null(wall);
    for (int i = 0; i < PARTS; i++) seconds[i] = cJSON_GetObjectItem(wall, parts[i])->valuedouble;
    cJSON_Delete(json);
    free(text);
    return whole;
}

static void check_file(const char *folder, const double seconds[PARTS])
{
    char path[64], name[64];
    int file;
    snprintf(path, sizeof path, "%s/job.nc", folder);
    assert_int_equal(nc_open(path, NC_NOWRITE, &file), NC_NOERR);
    for (int i = 0; i < PARTS; i++) {
        double value;
        snprintf(name, sizeof name, "wall_seconds_%s", parts[i]);
        assert_int_equal(nc_get_att_double(file, NC_GLOBAL, name, &value), NC_NOERR);
        /* The summary is written after the file, and counts both. */
        bool output = i == PARTS - 1;
        if (output ? value <= 0 || value >= seconds[i] : value != seconds[i])
            fail_msg("%s: %g in the file, %g in the summary", parts[i], value, seconds[i]);
    }
    assert_int_equal(nc_close(file), NC_NOERR);
}

static void test_parts(void **unused)
{
    (void)unused;
    static const char *const configs[] = {
        "{interaction: {theta: 1}, stages: [{charge: 300}], record: {at: every, states: [30]}}",
        "{atoms: {q: 0.25, c: 1}, interaction: {theta: 1}, stages: [{charge: 1e9}]}",
        "{interaction: {g: 0.05, tau: 20}, stream: {period: 30}, environment: {kappa: 5e-4},"
        " stages: [{charge: 30}, {store: 300}, {discharge: 3}]}",
        "{interaction: {g: 0.1, tau: 10, counter_rotating: 1}, stages: [{charge: 20}]}",
    };
    char folder[] = "/tmp/umaser-seconds-XXXXXX", command[64];
    assert_non_null(mkdtemp(folder));
    for (size_t c = 0; c < sizeof configs / sizeof *configs; c++) {
        double seconds[PARTS], sum = 0, whole = run(folder, configs[c], seconds);
        for (int i = 0; i < PARTS; i++) {
            if (!(seconds[i] > 0)) fail_msg("%s: %g in %s", parts[i], seconds[i], configs[c]);
            sum += seconds[i];
        }
        if (sum > whole) fail_msg("parts of %g s in %g s: %s", sum, whole, configs[c]);
        check_file(folder, seconds);
    }
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_parts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
