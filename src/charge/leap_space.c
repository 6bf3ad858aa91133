/* How many levels and orders a leap needs: the motion is compressed in growing spaces until two of
 * them agree as far as it is wanted. A bound on what leaves through the top, summed over so many
 * collisions, would be of no use: what leaves comes back coherently. */
#include <math.h>
#include <string.h>

#include "charge/leap.h"
#include "forward/dense.h"
#include "state/state.h"

/* Growth of the space; where much stands at the top there is no point in small steps. */
static const double GROWTH = 1.4, GROWTH_CROWDED = 2, CROWDED = 1e-3;
/* Orders beyond those of the state: room for what it becomes. */
static const double ORDERS_ROOM = 2;
/* A space is hardly smaller with so large a part of its orders than with all. */
static const double ORDERS_ALL = 0.6;
enum { ORDERS_MORE = 4, ORDERS_TRIES = 2 };
static const double GUARD_OFF_ALLOWED = 1e-10;
/* Elements of the start that a dense space may leave out at its rim. */
static const double RIM_LEFT_OUT = 1e-16;
/* Levels that the first space has beyond those of the start. */
enum { LEVELS_MORE = 4 };

typedef struct search {
    um_run *run;
    int64_t wanted;
    bool final;     /* no later start will be tried: what is certain counts, however little */
    int held;       /* levels that the start needs */
    int limit;      /* levels there may be */
    bool closed;    /* ... and more would change nothing, */
    bool cut;       /* or are not wanted: the guard is off */
    double *sine;   /* |s_n| of the blocks; NULL: not known */
    double allowed; /* of the distance between two spaces */
    int orders;
} search;

/* Wide arithmetic leaves up to 1e-27 of a large space per collision. */
double umi_leap_tolerance(const um_spec *spec, size_t stage)
{
    double rounding = 1e-26 * (double)spec->stages[stage].collisions;
    return fmin(0.25 * spec->accuracy.truncation, fmax(1e-12, rounding));
}

static double usable_bytes(void) { return fmin(4e9, 0.5 * umi_machine_bytes()); }

/* A vector of a space costs about as much as a thousand steps: the rank up to which it is not better
 * to step on to the next start. Later ones are too far apart. */
static int worth(int64_t stage_done)
{
    return stage_done < 4096 ? 24 : stage_done < 16384 ? 36 : stage_done < 65536 ? 60 : 0;
}

static bool stop(void *user) { return umi_run_asked_to_stop(user); }

um_status umi_leap_compress(um_run *run, size_t stage, int64_t stage_done, const um_state *start,
                            int levels, int orders, umi_trajectory **trajectory)
{
    umi_trajectory_request request = {
        .model = run->model,
        .stage = stage,
        .start = start,
        .levels = levels,
        .orders = orders,
        .levels_named = run->levels_named,
        .collisions = run->spec->stages[stage].collisions - stage_done,
        .tolerance = umi_leap_tolerance(run->spec, stage),
        .rank_worth = worth(stage_done),
        .bytes_max = usable_bytes(),
        .stop = stop,
        .user = run,
    };
    return umi_trajectory_create(run->ctx, &request, trajectory);
}

/* |s_n| of the blocks as far as they are known, n = 1..levels. */
static um_status find_sines(search *s, int levels)
{
    um_run *run = s->run;
    s->sine = UMI_NEW_ARRAY(run->ctx, double, (size_t)levels + 1);
    _Float128 *block = UMI_NEW_ARRAY(run->ctx, _Float128, 2 * ((size_t)levels + 1));
    um_status status = s->sine && block ? UM_OK : UM_ERROR_MEMORY;
    if (status == UM_OK)
        status = umi_generator_blocks(run->ctx, run->model, run->stage, levels, block,
                                      block + levels + 1);
    /* Where something else lifts the battery across a trap, it is none. */
    bool traps = umi_generator_get_traps(run->model, run->stage) != UMI_TRAPS_NONE;
    for (int n = 0; status == UM_OK && n <= levels; n++)
        s->sine[n] = fmax(fabs((double)block[levels + 1 + n]), traps ? 0 : 0x1p-1000);
    umi_free(run->ctx, block);
    return status;
}

