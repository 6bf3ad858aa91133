/* The context: allocator hooks, messages, status words, memory, compensated sums. */
#include "base/base.h"
#include "check.h"

typedef struct heap {
    size_t live, calls, bytes; /* bytes: of the last call */
    size_t refuse_at;          /* the call that fails, 0 for none */
} heap;

static void *heap_allocate(void *user, size_t bytes)
{
    heap *h = user;
    if (++h->calls == h->refuse_at) return NULL;
    h->live++;
    h->bytes = bytes;
    /* Dirty memory: who relies on zeros must have them made. */
    void *block = malloc(bytes);
    assert_non_null(block);
    memset(block, 0xa5, bytes);
    return block;
}

static void heap_release(void *user, void *block)
{
    assert_non_null(block);
    ((heap *)user)->live--;
    free(block);
}

static um_context *create_on(heap *h)
{
    um_context_options options = {heap_allocate, heap_release, h, 0, 0};
    um_context *ctx = NULL;
    assert_int_equal(um_context_create(&options, &ctx), UM_OK);
    return ctx;
}

static void test_defaults(void **state)
{
    (void)state;
    um_context *ctx = NULL;
    assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
    assert_non_null(ctx);
    assert_int_equal(ctx->options.threads, 1);
    assert_int_equal(um_context_get_blocks(ctx), 0);
    const um_error *error = um_context_get_error(ctx);
    assert_int_equal(error->status, UM_OK);
    assert_string_equal(error->message, "");
    assert_string_equal(error->file, "");
    assert_string_equal(error->key, "");
    assert_int_equal(error->line, -1);
    assert_int_equal(error->level, -1);
    assert_int_equal(error->collision, -1);
    um_context_destroy(ctx);
    um_context_destroy(NULL);
}

static void test_wrong_options(void **state)
{
    (void)state;
    heap h = {0};
    assert_int_equal(um_context_create(NULL, NULL), UM_ERROR_ARG);
    const um_context_options wrong[] = {
        {.allocate = heap_allocate, .user = &h},
        {.release = heap_release, .user = &h},
        {.threads = -1},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        um_context *ctx = (um_context *)&h;
        assert_int_equal(um_context_create(&wrong[i], &ctx), UM_ERROR_ARG);
        assert_null(ctx);
    }
    h.refuse_at = 1;
    um_context_options options = {heap_allocate, heap_release, &h, 0, 0};
    um_context *ctx = (um_context *)&h;
    assert_int_equal(um_context_create(&options, &ctx), UM_ERROR_MEMORY);
    assert_null(ctx);
    assert_int_equal(h.live, 0);
}

static void test_options_are_copied(void **state)
{
    (void)state;
    heap h = {0};
    um_context_options options = {heap_allocate, heap_release, &h, 3, 42};
    um_context *ctx = NULL;
    assert_int_equal(um_context_create(&options, &ctx), UM_OK);
    memset(&options, 0xff, sizeof options);
    assert_int_equal(ctx->options.threads, 3);
    assert_int_equal(ctx->options.seed, 42);
    umi_free(ctx, umi_alloc(ctx, 1, 1));
    um_context_destroy(ctx);
    assert_int_equal(h.live, 0);
}

static void test_memory(void **state)
{
    (void)state;
    heap h = {0};
    um_context *ctx = create_on(&h);
    enum { BLOCKS = 20 };
    unsigned char *blocks[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        size_t bytes = (size_t)(i * i);
        blocks[i] = umi_alloc(ctx, bytes, 1);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 64, 0);
        for (size_t j = 0; j < bytes; j++) assert_int_equal(blocks[i][j], 0);
        memset(blocks[i], 0xff, bytes);
    }
    assert_int_equal(um_context_get_blocks(ctx), BLOCKS);
    assert_int_equal(h.live, BLOCKS + 1);
    for (int i = 0; i < BLOCKS; i++) umi_free(ctx, blocks[i]);
    umi_free(ctx, NULL);
    assert_int_equal(um_context_get_blocks(ctx), 0);

    char *copy = umi_strdup(ctx, "atoms.q");
    assert_string_equal(copy, "atoms.q");
    umi_free(ctx, copy);
    umi_free(ctx, umi_alloc(ctx, 0, 4096));
    assert_true(h.bytes >= 4096); /* none asked for: room for one */
    double *array = UMI_NEW_ARRAY(ctx, double, 3);
    assert_true(array[0] == 0 && array[2] == 0);
    umi_free(ctx, array);
    um_context_destroy(ctx);
    assert_int_equal(h.live, 0);
}

