/* Going through a leap: states, totals and energies at any of its collisions. */
#include "charge/leap.h"

#include <math.h>

#include "map/map.h"
#include "state/state.h"

void umi_leap_destroy(um_context *ctx, umi_leap *leap)
{
    if (!leap) return;
    um_state_destroy(leap->state);
    umi_trajectory_destroy(leap->trajectory);
    umi_free(ctx, leap);
}

um_status umi_leap_build(um_run *run, umi_leap *leap)
{
    if (leap->trajectory) return UM_OK;
    return umi_leap_compress(run, leap->stage, leap->stage_done, leap->state, leap->levels,
                             leap->orders, &leap->trajectory);
}

static double energy_after(const umi_leap *leap, int64_t collision)
{
    return umi_trajectory_value(leap->trajectory, collision - leap->start, UMI_FOLLOW_ENERGY);
}

static double time_after(const um_run *run, const umi_leap *leap, int64_t collision)
{
    double period = run->spec->stages[leap->stage].stream.period;
    return leap->totals.stage_start + (double)(leap->stage_done + collision - leap->start) * period;
}

static void look_for_power(const um_run *run, umi_leap *leap, int64_t collision, double energy)
{
    umi_power_look(&leap->power, energy - leap->totals.energy_initial,
                   time_after(run, leap, collision), collision);
}

/* A block with the energies at both of its ends. */
static um_status sample_block(um_run *run, umi_leap *leap, int64_t to)
{
    int64_t from = run->curve.collisions + 1;
    double first = energy_after(leap, from), last = from < to ? energy_after(leap, to) : first;
    look_for_power(run, leap, from, first);
    look_for_power(run, leap, to, last);
    return umi_curve_extend(run->ctx, &run->curve, to, fmin(first, last), fmax(first, last));
}

/* On the leap's own grid; what is left over up to now is taken back the next time. */
um_status umi_leap_sample(um_run *run, umi_leap *leap)
{
    umi_curve_cut(&run->curve, leap->sampled);
    for (;;) {
        int64_t next =
            leap->start + umi_grid_next(run->curve.collisions - leap->start, UMI_GRID_FINE);
        if (next > run->collision) break;
        UMI_TRY(sample_block(run, leap, next));
        leap->sampled = umi_curve_get_mark(&run->curve);
    }
    if (run->curve.collisions == run->collision) return UM_OK;
    umi_power before = leap->power;
    um_status status = sample_block(run, leap, run->collision);
    leap->power = before;
    return status;
}

/* Everything as it was at the start, with what was done since added in one piece. */
static void place_totals(um_run *run, const umi_leap *leap, int64_t done)
{
    const um_stage *stage = &run->spec->stages[leap->stage];
    umi_trajectory_totals since;
    umi_trajectory_sums(leap->trajectory, done, &since);
    umi_totals *totals = &run->totals;
    *totals = leap->totals;
    umi_totals_add_sums(totals, run->spec, stage,
                        um_observe_energy(run->state, run->spec->battery.energies), since.change,
                        since.switching, since.heat);
    umi_sum_add(&totals->error_bound,
                umi_trajectory_bound(leap->trajectory, done) + leap->truncation);
}

/* The run as it is after so many collisions of the leap. */
static um_status place(um_run *run, const umi_leap *leap, int64_t done)
{
    UMI_TRY(umi_trajectory_state(leap->trajectory, done, run->other));
    UMI_TRY(um_state_set_levels(run->other, leap->room));
    um_state *before = run->state;
    run->state = run->other;
    run->other = before;
    run->collision = leap->start + done;
    run->stage_done = leap->stage_done + done;
    place_totals(run, leap, done);
    umi_run_trim(run);
    if (run->map && um_map_get_info(run->map).levels == leap->room) return UM_OK;
    um_map_destroy(run->map);
    run->map = NULL;
    return umi_run_ensure_map(run);
}

/* The state at the start itself is known better than what it was compressed to. */
static um_status restart(um_run *run, const umi_leap *leap)
{
    UMI_TRY(um_state_copy(run->state, leap->state));
    run->collision = leap->start;
    run->stage_done = leap->stage_done;
    run->totals = leap->totals;
    um_map_destroy(run->map);
    run->map = NULL;
    return umi_run_ensure_map(run);
}

/* Collisions of the leap after which the steps to one begin. */
static int64_t steps_begin(const umi_leap *leap, int64_t collision)
{
    return (collision - 1 - leap->start) / UMI_LEAP_STEPS * UMI_LEAP_STEPS;
}

/* The states at which steps to this collision, and to those wanted after it, begin. */
static void expect(const um_run *run, const umi_leap *leap, int64_t collision)
{
    int64_t begin[UMI_FORWARD_STATES] = {steps_begin(leap, collision)};
    int count = 1;
    if (umi_trajectory_has(leap->trajectory, begin[0])) return;
    while (!run->silent && count < UMI_FORWARD_STATES && collision < leap->to) {
        collision = umi_leap_next_wanted(run, collision, leap->to);
        int64_t next = steps_begin(leap, collision);
        if (next > begin[count - 1]) begin[count++] = next;
    }
    umi_trajectory_expect(leap->trajectory, count, begin);
}

/* To where the steps to a collision begin, unless it came from there already. */
static um_status place_before(um_run *run, const umi_leap *leap, int64_t collision)
{
    int64_t done = steps_begin(leap, collision);
    if (run->collision > leap->start + done && run->collision < collision) return UM_OK;
    if (done == 0) return restart(run, leap);
    expect(run, leap, collision);
    return place(run, leap, done);
}

static void summarise(um_run *run, const umi_leap *leap)
{
    const umi_layout *layout = umi_trajectory_layout(leap->trajectory);
    run->result->stages[leap->stage].forward = (um_forward_summary){
        .from = leap->start,
        .to = run->collision,
        .levels = layout->levels,
        .orders = layout->orders,
        .rank = umi_trajectory_rank(leap->trajectory),
        .bound = umi_trajectory_bound(leap->trajectory, run->collision - leap->start),
        .truncation = leap->truncation,
    };
}

um_status umi_leap_go(um_run *run, umi_leap *leap, int64_t collision)
{
    UMI_TRY(place_before(run, leap, collision));
    while (run->collision < collision) UMI_TRY(umi_run_collide(run, true));
    if (run->silent) return UM_OK;
    UMI_TRY(umi_leap_sample(run, leap));
    if (leap->power.maximum > run->totals.power.maximum) run->totals.power = leap->power;
    summarise(run, leap);
    return UM_OK;
}
