/* A result file of another version as initial state: the program says which version reads it. */
#include <netcdf.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static void test_other_version(void **unused)
{
    (void)unused;
    char folder[] = "/tmp/umaser-version-XXXXXX", path[64], command[512], said[2048] = "";
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/old.nc", folder);
    um_context *ctx;
    assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
    um_result empty = {0};
    CHECK_OK(ctx, um_result_write_netcdf(ctx, &empty, NULL, path, false));
    um_context_destroy(ctx);
    int file, version = 7;
    assert_int_equal(nc_open(path, NC_WRITE, &file), NC_NOERR);
    nc_redef(file);
    assert_int_equal(nc_put_att_int(file, NC_GLOBAL, "umaser_format", NC_INT, 1, &version), 0);
    assert_int_equal(nc_put_att_text(file, NC_GLOBAL, "umaser_version", 5, "9.9.9"), 0);
    assert_int_equal(nc_close(file), NC_NOERR);
    snprintf(command, sizeof command,
             "cd %s && echo '{interaction: {theta: 1}, stages: [{charge: 3}],"
             " battery: {initial: {file: old.nc}}}' >job.yaml && '%s' run job.yaml 2>&1",
             folder, getenv("UMASER"));
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    said[fread(said, 1, sizeof said - 1, pipe)] = '\0';
    int code = pclose(pipe);
    assert_true(WIFEXITED(code));
    const char *const words[] = {"old.nc", "layout version 7", "umaser 9.9.9"};
    for (int i = 0; i < 3; i++)
        if (!strstr(said, words[i])) fail_msg("no '%s' in: %s", words[i], said);
    assert_int_equal(WEXITSTATUS(code), 4);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_other_version)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
