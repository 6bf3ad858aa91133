/* Checkpoints: arrays come back with their bits; any damage is noticed. */
#include "test_result_full.h"
#include "context.h" /* its ctx comes after parameters of that name */

static double reals[] = {NAN, -0.0, 1.0 / 3, 5e-324};
static int64_t integers[] = {INT64_MIN, -1, 0, INT64_MAX};
static um_archive_entry entries[] = {
    {.name = "state.real", .count = 4, .real = reals},
    {.name = "a name of forty-seven characters, as long as it",
     .is_integer = true,
     .count = 4,
     .integer = integers},
    {.name = "empty", .count = 0, .real = reals},
};
static const um_archive archive = {.count = 3, .capacity = 3, .entries = entries};
enum { DIGEST = 42 };

static void expect_same(const um_archive *read)
{
    assert_int_equal(read->count, archive.count);
    for (size_t i = 0; i < archive.count; i++) {
        const um_archive_entry *a = &archive.entries[i], *b = &read->entries[i];
        assert_string_equal(a->name, b->name);
        assert_int_equal(a->is_integer, b->is_integer);
        assert_int_equal(a->count, b->count);
        if (a->is_integer)
            SAME_ARRAY(a, b, integer, a->count);
        else
            SAME_ARRAY(a, b, real, a->count);
    }
}

static void expect_refused(const char *path, uint64_t digest, um_status status, const char *words)
{
    um_archive read = {0};
    CHECK_STATUS(ctx, um_checkpoint_read(ctx, path, digest, &read), status);
    assert_int_equal(read.count, 0);
    assert_null(read.entries);
    expect_said(ctx, path, words);
    assert_int_equal(um_context_get_blocks(ctx), 0);
}

static void test_round_trip(void **state)
{
    (void)state;
    const char *path = scratch_path("round");
    um_archive read = {0};
    for (int i = 0; i < 2; i++) { /* the second time over the first */
        CHECK_OK(ctx, um_checkpoint_write(ctx, &archive, DIGEST, path));
        CHECK_OK(ctx, um_checkpoint_read(ctx, path, DIGEST, &read));
        expect_same(&read);
        um_archive_clear(ctx, &read);
        assert_null(read.entries);
    }
    um_archive none = {0};
    CHECK_OK(ctx, um_checkpoint_write(ctx, &none, DIGEST, path));
    CHECK_OK(ctx, um_checkpoint_read(ctx, path, DIGEST, &read));
    assert_int_equal(read.count, 0);
    um_archive_clear(ctx, &read);
    assert_int_equal(um_context_get_blocks(ctx), 0);
}

static void test_every_byte(void **state)
{
    (void)state;
    const char *path = scratch_path("whole"), *bad = scratch_path("bad");
    CHECK_OK(ctx, um_checkpoint_write(ctx, &archive, DIGEST, path));
    size_t size;
    char *bytes = get_bytes(path, &size);
    static const char flips[] = {1, (char)0x80, (char)0xff};
    for (size_t i = 0; i < size; i++) {
        for (int flip = 0; flip < 3; flip++) {
            bytes[i] ^= flips[flip];
            put_bytes(bad, bytes, size);
            expect_refused(bad, DIGEST, UM_ERROR_IO, "checkpoint");
            bytes[i] ^= flips[flip];
        }
    }
    for (size_t length = 0; length < size; length++) {
        put_bytes(bad, bytes, length);
        expect_refused(bad, DIGEST, UM_ERROR_IO, "checkpoint");
    }
    char *longer = calloc(1, size + 8);
    memcpy(longer, bytes, size);
    put_bytes(bad, longer, size + 8);
    expect_refused(bad, DIGEST, UM_ERROR_IO, "damaged");
    free(longer);
    free(bytes);
}

static void test_others(void **state)
{
    (void)state;
    const char *path = scratch_path("others");
    CHECK_OK(ctx, um_checkpoint_write(ctx, &archive, DIGEST, path));
    expect_refused(path, DIGEST + 1, UM_ERROR_CONFIG, "another model");
    size_t size;
    char *bytes = get_bytes(path, &size);
    bytes[8] = 9;
    put_bytes(path, bytes, size);
    expect_refused(path, DIGEST, UM_ERROR_IO, "layout version 9");
    expect_refused(path, DIGEST, UM_ERROR_IO, "reads version 2");
    free(bytes);
    put_bytes(path, "interaction: {theta: 1}, and more than a header's length\n", 57);
    expect_refused(path, DIGEST, UM_ERROR_IO, "not a complete checkpoint");
    expect_refused(scratch_directory(), DIGEST, UM_ERROR_IO, "not a regular file");
    expect_refused(scratch_path("absent"), DIGEST, UM_ERROR_IO, "No such file");
}

/* The checksum of a whole file's bytes, the last eight left out. */
static uint64_t sum_up(const char *bytes, size_t size)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325), word;
    for (size_t i = 0; i + 8 < size; i += 8) {
        memcpy(&word, bytes + i, 8);
        sum = (sum ^ word) * UINT64_C(0x100000001b3);
        sum ^= sum >> 32;
    }
    return sum;
}

/* As another program would have written it: one more character at the end of a word of the header. */
static void foreign(size_t at, const char *words)
{
    const char *path = scratch_path("foreign");
    size_t size;
    um_archive read = {0};
    CHECK_OK(ctx, um_checkpoint_write(ctx, &archive, DIGEST, path));
    char *bytes = get_bytes(path, &size);
    uint64_t sum = sum_up(bytes, size);
    assert_memory_equal(&sum, bytes + size - 8, 8);
    bytes[at + strlen(bytes + at)] = 'x';
    sum = sum_up(bytes, size);
    memcpy(bytes + size - 8, &sum, 8);
    put_bytes(path, bytes, size);
    free(bytes);
    if (words)
        expect_refused(path, DIGEST, UM_ERROR_CONFIG, words);
    else
        CHECK_OK(ctx, um_checkpoint_read(ctx, path, DIGEST, &read));
    um_archive_clear(ctx, &read);
}

static void test_builds(void **state)
{
    (void)state;
    enum { VERSION_AT = 32, BUILD_AT = 56, KERNEL_AT = 80 };
    foreign(BUILD_AT, "written by another build of umaser (" UM_VERSION ", ");
    foreign(BUILD_AT, "Go on with that build, or run from the start without --resume");
    foreign(KERNEL_AT, "with the kernels ");
    foreign(KERNEL_AT, "x, or run from the start without --resume");
    foreign(VERSION_AT, NULL); /* the build says more */
}

static int teardown_all(void **state)
{
    scratch_remove();
    return teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_builds),
    };
    return cmocka_run_group_tests(tests, setup, teardown_all);
}