static void test_memory_refused(void **state)
{
    (void)state;
    heap h = {0};
    um_context *ctx = create_on(&h);
    const size_t too_many[][2] = {{SIZE_MAX, 2}, {SIZE_MAX / 8 + 1, 8}, {SIZE_MAX - 8, 1}};
    size_t calls = h.calls;
    for (size_t i = 0; i < 3; i++) {
        assert_null(umi_alloc(ctx, too_many[i][0], too_many[i][1]));
        assert_int_equal(um_context_get_error(ctx)->status, UM_ERROR_MEMORY);
    }
    assert_int_equal(h.calls, calls); /* an overflowed size never reaches the allocator */
    h.refuse_at = h.calls + 1;
    assert_null(umi_strdup(ctx, "text"));
    assert_int_equal(um_context_get_error(ctx)->status, UM_ERROR_MEMORY);
    assert_non_null(strstr(um_context_get_error(ctx)->message, "memory"));
    assert_int_equal(um_context_get_blocks(ctx), 0);
    um_context_destroy(ctx);
    assert_int_equal(h.live, 0);
}

static um_status fail_twice(um_context *ctx)
{
    UMI_TRY(UM_OK);
    UMI_TRY(umi_fail(ctx, UM_ERROR_DOMAIN, "no trap at theta = %g", 0.5));
    return UM_ERROR_INTERNAL;
}

