/* What can go wrong with files: the reason is told, nothing is left behind, nothing is lost. */
#define _GNU_SOURCE /* unshare */
#include "../unit/test_result_full.h"
#include "released.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static um_context *ctx;
static um_result *full;

static double reals[1000];
static um_archive_entry entry = {.name = "reals", .count = 1000, .real = reals};
static const um_archive archive = {.count = 1, .capacity = 1, .entries = &entry};

typedef um_status (*writer)(const char *path, bool replace);

static um_status write_netcdf(const char *path, bool replace)
{
    return um_result_write_netcdf(ctx, full, NULL, path, replace);
}
static um_status write_csv(const char *path, bool replace)
{
    return um_result_write_csv(ctx, full, path, replace);
}
static um_status write_checkpoint(const char *path, bool replace)
{
    (void)replace; /* always */
    return um_checkpoint_write(ctx, &archive, 1, path);
}
static const writer writers[] = {write_netcdf, write_csv, write_checkpoint};
enum { NETCDF, CSV, CHECKPOINT, WRITERS };

static void expect_failure(int which, const char *path, bool replace, const char *words)
{
    size_t blocks = um_context_get_blocks(ctx);
    CHECK_STATUS(ctx, writers[which](path, replace), UM_ERROR_IO);
    expect_said(ctx, path, words);
    assert_int_equal(um_context_get_blocks(ctx), blocks);
}

static void expect_content(const char *path, const char *content)
{
    char *bytes = get_bytes(path, NULL);
    assert_string_equal(bytes, content);
    free(bytes);
}

static void test_existing(void **state)
{
    (void)state;
    const char *path = scratch_path("existing");
    for (int i = 0; i < WRITERS; i++) {
        put_bytes(path, "precious", 8);
        if (i != CHECKPOINT) expect_failure(i, path, false, "exists");
        expect_content(path, "precious");
        CHECK_OK(ctx, writers[i](path, true));
        char *bytes = get_bytes(path, NULL);
        assert_string_not_equal(bytes, "precious");
        free(bytes);
    }
    assert_int_equal(scratch_count(), 1);
    unlink(path);
}

static void test_bad_places(void **state)
{
    (void)state;
    char inside[600];
    const char *file = scratch_path("file");
    put_bytes(file, "precious", 8);
    char name[300];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    for (int i = 0; i < WRITERS; i++) {
        expect_failure(i, scratch_path("no/where"), true, strerror(ENOENT));
        snprintf(inside, sizeof inside, "%s/x", file);
        expect_failure(i, inside, true, strerror(ENOTDIR));
        expect_failure(i, scratch_directory(), true, "a directory");
        expect_failure(i, scratch_path(name), true, strerror(ENAMETOOLONG));
        expect_failure(i, "", true, strerror(ENOENT));
        expect_failure(i, "/dev/null", true, "not a regular file");
    }
    struct stat null;
    assert_int_equal(stat("/dev/null", &null), 0);
    assert_true(S_ISCHR(null.st_mode));
    expect_content(file, "precious");
    assert_int_equal(scratch_count(), 1);
    unlink(file);
}

/* A link stays a link, and its target gets the result. */
static void test_link(void **state)
{
    (void)state;
    const char *target = scratch_path("target"), *link_path = scratch_path("link");
    put_bytes(target, "precious", 8);
    assert_int_equal(symlink(target, link_path), 0);
    expect_failure(CSV, link_path, false, "exists");
    CHECK_OK(ctx, write_csv(link_path, true));
    struct stat there;
    assert_int_equal(lstat(link_path, &there), 0);
    assert_true(S_ISLNK(there.st_mode));
    char *bytes = get_bytes(target, NULL);
    assert_memory_equal(bytes, "stage,", 6);
    free(bytes);
    unlink(link_path);
    unlink(target);
}

/* Runs a check in a process of its own, then removes what it left under `leftover`; 77: could not
 * be set up here. */
static void in_child(int (*check)(void), const char *leftover)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(check());
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    remove(leftover);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        print_message("cannot be set up here: not tried\n");
        skip();
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("the child ended with %#x", (unsigned)status);
}

