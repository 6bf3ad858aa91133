/* Journals: every bit comes back, one process at a time, and only what belongs together goes together. */
#include "test_result_full.h"

#include "context.h"
#include "sweep_cases.h"

#include <float.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

/* Twelve points in six blocks, nothing of which is computed here. */
enum { POINTS = 12, EACH = 2, BLOCKS = POINTS / EACH };

#define AXES \
    "sweep: {axes: [{key: interaction.theta, values: [1, 2, 3, 4]}, {key: atoms.q, values: [0.25, " \
    "0.5, 0.75]}], summaries: [final_energy, final_purity, plateau_end]}\n"
static const char text[] = "stages: [charge: 10]\natoms: {phase: 0.5}\n" AXES;

static test_sweep made;
static um_sweep *blocks_of_two;

static int setup_all(void **state)
{
    if (setup(state)) return 1;
    CHECK_OK(ctx, test_sweep_create(ctx, text, &made));
    um_sweep_plan plan = *um_sweep_get_plan(made.sweep);
    plan.block = EACH;
    CHECK_OK(ctx, um_sweep_create(ctx, &plan, um_config_create_point, made.config, &blocks_of_two));
    return 0;
}

static int teardown_all(void **state)
{
    um_sweep_destroy(blocks_of_two);
    test_sweep_destroy(ctx, &made);
    scratch_remove();
    return teardown(state);
}

static um_status open_as(const char *path, const um_journal_header *header, um_journal **journal)
{
    return um_journal_open(ctx, path, blocks_of_two, header, journal);
}

static um_journal *open_new(const char *path)
{
    um_journal *journal;
    um_journal_header header = test_sweep_header(&made);
    CHECK_OK(ctx, open_as(path, &header, &journal));
    return journal;
}

/* Every kind of double that there is. */
static void fill(size_t number, double values[EACH * 3])
{
    static const double odd[] = {NAN, INFINITY, -INFINITY, -0.0, DBL_MIN / 1024, DBL_MAX, 0.1};
    for (size_t i = 0; i < EACH * 3; i++)
        values[i] = i % 2 ? odd[(number + i) % 7] : 1.0 / (double)(1 + number * EACH * 3 + i);
}

static um_status put_block(um_journal *journal, size_t number, size_t failures_count)
{
    double values[EACH * 3];
    char first[] = "atoms.q: \"ten\", β and\na second line", second[] = "";
    um_sweep_failure failures[] = {{number * EACH, UM_ERROR_CONFIG, first},
                                   {number * EACH + 1, UM_ERROR_NOCONV, second}};
    um_sweep_block block = {number, number * EACH, EACH, 3, values, failures_count, failures};
    fill(number, values);
    um_sweep_store store = um_journal_get_store(journal);
    return store.put(store.self, ctx, &block);
}

static bool has(um_journal *journal, size_t number)
{
    um_sweep_store store = um_journal_get_store(journal);
    return store.has(store.self, number);
}

static void check_block(um_journal *journal, size_t number, size_t failures)
{
    um_sweep_block block;
    double values[EACH * 3];
    fill(number, values);
    CHECK_OK(ctx, um_journal_read_block(ctx, journal, number, &block));
    assert_int_equal(block.number, number);
    assert_int_equal(block.first, number * EACH);
    assert_int_equal(block.count, EACH);
    assert_int_equal(block.width, 3);
    assert_int_equal(block.failures_count, failures);
    CHECK_SAME_BITS(block.values, values, EACH * 3);
    if (failures > 0) {
        assert_int_equal(block.failures[0].point, number * EACH);
        assert_int_equal(block.failures[0].status, UM_ERROR_CONFIG);
        assert_string_equal(block.failures[0].message, "atoms.q: \"ten\", β and\na second line");
    }
    if (failures > 1) assert_string_equal(block.failures[1].message, "");
    um_sweep_block_clear(ctx, &block);
}

static um_journal_status status_of(const char *path)
{
    um_journal_status status;
    CHECK_OK(ctx, um_journal_read_status(ctx, path, &status));
    return status;
}

static void expect(const char *path, um_status status, const char *words)
{
    const um_error *error = um_context_get_error(ctx);
    assert_int_equal(error->status, status);
    expect_said(ctx, path, words);
}

