/* Members of a team wait for offers. One that is late, having gone to sleep or lost its core to somebody else, is
 * not waited for: whoever offered withdraws the offer and does that part, too. One that loses its core in the midst
 * of a part has to be waited for. After that, or when nobody has come for a while, all work is done alone for many
 * times as long: threads on a machine that has no core for them, or for tasks that are far between, cost little. */
#include "base/team.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

/* A member's state: nothing to do, something offered, being done; the end. */
enum { FREE, OFFERED, TAKEN, QUIT };

/* Looks between two glances at the clock; looks before a core is left to others. */
enum { LOOKS = 64, LOOKS_MANY = 4096 };
/* Two collisions of a run are less apart than this, if nothing is recorded between them. */
static const double AWAKE_SECONDS = 100e-6;
/* Waking up takes no longer. */
static const double LATE_SECONDS = 300e-6;
/* Alone, for each second that was lost; and never longer than so. */
static const double ALONE_SECONDS = 30, ALONE_MOST = 0.5;

/* What changes with every task has a cache line of its own. */
typedef struct member {
    _Alignas(64) _Atomic int state;
    int part;
    umi_task *task;
    void *data;
    _Alignas(64) atomic_bool asleep;
    pthread_t thread;
    pthread_mutex_t lock; /* of `asleep` from true to false and back */
    pthread_cond_t woken;
} member;

struct umi_team {
    int size; /* members, and who they work for */
    member *members;
    double missed_since; /* nobody has come since; 0: somebody has */
    double alone_until;  /* 0: not alone */
};

static void pause_briefly(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void fall_asleep(member *me)
{
    pthread_mutex_lock(&me->lock);
    atomic_store(&me->asleep, atomic_load(&me->state) == FREE);
    while (atomic_load(&me->asleep)) pthread_cond_wait(&me->woken, &me->lock);
    pthread_mutex_unlock(&me->lock);
}

static void wake(member *it)
{
    pthread_mutex_lock(&it->lock);
    atomic_store(&it->asleep, false);
    pthread_cond_signal(&it->woken);
    pthread_mutex_unlock(&it->lock);
}

static bool change(member *it, int from, int to)
{
    return atomic_load_explicit(&it->state, memory_order_relaxed) == from &&
           atomic_compare_exchange_strong(&it->state, &from, to);
}

/* Until an offer is taken; false: it is over. */
static bool await(member *me)
{
    double since = umi_seconds();
    for (;;) {
        for (int i = 0; i < LOOKS; i++) {
            if (change(me, OFFERED, TAKEN)) return true;
            pause_briefly();
        }
        if (atomic_load(&me->state) == QUIT) return false;
        if (umi_seconds() - since < AWAKE_SECONDS) continue;
        fall_asleep(me);
        since = umi_seconds();
    }
}

static void *work(void *self)
{
    member *me = self;
    while (await(me)) {
        me->task(me->data, me->part);
        atomic_store_explicit(&me->state, FREE, memory_order_release);
    }
    return NULL;
}

static bool start(member *it)
{
    pthread_mutex_init(&it->lock, NULL);
    pthread_cond_init(&it->woken, NULL);
    if (pthread_create(&it->thread, NULL, work, it) == 0) return true;
    pthread_cond_destroy(&it->woken);
    pthread_mutex_destroy(&it->lock);
    return false;
}

static void end(member *it)
{
    atomic_store(&it->state, QUIT);
    wake(it);
    pthread_join(it->thread, NULL);
    pthread_cond_destroy(&it->woken);
    pthread_mutex_destroy(&it->lock);
}

/* Signals are for the thread that the program began with. */
static void start_all(umi_team *team, int threads)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (team->size = 1; team->size < threads; team->size++)
        if (!start(&team->members[team->size - 1])) break;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static bool is_alone(umi_team *team)
{
    if (team->alone_until > 0 && umi_seconds() >= team->alone_until) team->alone_until = 0;
    return team->alone_until > 0;
}

int umi_team_get_size(um_context *ctx)
{
    const int threads = ctx->options.threads;
    if (threads <= 1 || ctx->team_refused) return 1;
    if (ctx->team) return is_alone(ctx->team) ? 1 : ctx->team->size;
    um_error error = ctx->error;
    umi_team *team = UMI_NEW(ctx, umi_team);
    if (team) team->members = UMI_NEW_ARRAY(ctx, member, (size_t)threads - 1);
    if (!team || !team->members) {
        umi_free(ctx, team);
        ctx->error = error;
        ctx->team_refused = true;
        return 1;
    }
    ctx->blocks -= 2; /* the context's own */
    ctx->team = team;
    start_all(team, threads);
    return team->size;
}

static void offer(member *it, umi_task *task, void *data, int part)
{
    it->task = task;
    it->data = data;
    it->part = part;
    atomic_store_explicit(&it->state, OFFERED, memory_order_release);
    if (atomic_load_explicit(&it->asleep, memory_order_relaxed)) wake(it);
}

static void stay_alone(umi_team *team, double now, double lost)
{
    team->alone_until = now + fmin(ALONE_SECONDS * lost, ALONE_MOST);
}

/* Until all are done with what began at `begun`. Waiting is lost if it takes longer than the own part did. */
static void wait_for(umi_team *team, int members, double begun)
{
    double waiting = 0;
    for (int i = 0, looks = 1; i < members; looks++) {
        if (atomic_load_explicit(&team->members[i].state, memory_order_acquire) == FREE) {
            i++;
            continue;
        }
        pause_briefly();
        if (looks % LOOKS_MANY != 0) continue;
        if (waiting == 0) waiting = umi_seconds();
        sched_yield();
    }
    if (waiting == 0) return;
    double now = umi_seconds();
    if (now - waiting > waiting - begun) stay_alone(team, now, now - waiting);
}

static void note_missed(umi_team *team, double begun)
{
    if (team->missed_since == 0) team->missed_since = begun;
    double lost = begun - team->missed_since;
    if (lost < LATE_SECONDS) return;
    stay_alone(team, begun, lost);
    team->missed_since = 0;
}

void umi_team_run(um_context *ctx, umi_task *task, void *data, int parts)
{
    umi_team *team = ctx->team;
    const int members = parts > 1 && !is_alone(team) ? parts - 1 : 0;
    double begun = members > 0 ? umi_seconds() : 0;
    for (int i = 0; i < members; i++) offer(&team->members[i], task, data, i + 1);
    task(data, 0);
    int missed = 0;
    for (int i = 0; i < parts - 1; i++) {
        if (i < members && !change(&team->members[i], OFFERED, FREE)) continue;
        task(data, i + 1);
        missed++;
    }
    if (members == 0) return;
    if (missed == members) {
        note_missed(team, begun);
        return;
    }
    team->missed_since = 0;
    wait_for(team, members, begun);
}

void umi_team_destroy(um_context *ctx)
{
    umi_team *team = ctx->team;
    if (!team) return;
    for (int i = 0; i < team->size - 1; i++) end(&team->members[i]);
    ctx->blocks += 2;
    umi_free(ctx, team->members);
    umi_free(ctx, team);
    ctx->team = NULL;
}