/* Every writer fails with the reason, and leaves the directory as it was. */
static int expect_no_room(const char *directory, const char *reason)
{
    char path[600], rest[600];
    for (int i = 0; i < WRITERS; i++) {
        snprintf(path, sizeof path, "%s/new", directory);
        if (writers[i](path, true) != UM_ERROR_IO) return 10 + i;
        if (!strstr(um_context_get_error(ctx)->message, reason)) return 20 + i;
        if (access(path, F_OK) == 0) return 30 + i;
        snprintf(path, sizeof path, "%s/old", directory);
        if (writers[i](path, true) != UM_ERROR_IO) return 40 + i;
        struct stat old;
        if (stat(path, &old) != 0 || old.st_size != 8) return 50 + i;
    }
    snprintf(rest, sizeof rest, "test \"$(ls -A '%s')\" = old", directory);
    return system(rest) == 0 ? 0 : 60;
}

static int file_limit(void)
{
    put_bytes(scratch_path("old"), "precious", 8);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit = {2000, 2000};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 77;
    return expect_no_room(scratch_directory(), strerror(EFBIG));
}

static void test_file_limit(void **state)
{
    (void)state;
    in_child(file_limit, scratch_path("old"));
}

static bool put_line(const char *path, const char *line)
{
    FILE *stream = fopen(path, "w");
    if (!stream) return false;
    fputs(line, stream);
    return fclose(stream) == 0;
}

/* Leave to mount: of root in a namespace of mounts, of others as root of a namespace of users. */
static bool enter_namespace(void)
{
    if (geteuid() == 0) return unshare(CLONE_NEWNS) == 0;
    char users[64], groups[64];
    snprintf(users, sizeof users, "0 %u 1", (unsigned)geteuid());
    snprintf(groups, sizeof groups, "0 %u 1", (unsigned)getegid());
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && put_line("/proc/self/setgroups", "deny") &&
           put_line("/proc/self/uid_map", users) && put_line("/proc/self/gid_map", groups);
}