/* The largest space that leaves room for one to compare it with. */
static int below_limit(const search *s) { return s->limit - umi_max(4, s->limit / 16); }

/* A dense space costs levels^6: as few as hold all but what the bound can take. */
static um_status limit_dense(search *s)
{
    um_state *start;
    um_window window = um_state_get_window(s->run->state);
    UMI_TRY(um_state_create(s->run->ctx, window.levels, 1, 0, 0, &start));
    um_status status = um_state_copy(start, s->run->state);
    if (status == UM_OK) {
        um_state_trim(start, RIM_LEFT_OUT);
        s->held = um_state_get_window(start).last;
    }
    um_state_destroy(start);
    /* A cut space is never closed: what leaves through its top is lost. */
    if (s->cut || s->limit > UMI_DENSE_LEVELS) s->closed = s->cut = false;
    s->limit = umi_min(s->limit, UMI_DENSE_LEVELS);
    if (!s->closed) s->held = umi_min(s->held, below_limit(s) - LEVELS_MORE);
    return status;
}

/* Beyond an exact trap nothing gets, beyond a real wall there is nothing; with the guard off the
 * space is cut where it was said. */
static um_status find_limit(search *s)
{
    const um_spec *spec = s->run->spec;
    bool wall = spec->battery.kind == UM_BATTERY_CUSTOM ||
                (spec->battery.kind == UM_BATTERY_LADDER && spec->battery.levels != UM_LEVELS_AUTO);
    s->limit = s->run->levels_limit;
    s->cut = !wall && spec->accuracy.truncation >= 1;
    s->closed = wall || s->cut;
    s->held = um_state_get_window(s->run->state).last;
    if (umi_is_dense(s->run->model, s->run->stage)) return limit_dense(s);
    int levels = wall || s->limit == UM_LEVELS_MAX ? s->limit : s->limit + 1;
    UMI_TRY(find_sines(s, levels));
    /* The topmost one is that of the wall there. */
    for (int n = umi_max(s->held, 1); n < levels; n++)
        if (s->sine[n] == 0) {
            s->limit = n;
            s->closed = true;
            s->cut = false;
            break;
        }
    return UM_OK;
}

static int orders_of(const um_run *run)
{
    int orders = umi_max(um_state_get_window(run->state).orders, 1);
    if (umi_is_dense(run->model, run->stage)) return UM_LEVELS_MAX;
    if (!umi_generator_mixes_orders(run->model, run->stage)) return orders;
    return (int)(ORDERS_ROOM * orders) + ORDERS_MORE;
}

/* At least so many levels, but not ending near a trap, where a wall would hold back what leaks. */
static int choose_levels(const search *s, double levels)
{
    if (levels >= s->limit) {
        if (s->closed || !s->sine) return s->limit;
        levels = below_limit(s);
    }
    int best = umi_max((int)levels, 2);
    int last = umi_min(best + umi_max(4, best / 16), s->limit);
    for (int n = best + 1; s->sine && n <= last; n++)
        if (s->sine[n] > s->sine[best]) best = n;
    return umi_min(best, s->limit);
}

static um_status make(const search *s, int levels, int orders, umi_trajectory **trajectory)
{
    um_run *run = s->run;
    return umi_leap_compress(run, run->stage, run->stage_done, run->state, levels, orders,
                             trajectory);
}

static int round_orders(double orders, int levels)
{
    return orders < ORDERS_ALL * levels ? (int)orders : levels;
}