static void test_put_and_read(void **state)
{
    (void)state;
    const char *path = scratch_path("put.journal");
    um_journal *journal = open_new(path);
    um_sweep_block block;
    assert_false(has(journal, 3));
    CHECK_STATUS(ctx, um_journal_read_block(ctx, journal, 3, &block), UM_ERROR_DOMAIN);
    CHECK_STATUS(ctx, um_journal_read_block(ctx, journal, BLOCKS, &block), UM_ERROR_ARG);
    CHECK_OK(ctx, put_block(journal, 3, 0));
    CHECK_OK(ctx, put_block(journal, 0, 2));
    assert_true(has(journal, 3) && has(journal, 0) && !has(journal, 1));
    check_block(journal, 3, 0);
    um_journal_close(journal);
    assert_int_equal(scratch_count(), 1); /* no lock, no log */

    journal = open_new(path);
    assert_true(has(journal, 3) && has(journal, 0) && !has(journal, 1));
    check_block(journal, 3, 0);
    check_block(journal, 0, 2);
    CHECK_OK(ctx, put_block(journal, 1, 1));
    check_block(journal, 1, 1);
    um_journal_close(journal);
    um_journal_close(NULL);
    test_sweep_remove_journal(path);
}

/* A block that cannot be put is not there, and all before is. */
static void test_put_twice(void **state)
{
    (void)state;
    const char *path = scratch_path("twice.journal");
    um_journal *journal = open_new(path);
    CHECK_OK(ctx, put_block(journal, 2, 0));
    CHECK_STATUS(ctx, put_block(journal, 2, 2), UM_ERROR_IO);
    CHECK_OK(ctx, put_block(journal, 4, 0));
    check_block(journal, 2, 0);
    check_block(journal, 4, 0);
    um_journal_close(journal);
    test_sweep_remove_journal(path);
}

static void test_failures(void **state)
{
    (void)state;
    const char *path = scratch_path("failures.journal");
    um_journal *journal = open_new(path);
    um_sweep_failure *failures;
    size_t count = 7, forgotten;
    CHECK_OK(ctx, um_journal_get_failures(ctx, journal, 10, &failures, &count));
    assert_true(failures == NULL && count == 0);
    for (size_t i = BLOCKS; i-- > 0;) CHECK_OK(ctx, put_block(journal, i, i % 3));
    CHECK_OK(ctx, um_journal_get_failures(ctx, journal, 10, &failures, &count));
    assert_int_equal(count, 6);
    static const size_t points[] = {2, 4, 5, 8, 10, 11};
    for (size_t i = 0; i < 6; i++) assert_int_equal(failures[i].point, points[i]);
    assert_int_equal(failures[2].status, UM_ERROR_NOCONV);
    um_sweep_failures_destroy(ctx, failures, count);
    CHECK_OK(ctx, um_journal_get_failures(ctx, journal, 2, &failures, &count));
    assert_int_equal(count, 2);
    assert_int_equal(failures[1].point, 4);
    um_sweep_failures_destroy(ctx, failures, count);
    um_sweep_failures_destroy(ctx, NULL, 0);
    assert_int_equal(status_of(path).failed, 6);
    assert_true(status_of(path).complete);

    CHECK_OK(ctx, um_journal_forget_failures(ctx, journal, &forgotten));
    assert_int_equal(forgotten, 6);
    for (size_t i = 0; i < BLOCKS; i++) assert_int_equal(has(journal, i), i % 3 == 0);
    assert_int_equal(status_of(path).failed, 0);
    assert_int_equal(status_of(path).done, 4);
    CHECK_OK(ctx, put_block(journal, 1, 1));
    check_block(journal, 1, 1);
    CHECK_OK(ctx, um_journal_forget_failures(ctx, journal, NULL));
    um_journal_close(journal);
    journal = open_new(path);
    assert_false(has(journal, 1));
    CHECK_OK(ctx, um_journal_forget_failures(ctx, journal, &forgotten));
    assert_int_equal(forgotten, 0);
    um_journal_close(journal);
    test_sweep_remove_journal(path);
}

static void refused(const char *path, const char *description, const char *words)
{
    um_journal *journal;
    um_journal_header header = test_sweep_header(&made);
    header.description = description;
    CHECK_STATUS(ctx, open_as(path, &header, &journal), UM_ERROR_CONFIG);
    assert_null(journal);
    expect(path, UM_ERROR_CONFIG, words);
}