/* A file system of two pages that nobody else sees. */
static int full_disk(void)
{
    char old[600];
    const char *directory = scratch_path("disk");
    if (mkdir(directory, 0700) != 0 || !enter_namespace() ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", directory, "tmpfs", 0, "size=8k") != 0)
        return 77;
    snprintf(old, sizeof old, "%s/old", directory);
    if (!put_line(old, "precious")) return 77;
    return expect_no_room(directory, strerror(ENOSPC));
}

static void test_full_disk(void **state)
{
    (void)state;
    in_child(full_disk, scratch_path("disk"));
}

static int unwritable_directory(void)
{
    const char *directory = scratch_path("closed");
    if (mkdir(directory, 0500) != 0) return 77;
    /* Root may write anywhere: become nobody. */
    if (geteuid() == 0 && (chmod(scratch_directory(), 0755) != 0 || chmod(directory, 0555) != 0 ||
                           setgid(65534) != 0 || setuid(65534) != 0))
        return 77;
    char path[600];
    for (int i = 0; i < WRITERS; i++) {
        snprintf(path, sizeof path, "%s/new", directory);
        if (writers[i](path, true) != UM_ERROR_IO) return 10 + i;
        if (!strstr(um_context_get_error(ctx)->message, strerror(EACCES))) return 20 + i;
    }
    return 0;
}

static void test_unwritable_directory(void **state)
{
    (void)state;
    in_child(unwritable_directory, scratch_path("closed"));
}

/* Several processes that pass the first look together: one wins, the others hear why not. */
static void test_race(void **state)
{
    (void)state;
    enum { RUNNERS = 6 };
    for (int round = 0; round < 4 * test_effort(); round++) {
        const char *path = scratch_path("raced");
        int gate[2], wins = 0, losses = 0;
        assert_int_equal(pipe(gate), 0);
        for (int i = 0; i < RUNNERS; i++) {
            if (fork() != 0) continue;
            char byte;
            close(gate[1]);
            (void)!read(gate[0], &byte, 1);
            um_status status = writers[round % 2](path, false);
            const char *said = um_context_get_error(ctx)->message;
            _exit(status == UM_OK ? 0 : status == UM_ERROR_IO && strstr(said, "exists") ? 1 : 2);
        }
        close(gate[0]);
        close(gate[1]);
        for (int i = 0; i < RUNNERS; i++) {
            int status;
            wait(&status);
            assert_true(WIFEXITED(status));
            wins += WEXITSTATUS(status) == 0;
            losses += WEXITSTATUS(status) == 1;
        }
        assert_int_equal(wins, 1);
        assert_int_equal(losses, RUNNERS - 1);
        assert_int_equal(scratch_count(), 1);
        unlink(path);
    }
}

/* An allocator that fails at the n-th call. */
static long allocations_left;

static void *allocate(void *user, size_t bytes)
{
    (void)user;
    return allocations_left-- > 0 ? malloc(bytes) : NULL;
}

static void release(void *user, void *block)
{
    (void)user;
    free(block);
}

static um_context *weak;

static um_status weak_netcdf(void)
{
    return um_result_write_netcdf(weak, full, NULL, scratch_path("weak"), true);
}
static um_status weak_csv(void)
{
    return um_result_write_csv(weak, full, scratch_path("weak"), true);
}
static um_status weak_read(void)
{
    um_result *read;
    char *config;
    um_status status = um_result_read(weak, scratch_path("whole.nc"), &read, &config);
    if (status != UM_OK) {
        assert_null(read);
        assert_null(config);
        return status;
    }
    same_result(full, read);
    um_result_destroy(weak, read);
    um_text_destroy(weak, config);
    return UM_OK;
}
static um_status weak_checkpoint_write(void)
{
    return um_checkpoint_write(weak, &archive, 1, scratch_path("weak"));
}
static um_status weak_checkpoint_read(void)
{
    um_archive read = {0};
    um_status status = um_checkpoint_read(weak, scratch_path("whole.checkpoint"), 1, &read);
    um_archive_clear(weak, &read);
    return status;
}

static void test_allocations(void **state)
{
    (void)state;
    um_status (*const calls[])(void) = {weak_netcdf, weak_csv, weak_read, weak_checkpoint_write,
                                        weak_checkpoint_read};
    um_provenance provenance = {.config = "title: x\n", .options = ""};
    const char *whole = scratch_path("whole.nc"), *checkpoint = scratch_path("whole.checkpoint");
    CHECK_OK(ctx, um_result_write_netcdf(ctx, full, &provenance, whole, true));
    CHECK_OK(ctx, um_checkpoint_write(ctx, &archive, 1, checkpoint));
    um_context_options options = {.allocate = allocate, .release = release};
    allocations_left = 1;
    assert_int_equal(um_context_create(&options, &weak), UM_OK);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        um_status status = UM_ERROR_MEMORY;
        long n = 0;
        for (; status == UM_ERROR_MEMORY; n++) {
            assert_true(n < 1000);
            allocations_left = n;
            status = calls[i]();
            assert_int_equal(um_context_get_blocks(weak), 0);
            assert_int_equal(scratch_count(),
                             status == UM_OK && access(scratch_path("weak"), F_OK) == 0 ? 3 : 2);
        }
        CHECK_OK(weak, status);
        assert_true(n > 1);
        unlink(scratch_path("weak"));
    }
    um_context_destroy(weak);
    unlink(whole);
    unlink(checkpoint);
}

static int setup(void **state)
{
    (void)state;
    scratch_directory(); /* one for all children too */
    if (um_context_create(NULL, &ctx) != UM_OK) return 1;
    full = full_result(ctx);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scratch_remove();
    um_result_destroy(ctx, full);
    return test_released(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_existing),  cmocka_unit_test(test_bad_places),
        cmocka_unit_test(test_link),      cmocka_unit_test(test_file_limit),
        cmocka_unit_test(test_full_disk), cmocka_unit_test(test_unwritable_directory),
        cmocka_unit_test(test_race),      cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
