/* The threads of a context: each part is done once, by somebody, whether or not threads are there and awake. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "base/team.h"
#include "check.h"
#include "released.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { PARTS = 5 };

/* Sanitizers have a pthread_create of their own. */
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define REFUSES 1
#include <dlfcn.h>
static int granted = -1; /* threads the system still has; -1: any number */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *), void *data)
{
    typedef int creator(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (granted == 0) return EAGAIN;
    if (granted > 0) granted--;
    creator *real;
    *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    return real(thread, attributes, work, data);
}
#endif

/* Done by part, and by threads other than the first one. */
typedef struct tally {
    pthread_t first;
    int64_t rounds[PARTS];
    double seconds;
    atomic_llong elsewhere;
} tally;

static void rest(double seconds)
{
    struct timespec time = {.tv_nsec = (long)(seconds * 1e9)};
    nanosleep(&time, NULL);
}

static void count(void *data, int part)
{
    tally *it = data;
    it->rounds[part]++;
    if (!pthread_equal(pthread_self(), it->first)) atomic_fetch_add(&it->elsewhere, 1);
    if (it->seconds > 0) rest(it->seconds);
}

static um_context *create(int threads)
{
    um_context *ctx;
    um_context_options options = {.threads = threads};
    assert_int_equal(um_context_create(&options, &ctx), UM_OK);
    return ctx;
}

/* Every part as often as it was asked for. */
static tally share(um_context *ctx, int parts, int rounds, double seconds, double between)
{
    tally it = {.first = pthread_self(), .seconds = seconds};
    for (int i = 0; i < rounds; i++) {
        umi_team_run(ctx, count, &it, parts);
        if (between > 0) rest(between);
    }
    for (int part = 0; part < PARTS; part++) assert_int_equal(it.rounds[part], part < parts ? rounds : 0);
    return it;
}

static void parts_are_done_once(void **unused)
{
    (void)unused;
    um_context *ctx = create(PARTS);
    assert_int_equal(umi_team_get_size(ctx), PARTS);
    assert_int_equal(um_context_get_blocks(ctx), 0); /* the team is the context's own */
    for (int parts = 1; parts <= PARTS; parts++) {
        share(ctx, parts, 20000, 0, 0);
        share(ctx, parts, 20, 1e-5, 1e-3); /* between which they fall asleep */
    }
    /* Long ones are shared, even where there is but one core. */
    assert_true(share(ctx, PARTS, 20, 2e-3, 0).elsewhere > 0);
    assert_int_equal(test_released(ctx), 0);
}

static void one_thread_needs_no_team(void **unused)
{
    (void)unused;
    um_context *ctx = create(0);
    assert_int_equal(umi_team_get_size(ctx), 1);
    assert_null(ctx->team);
    assert_int_equal(share(ctx, 1, 3, 0, 0).elsewhere, 0);
    umi_team_destroy(ctx);
    assert_int_equal(test_released(ctx), 0);
}

static void fewer_threads_are_no_failure(void **unused)
{
    (void)unused;
#ifdef REFUSES
    for (int most = 0; most < 3; most++) {
        um_context *ctx = create(PARTS);
        granted = most;
        assert_int_equal(umi_team_get_size(ctx), 1 + most);
        granted = -1;
        assert_int_equal(umi_team_get_size(ctx), 1 + most); /* nor are they asked for again */
        assert_int_equal(um_context_get_error(ctx)->status, UM_OK);
        share(ctx, 1 + most, 100, 0, 0);
        assert_int_equal(test_released(ctx), 0);
    }
#else
    skip();
#endif
}

/* Grants so many blocks. */
static void *allocate(void *user, size_t bytes)
{
    int *left = user;
    return (*left)-- > 0 ? malloc(bytes) : NULL;
}

static void release(void *user, void *block)
{
    (void)user;
    free(block);
}

static void no_memory_is_no_failure(void **unused)
{
    (void)unused;
    for (int blocks = 0; blocks < 2; blocks++) {
        int left = 1 + blocks; /* the context is one */
        um_context *ctx;
        um_context_options options = {.allocate = allocate, .release = release, .user = &left, .threads = 2};
        assert_int_equal(um_context_create(&options, &ctx), UM_OK);
        assert_int_equal(umi_team_get_size(ctx), 1);
        left = 10;
        assert_int_equal(umi_team_get_size(ctx), 1);
        assert_int_equal(um_context_get_error(ctx)->status, UM_OK);
        share(ctx, 1, 3, 0, 0);
        assert_int_equal(test_released(ctx), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_done_once), cmocka_unit_test(one_thread_needs_no_team),
        cmocka_unit_test(fewer_threads_are_no_failure), cmocka_unit_test(no_memory_is_no_failure)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