static void test_other_sweep(void **state)
{
    (void)state;
    const char *path = scratch_path("other.journal");
    um_journal *journal;
    um_journal_header header = test_sweep_header(&made);
    char longer[1000], other[1000];
    memset(longer, 'x', sizeof longer);
    memcpy(longer, "first\nsecond ", 13);
    strcpy(longer + 900, "β 3.5 and more\nlast");
    header.description = longer;
    CHECK_OK(ctx, open_as(path, &header, &journal));
    CHECK_OK(ctx, put_block(journal, 1, 0));
    um_journal_close(journal);
    size_t size;
    char *before = get_bytes(path, &size);

    refused(path, "fist\nsecond", "there \"first\", here \"fist\"");
    strcpy(other, longer);
    memcpy(strstr(other, "3.5"), "4.5", 3);
    refused(path, other, "β 4.5 and more\"");
    assert_null(strstr(um_context_get_error(ctx)->message, "second"));
    strcpy(other, longer);
    strcpy(strstr(other, "last"), "lost");
    refused(path, other, "there \"last\", here \"lost\"");
    strcpy(strstr(other, "\nlost"), "");
    refused(path, other, "there \"last\", here \"\"");
    strcpy(other, longer);
    strcat(other, "\nmore");
    refused(path, other, "there \"\", here \"more\"");

    size_t size_after;
    char *after = get_bytes(path, &size_after);
    assert_int_equal(size, size_after);
    assert_memory_equal(before, after, size);
    free(before);
    free(after);
    CHECK_OK(ctx, open_as(path, &header, &journal));
    check_block(journal, 1, 0);
    um_journal_close(journal);
    test_sweep_remove_journal(path);
}

static void test_other_header(void **state)
{
    (void)state;
    const char *path = scratch_path("header.journal");
    um_journal *journal = open_new(path);
    um_journal_close(journal);
    um_journal_header header = test_sweep_header(&made);
    header.kernel = "slate";
    CHECK_STATUS(ctx, open_as(path, &header, &journal), UM_ERROR_CONFIG);
    expect(path, UM_ERROR_CONFIG, "UMASER_KERNEL=");
    header = test_sweep_header(&made);
    header.shard = 1;
    CHECK_STATUS(ctx, open_as(path, &header, &journal), UM_ERROR_CONFIG);
    expect(path, UM_ERROR_CONFIG, "shard is 0 there and 1 here");
    header.shard = 0;
    header.shards = 2;
    CHECK_STATUS(ctx, open_as(path, &header, &journal), UM_ERROR_CONFIG);
    expect(path, UM_ERROR_CONFIG, "shards is 1 there and 2 here");
    /* Programs that divide, or keep, otherwise under the same description. */
    header = test_sweep_header(&made);
    CHECK_STATUS(ctx, um_journal_open(ctx, path, made.sweep, &header, &journal), UM_ERROR_CONFIG);
    expect(path, UM_ERROR_CONFIG, "block is 2 there");
    um_sweep_plan plan = *um_sweep_get_plan(blocks_of_two);
    um_sweep *wider;
    plan.repeats = 2;
    CHECK_OK(ctx, um_sweep_create(ctx, &plan, um_config_create_point, made.config, &wider));
    CHECK_STATUS(ctx, um_journal_open(ctx, path, wider, &header, &journal), UM_ERROR_CONFIG);
    expect(path, UM_ERROR_CONFIG, "width is 3 there and 6 here");
    um_sweep_destroy(wider);
    journal = open_new(path);
    um_journal_close(journal);
    test_sweep_remove_journal(path);
}

/* In a process of its own, which dies with the journal open. */
static void die_with(const char *path)
{
    int ready[2];
    char byte = 0;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        um_context *own;
        um_journal *journal;
        um_journal_header header = test_sweep_header(&made);
        if (um_context_create(NULL, &own) == UM_OK &&
            um_journal_open(own, path, blocks_of_two, &header, &journal) == UM_OK &&
            put_block(journal, 5, 1) == UM_OK)
            byte = 1;
        if (write(ready[1], &byte, 1) == 1) pause();
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 1);
    um_journal *journal;
    um_journal_header header = test_sweep_header(&made);
    CHECK_STATUS(ctx, open_as(path, &header, &journal), UM_ERROR_IO);
    expect(path, UM_ERROR_IO, "another process");
    assert_int_equal(status_of(path).done, EACH); /* while it works */
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(ready[0]);
    close(ready[1]);
}