/* With more orders, where the first do not hold the motion. */
static um_status compress(search *s, int levels, umi_trajectory **trajectory)
{
    um_run *run = s->run;
    int orders = round_orders(s->orders, levels);
    UMI_TRY(make(s, levels, orders, trajectory));
    bool mixes = umi_generator_mixes_orders(run->model, run->stage);
    for (int i = 0; i < ORDERS_TRIES && mixes && orders < levels; i++) {
        int64_t reach = umi_trajectory_reach(*trajectory);
        if (!umi_trajectory_is_narrow(*trajectory)) break;
        orders = round_orders(1.6 * orders + 8, levels);
        umi_trajectory *wider;
        um_status status = make(s, levels, orders, &wider);
        if (status != UM_OK) {
            umi_trajectory_destroy(*trajectory);
            *trajectory = NULL;
            return status;
        }
        bool better = umi_trajectory_reach(wider) > reach;
        umi_trajectory_destroy(better ? *trajectory : wider);
        if (!better) break;
        *trajectory = wider;
        s->orders = orders;
    }
    return UM_OK;
}

/* Collisions, at most `until`, up to which two spaces agree; truncation: how well they do. */
static int64_t find_certain(const umi_trajectory_pair *pair, int64_t until, double allowed,
                            double *truncation)
{
    int64_t certain = 0;
    *truncation = 0;
    for (int shift = UMI_GRID_COARSE;; shift = UMI_GRID_FINE) {
        while (certain < until) {
            int64_t next = umi_grid_next(certain, shift);
            if (next > until) next = until;
            double distance = umi_trajectory_distance(pair, next);
            if (!(distance <= allowed)) break;
            *truncation = fmax(*truncation, distance);
            certain = next;
        }
        if (shift == UMI_GRID_FINE || certain == until) return certain;
    }
}

static um_status compare(const search *s, umi_trajectory *smaller, umi_trajectory *larger,
                         int64_t until, umi_leap_space *space)
{
    umi_trajectory_pair pair;
    um_status status = umi_trajectory_pair_create(smaller, larger, &pair);
    double allowed = s->allowed - umi_trajectory_bound(larger, 0); /* left out of the start */
    if (status == UM_OK) space->certain = find_certain(&pair, until, allowed, &space->truncation);
    umi_trajectory_pair_free(&pair);
    return status;
}

/* Photons that come by themselves, and atoms without coherence, cross what looks like an end of the
 * state: behind it there may be another maximum, which two spaces that both lack it do not know of. So
 * twice what would have left must be below what is allowed, too. */
static double find_leaving(umi_trajectory *t, int64_t collisions)
{
    umi_trajectory_totals totals;
    umi_trajectory_sums(t, collisions, &totals);
    return 2 * fmax(totals.leaving, 0);
}

static void limit_leaving(const search *s, umi_trajectory *t, umi_leap_space *space)
{
    const um_stage *stage = &s->run->spec->stages[s->run->stage];
    if (s->cut || stage->environment.kappa == 0) return;
    int64_t within = 0, beyond = space->certain + 1;
    if (find_leaving(t, space->certain) <= s->allowed) within = space->certain;
    while (beyond - within > 1) {
        int64_t middle = within + (beyond - within) / 2;
        if (find_leaving(t, middle) <= s->allowed)
            within = middle;
        else
            beyond = middle;
    }
    space->certain = within;
    space->truncation += find_leaving(t, within);
}

/* The last collision, at most `until`, with no more above the named levels than allowed. */
static int64_t last_within_named(const search *s, umi_trajectory *t, int64_t until)
{
    double allowed = s->run->spec->accuracy.truncation;
    int named = s->run->levels_named;
    if (named == 0 || umi_trajectory_layout(t)->levels <= named) return until;
    int64_t within = 0, beyond = 0;
    while (within < until) {
        int64_t next = umi_grid_next(within, UMI_GRID_FINE);
        if (next > until) next = until;
        if (!(umi_trajectory_value(t, next, UMI_FOLLOW_ABOVE) <= allowed)) {
            beyond = next;
            break;
        }
        within = next;
    }
    while (beyond - within > 1) {
        int64_t middle = within + (beyond - within) / 2;
        if (umi_trajectory_value(t, middle, UMI_FOLLOW_ABOVE) <= allowed)
            within = middle;
        else
            beyond = middle;
    }
    return within;
}

static bool is_last(const search *s, int levels) { return levels >= choose_levels(s, s->limit); }

/* What is known of the larger space from the smaller one. Where the last of all spaces is left
 * before it is certain no longer, a later start would find the same. */