static void test_messages(void **state)
{
    (void)state;
    um_context *ctx = NULL;
    assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
    const um_error *error = um_context_get_error(ctx);

    assert_int_equal(umi_fail_key(ctx, UM_ERROR_CONFIG, "atoms.q", "found %g", -1.0),
                     UM_ERROR_CONFIG);
    assert_int_equal(error->status, UM_ERROR_CONFIG);
    assert_string_equal(error->key, "atoms.q");
    assert_string_equal(error->message, "found -1");
    ctx->error.line = 7;
    ctx->error.level = 3;
    ctx->error.collision = 9;
    snprintf(ctx->error.file, sizeof ctx->error.file, "a.yaml");

    /* The next failure leaves nothing of this one; its message may quote it. */
    umi_fail(ctx, UM_ERROR_IO, "while reporting: %s", error->message);
    assert_string_equal(error->message, "while reporting: found -1");
    assert_string_equal(error->key, "");
    assert_string_equal(error->file, "");
    assert_int_equal(error->line, -1);
    assert_int_equal(error->level, -1);
    assert_int_equal(error->collision, -1);

    assert_int_equal(fail_twice(ctx), UM_ERROR_DOMAIN);
    assert_string_equal(error->message, "no trap at theta = 0.5");
    assert_ptr_equal(error, um_context_get_error(ctx));

    char text[4000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    umi_fail_key(ctx, UM_ERROR_CONFIG, text, "%s", text);
    assert_int_equal(strlen(error->message), sizeof error->message - 1);
    assert_int_equal(strlen(error->key), sizeof error->key - 1);
    um_context_destroy(ctx);
}

static void test_status_words(void **state)
{
    (void)state;
    assert_string_equal(um_status_get_name(UM_OK), "done");
    assert_string_equal(um_status_get_name(UM_ERROR_ARG), "argument");
    assert_string_equal(um_status_get_name(UM_ERROR_CONFIG), "configuration");
    assert_string_equal(um_status_get_name(UM_ERROR_NOCONV), "accuracy");
    assert_string_equal(um_status_get_name(UM_ERROR_INTERRUPTED), "interrupted");
    assert_string_equal(um_status_get_text(UM_ERROR_MEMORY), "out of memory");
    for (int a = 0; a < UM_STATUS_COUNT; a++) {
        assert_true(strlen(um_status_get_text((um_status)a)) > 0);
        for (int b = 0; b < a; b++)
            assert_string_not_equal(um_status_get_name((um_status)a),
                                    um_status_get_name((um_status)b));
    }
    const int outside[] = {UM_STATUS_COUNT, -1, INT32_MAX, INT32_MIN};
    for (int i = 0; i < 4; i++) {
        assert_string_equal(um_status_get_name((um_status)outside[i]), "unknown");
        assert_string_equal(um_status_get_text((um_status)outside[i]), "unknown status");
    }
}

static void test_sum(void **state)
{
    (void)state;
    umi_sum sum = {0};
    const double terms[] = {1.0, 1e100, 1.0, -1e100}; /* a plain sum gives 0, Kahan's too */
    for (int i = 0; i < 4; i++) umi_sum_add(&sum, terms[i]);
    CHECK_CLOSE(umi_sum_get(&sum), 2.0, 0.0);

    umi_sum many = {0};
    for (int i = 0; i < 10000000; i++) umi_sum_add(&many, 0.1);
    CHECK_CLOSE(umi_sum_get(&many), 1e6, 1e-9); /* a plain sum is off by 1.6e-4 */
}

static void test_clock(void **state)
{
    (void)state;
    double before = umi_seconds();
    for (int i = 0; i < 1000; i++) {
        double now = umi_seconds();
        assert_true(now >= before);
        before = now;
    }
    assert_int_equal(umi_min(2, -3), -3);
    assert_int_equal(umi_max(2, -3), 2);
}

/* What is given back is taken again, does not count, and goes with the context. */
static void test_scratch(void **state)
{
    (void)state;
    heap h = {0};
    um_context *ctx = create_on(&h);
    size_t live = h.live;
    umi_scratch first, second, none = {0};
    assert_int_equal(umi_scratch_take(ctx, 100, &first), UM_OK);
    assert_int_equal(umi_scratch_take(ctx, 50, &second), UM_OK);
    assert_true(first.size >= 100 && second.size >= 50 && first.block != second.block);
    assert_int_equal(um_context_get_blocks(ctx), 2);
    double *block = first.block;
    umi_scratch_give(ctx, &first);
    umi_scratch_give(ctx, &second);
    umi_scratch_give(ctx, &none);
    assert_null(first.block);
    assert_int_equal(um_context_get_blocks(ctx), 0);
    size_t calls = h.calls;
    assert_int_equal(umi_scratch_take(ctx, 90, &first), UM_OK);
    assert_ptr_equal(first.block, block);
    assert_int_equal(h.calls, calls);
    umi_scratch_give(ctx, &first);
    /* Larger ones take the places of smaller ones, very large ones are not kept. */
    for (size_t size = 1000; size < 1010; size++) {
        assert_int_equal(umi_scratch_take(ctx, size * size, &first), UM_OK);
        assert_int_equal(umi_scratch_take(ctx, size, &second), UM_OK);
        umi_scratch_give(ctx, &first);
        umi_scratch_give(ctx, &second);
    }
    assert_int_equal(um_context_get_blocks(ctx), 0);
    assert_true(h.live <= live + UMI_SCRATCH_KEPT);
    h.refuse_at = h.calls + 1;
    assert_int_equal(umi_scratch_take(ctx, 1 << 22, &first), UM_ERROR_MEMORY);
    umi_scratch_give(ctx, &first);
    assert_int_equal(um_context_get_blocks(ctx), 0);
    um_context_destroy(ctx);
    assert_int_equal(h.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),         cmocka_unit_test(test_wrong_options),
        cmocka_unit_test(test_options_are_copied), cmocka_unit_test(test_memory),
        cmocka_unit_test(test_memory_refused),   cmocka_unit_test(test_messages),
        cmocka_unit_test(test_status_words),     cmocka_unit_test(test_sum),
        cmocka_unit_test(test_clock),           cmocka_unit_test(test_scratch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