static void test_lock(void **state)
{
    (void)state;
    const char *path = scratch_path("lock.journal");
    um_journal *journal, *second;
    um_journal_header header = test_sweep_header(&made);
    die_with(path);
    journal = open_new(path);
    check_block(journal, 5, 1);
    CHECK_STATUS(ctx, open_as(path, &header, &second), UM_ERROR_IO);
    assert_null(second);
    expect(path, UM_ERROR_IO, "another process");
    CHECK_OK(ctx, put_block(journal, 0, 0));
    um_journal_close(journal);
    journal = open_new(path);
    um_journal_close(journal);
    test_sweep_remove_journal(path);
}

static void test_status(void **state)
{
    (void)state;
    const char *path = scratch_path("status.journal");
    um_journal *journal = open_new(path);
    um_journal_status status = status_of(path);
    assert_int_equal(status.points, POINTS);
    assert_true(status.done == 0 && status.failed == 0 && !status.complete && isnan(status.rate));
    assert_string_equal(status.kernel, um_sweep_get_kernel());
    assert_true(status.shard == 0 && status.shards == 1);
    for (size_t i = 0; i < BLOCKS; i++) {
        usleep(2000);
        CHECK_OK(ctx, put_block(journal, i, 0));
        status = status_of(path);
        assert_int_equal(status.done, EACH * (i + 1));
        assert_int_equal(status.complete, i == BLOCKS - 1);
        assert_true(status.rate > 0 && isfinite(status.rate));
        assert_true(status.seconds > 0);
    }
    um_journal_close(journal);
    double before = status.seconds;
    const char *none = scratch_path("none");
    CHECK_STATUS(ctx, um_journal_read_status(ctx, none, &status), UM_ERROR_IO);
    expect(none, UM_ERROR_IO, "No such file");
    journal = open_new(path);
    um_journal_close(journal);
    assert_true(status_of(path).seconds >= before);
    test_sweep_remove_journal(path);
}

static void test_source(void **state)
{
    (void)state;
    const char *path = scratch_path("source.journal");
    um_journal *journal;
    um_journal_header header = test_sweep_header(&made);
    char *name, *source;
    uint64_t seed;
    header.seed = UINT64_MAX - 1;
    header.name = "a \"name\"\n'β'";
    CHECK_OK(ctx, open_as(path, &header, &journal));
    um_journal_close(journal);
    CHECK_OK(ctx, um_journal_read_source(ctx, path, &name, &source, &seed));
    assert_string_equal(name, header.name);
    assert_string_equal(source, made.source);
    assert_true(seed == UINT64_MAX - 1);
    um_text_destroy(ctx, name);
    um_text_destroy(ctx, source);
    CHECK_STATUS(ctx, um_journal_read_source(ctx, scratch_path("no"), &name, &source, &seed),
                 UM_ERROR_IO);
    assert_true(!name && !source);
    test_sweep_remove_journal(path);
}

static const char *write_shard(int shard, int shards, const char *name)
{
    const char *path = scratch_path(name);
    um_journal *journal;
    um_journal_header header = test_sweep_header(&made);
    header.shard = shard;
    header.shards = shards;
    CHECK_OK(ctx, open_as(path, &header, &journal));
    for (size_t i = (size_t)shard; i < BLOCKS; i += (size_t)shards)
        CHECK_OK(ctx, put_block(journal, i, i == 4));
    um_journal_close(journal);
    assert_int_equal(status_of(path).points, POINTS / shards);
    assert_true(status_of(path).complete);
    return path;
}