static um_status judge(const search *s, umi_trajectory *smaller, umi_trajectory *larger,
                       umi_leap_space *space)
{
    int64_t until = umi_trajectory_reach(larger);
    bool last = is_last(s, umi_trajectory_layout(larger)->levels), closed = s->closed && last;
    space->certain = 0;
    space->truncation = closed && s->cut ? NAN : 0;
    space->end = UMI_LEAP_BOUND;
    if (until < s->wanted && !s->final && (closed || !last || !smaller)) return UM_OK;
    if (closed) {
        space->certain = until;
    } else {
        space->end = UMI_LEAP_LEVELS;
        if (!smaller) return UM_OK;
        if (umi_trajectory_reach(smaller) < until) until = umi_trajectory_reach(smaller);
        UMI_TRY(compare(s, smaller, larger, until, space));
        limit_leaving(s, larger, space);
        if (space->certain < until) return UM_OK;
    }
    space->end = until == s->wanted ? UMI_LEAP_COMPLETE : UMI_LEAP_BOUND;
    return UM_OK;
}

/* All levels at once where that is not much more. */
static int round_up(const search *s, int levels)
{
    return s->closed && levels * GROWTH >= s->limit ? s->limit : levels;
}

static int next_levels(const search *s, int levels, double growth)
{
    return round_up(s, choose_levels(s, ceil(levels * growth)));
}

/* Two spaces at least, unless nothing is beyond the first. Where the second would be the closed one,
 * which needs none to agree with, it is the first. */
static int first_levels(const search *s)
{
    int levels = choose_levels(s, s->held + LEVELS_MORE);
    if (!s->closed) return is_last(s, levels) ? umi_max(s->held, 1) : levels;
    return next_levels(s, levels, GROWTH) == s->limit ? s->limit : levels;
}

/* Whether there is memory, but not as much as a trajectory may have: nothing that must end a run. */
static bool is_over_budget(um_context *ctx)
{
    return strncmp(um_context_get_error(ctx)->message, "out of memory", 13) != 0;
}

static um_status grow(search *s, umi_leap_space *space)
{
    for (int levels = first_levels(s);;) {
        umi_trajectory *larger;
        um_status status = compress(s, levels, &larger);
        space->levels = levels;
        if (status == UM_ERROR_MEMORY && is_over_budget(s->run->ctx)) {
            space->end = UMI_LEAP_MEMORY;
            return UM_OK;
        }
        UMI_TRY(status);
        status = judge(s, space->trajectory, larger, space);
        umi_trajectory_destroy(space->trajectory);
        space->trajectory = larger;
        UMI_TRY(status);
        if (space->end != UMI_LEAP_LEVELS || is_last(s, levels)) return UM_OK;
        int64_t reach = umi_trajectory_reach(larger);
        bool crowded = umi_trajectory_value(larger, reach, UMI_FOLLOW_TOP) > CROWDED;
        levels = next_levels(s, levels, crowded ? GROWTH_CROWDED : GROWTH);
    }
}

um_status umi_leap_find_space(um_run *run, int64_t collisions, bool final, umi_leap_space *space)
{
    *space = (umi_leap_space){0};
    double truncation = run->spec->accuracy.truncation;
    double used = umi_sum_get(&run->totals.error_bound) + umi_leap_tolerance(run->spec, run->stage);
    search s = {
        .run = run,
        .wanted = collisions,
        .final = final,
        .allowed = truncation < 1 ? truncation - used : GUARD_OFF_ALLOWED,
        .orders = orders_of(run),
    };
    um_status status = find_limit(&s);
    if (status == UM_OK) status = grow(&s, space);
    if (status == UM_OK && space->certain > 0) {
        int64_t within = last_within_named(&s, space->trajectory, space->certain);
        if (within < space->certain) {
            space->certain = within;
            space->end = UMI_LEAP_NAMED;
        }
    }
    if (status != UM_OK) {
        umi_trajectory_destroy(space->trajectory);
        space->trajectory = NULL;
    }
    umi_free(run->ctx, s.sine);
    return status;
}