static void test_merge(void **state)
{
    (void)state;
    const char *path = scratch_path("whole.journal"), *even = write_shard(0, 2, "even.journal"),
               *third = write_shard(1, 3, "third.journal"), *odd = write_shard(1, 2, "odd.journal");
    um_journal *target = open_new(path);
    CHECK_OK(ctx, um_journal_merge(ctx, target, third));
    assert_int_equal(status_of(path).done, 2 * EACH);
    CHECK_OK(ctx, um_journal_merge(ctx, target, even)); /* block 4 is in both */
    CHECK_OK(ctx, um_journal_merge(ctx, target, even));
    assert_int_equal(status_of(path).done, 4 * EACH);
    assert_int_equal(status_of(path).failed, 1);
    CHECK_OK(ctx, um_journal_merge(ctx, target, odd));
    assert_true(status_of(path).complete);
    for (size_t i = 0; i < BLOCKS; i++) check_block(target, i, i == 4);
    CHECK_STATUS(ctx, um_journal_merge(ctx, target, scratch_path("none")), UM_ERROR_IO);
    um_journal_close(target);

    um_journal_header header = test_sweep_header(&made);
    header.description = "another";
    test_sweep_remove_journal(path);
    CHECK_OK(ctx, open_as(path, &header, &target));
    CHECK_STATUS(ctx, um_journal_merge(ctx, target, odd), UM_ERROR_CONFIG);
    expect(odd, UM_ERROR_CONFIG, "another sweep");
    um_journal_close(target);
    header = test_sweep_header(&made);
    header.kernel = "slate";
    test_sweep_remove_journal(path);
    CHECK_OK(ctx, open_as(path, &header, &target));
    CHECK_STATUS(ctx, um_journal_merge(ctx, target, odd), UM_ERROR_CONFIG);
    expect(odd, UM_ERROR_CONFIG, "kernel");
    um_journal_close(target);
    header = test_sweep_header(&made);
    test_sweep_remove_journal(path);
    CHECK_OK(ctx, um_journal_open(ctx, path, made.sweep, &header, &target));
    CHECK_STATUS(ctx, um_journal_merge(ctx, target, odd), UM_ERROR_CONFIG);
    expect(odd, UM_ERROR_CONFIG, "blocks of 2");
    um_journal_close(target);
    test_sweep_remove_journal(path);
    test_sweep_remove_journal(even);
    test_sweep_remove_journal(third);
    test_sweep_remove_journal(odd);
}

/* What is not a journal, not all of it, or not ours: said so by all that open it, and left alone. */
static void check_refused(const char *path, const char *bytes, size_t size, const char *words)
{
    um_journal *journal, *whole;
    um_journal_status status;
    um_journal_header header = test_sweep_header(&made);
    char *name, *source;
    uint64_t seed;
    put_bytes(path, bytes, size);
    CHECK_STATUS(ctx, open_as(path, &header, &journal), UM_ERROR_IO);
    expect(path, UM_ERROR_IO, words);
    assert_null(journal);
    const char *other = scratch_path("target.journal");
    whole = open_new(other);
    CHECK_STATUS(ctx, um_journal_merge(ctx, whole, path), UM_ERROR_IO);
    um_journal_close(whole);
    test_sweep_remove_journal(other);
    um_status read = um_journal_read_status(ctx, path, &status);
    assert_true(read == UM_ERROR_IO || read == UM_OK); /* what is asked for may be whole */
    read = um_journal_read_source(ctx, path, &name, &source, &seed);
    assert_true(read == UM_ERROR_IO || read == UM_OK);
    um_text_destroy(ctx, name);
    um_text_destroy(ctx, source);
    size_t after;
    char *found = get_bytes(path, &after);
    assert_int_equal(size, after);
    assert_memory_equal(bytes, found, size);
    free(found);
    test_sweep_remove_journal(path);
}

static char *after_sql(const char *path, const char *sql, size_t *size)
{
    sqlite3 *base;
    assert_int_equal(sqlite3_open(path, &base), SQLITE_OK);
    assert_int_equal(sqlite3_exec(base, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(base), SQLITE_OK);
    return get_bytes(path, size);
}

static void test_damaged(void **state)
{
    (void)state;
    const char *path = scratch_path("good.journal");
    um_journal *journal = open_new(path);
    for (size_t i = 0; i < BLOCKS; i++) CHECK_OK(ctx, put_block(journal, i, 1));
    um_journal_close(journal);
    size_t size, changed;
    char *good = get_bytes(path, &size);
    const char *bad = scratch_path("bad.journal");
    check_refused(bad, "words", 5, "");
    check_refused(bad, good, size / 2, "journal");
    check_refused(bad, good, 4096, "journal");
    check_refused(bad, good, 100, "journal");
    char *image = after_sql(path, "UPDATE meta SET value = 7 WHERE name = 'format'", &changed);
    check_refused(bad, image, changed, "layout 7, of umaser " UM_VERSION);
    free(image);
    put_bytes(path, good, size);
    image = after_sql(path, "DELETE FROM meta WHERE name = 'description'", &changed);
    check_refused(bad, image, changed, "it has no description");
    free(image);
    put_bytes(path, good, size);
    image = after_sql(path, "DROP TABLE block", &changed);
    check_refused(bad, image, changed, "no such table");
    free(image);
    free(good);
    test_sweep_remove_journal(path);
}

static void test_other_build(void **state)
{
    (void)state;
    const char *path = scratch_path("build.journal"), *target_path = scratch_path("target.journal");
    um_journal *journal = open_new(path), *target = open_new(target_path);
    um_journal_close(journal);
    free(after_sql(path, "UPDATE meta SET value = '0123456789abcdef' WHERE name = 'build'", NULL));
    um_journal_header header = test_sweep_header(&made);
    CHECK_STATUS(ctx, open_as(path, &header, &journal), UM_ERROR_CONFIG);
    expect(path, UM_ERROR_CONFIG, "begun by another build of umaser (" UM_VERSION ", 0123456789abcdef)");
    assert_int_equal(status_of(path).done, 0); /* which anyone may ask for */
    CHECK_STATUS(ctx, um_journal_merge(ctx, target, path), UM_ERROR_CONFIG);
    expect(path, UM_ERROR_CONFIG, "another build of umaser");
    um_journal_close(target);
    test_sweep_remove_journal(path);
    test_sweep_remove_journal(target_path);
}

/* A block cut short is said to be so; the others are read. */
static void test_short_block(void **state)
{
    (void)state;
    const char *path = scratch_path("short.journal");
    um_journal *journal = open_new(path);
    for (size_t i = 0; i < BLOCKS; i++) CHECK_OK(ctx, put_block(journal, i, 0));
    um_journal_close(journal);
    free(after_sql(path, "UPDATE block SET data = substr(data, 1, 40) WHERE number = 2", NULL));
    journal = open_new(path);
    um_sweep_block block;
    check_block(journal, 1, 0);
    CHECK_STATUS(ctx, um_journal_read_block(ctx, journal, 2, &block), UM_ERROR_IO);
    expect(path, UM_ERROR_IO, "block 2 has 40 bytes in place of 48");
    um_journal_close(journal);

    /* Of the right length, but with a byte changed. */
    free(after_sql(path, "UPDATE block SET data = (SELECT data FROM block WHERE number = 4) WHERE number = 3; "
                         "UPDATE block SET data = CAST(x'00' || substr(data, 2) AS BLOB) WHERE number = 1", NULL));
    journal = open_new(path);
    for (size_t i = 1; i < 4; i += 2) {
        CHECK_STATUS(ctx, um_journal_read_block(ctx, journal, i, &block), UM_ERROR_IO);
        expect(path, UM_ERROR_IO, "not as it was written");
    }
    check_block(journal, 4, 0);
    um_journal_close(journal);
    test_sweep_remove_journal(path);
}

/* A process that ended before its first transaction leaves an empty file, or an empty base. */
static void test_begun(void **state)
{
    (void)state;
    const char *path = scratch_path("begun.journal");
    um_journal_status status;
    put_bytes(path, "", 0);
    CHECK_STATUS(ctx, um_journal_read_status(ctx, path, &status), UM_ERROR_IO);
    expect(path, UM_ERROR_IO, "empty");
    um_journal *journal = open_new(path);
    CHECK_OK(ctx, put_block(journal, 0, 0));
    um_journal_close(journal);
    assert_int_equal(status_of(path).done, EACH);
    test_sweep_remove_journal(path);
    free(after_sql(path, "PRAGMA journal_mode = WAL; VACUUM", NULL));
    journal = open_new(path);
    um_journal_close(journal);
    test_sweep_remove_journal(path);
    um_journal_header header = test_sweep_header(&made);
    CHECK_STATUS(ctx, open_as(scratch_path("no/such/folder"), &header, &journal), UM_ERROR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put_and_read),  cmocka_unit_test(test_put_twice),
        cmocka_unit_test(test_failures),      cmocka_unit_test(test_other_sweep),
        cmocka_unit_test(test_other_header),  cmocka_unit_test(test_lock),
        cmocka_unit_test(test_status),        cmocka_unit_test(test_source),
        cmocka_unit_test(test_merge),         cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_other_build),   cmocka_unit_test(test_short_block),
        cmocka_unit_test(test_begun),
    };
    return cmocka_run_group_tests(tests, setup_all, teardown_all);
}
