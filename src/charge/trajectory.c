/* A trajectory: the window's map, the compressed motion, and the functionals that are followed. */
#include <math.h>

#include "charge/trajectory.h"
#include "state/state.h"

struct umi_trajectory {
    um_context *ctx;
    umi_forward_map *map;
    umi_forward_operator generator;
    umi_forward *forward;
    umi_wide_vector functional[UMI_FOLLOWED]; /* the first OWNED are its own */
    double *states; /* after each of the collisions that are `expected` */
    int64_t expected[UMI_FORWARD_STATES];
    int expected_count;
    double dropped;
    int quarter;
    double phase;
};

enum { OWNED = UMI_FOLLOW_CHANGE };
/* Of the generator and of two vectors for each of a common number of dimensions. */
static const double BYTES_PER_ELEMENT = 300 + 40 * 2 * sizeof(umi_wide);

static int followed_of_rate(int rate)
{
    static const int followed[] = {UMI_FOLLOW_CHANGE, UMI_FOLLOW_SWITCHING, UMI_FOLLOW_HEAT,
                                   UMI_FOLLOW_LEAVING};
    return followed[rate];
}

static um_status make_functionals(umi_trajectory *t, const umi_trajectory_request *request)
{
    const umi_layout *layout = umi_trajectory_layout(t);
    const um_battery *battery = &um_model_get_spec(request->model)->battery;
    int named = request->levels_named > 0 ? request->levels_named : layout->levels;
    for (int i = 0; i < OWNED; i++)
        UMI_TRY(umi_wide_vector_create(t->ctx, umi_layout_size(layout), &t->functional[i]));
    for (int n = 0; n < layout->levels; n++) {
        size_t at = umi_layout_index(layout, 0, 0, n);
        t->functional[UMI_FOLLOW_ENERGY].hi[at] = um_battery_get_energy(battery, n);
        t->functional[UMI_FOLLOW_ABOVE].hi[at] = n >= named;
        t->functional[UMI_FOLLOW_TOP].hi[at] = n >= layout->levels - 2;
    }
    for (int i = 0; i < UMI_RATES; i++)
        t->functional[followed_of_rate(i)] = umi_forward_map_rates(t->map)[i];
    return UM_OK;
}

/* One plane where map and state are real in the gauge, or populations alone are there. */
static umi_layout layout_of(const umi_trajectory_request *request)
{
    bool populations = request->orders == 1 &&
                       !umi_generator_mixes_orders(request->model, request->stage);
    bool real = umi_generator_is_real(request->model, request->stage) &&
                um_state_get_window(request->start).planes == 1;
    return (umi_layout){.levels = request->levels,
                        .orders = umi_min(request->orders, request->levels),
                        .planes = real || populations ? 1 : 2};
}

static um_status compress(umi_trajectory *t, const umi_trajectory_request *request)
{
    umi_wide_vector start = {0};
    UMI_TRY(umi_wide_vector_create(t->ctx, umi_layout_size(umi_trajectory_layout(t)), &start));
    t->dropped = umi_layout_from_state(umi_trajectory_layout(t), request->start, start);
    umi_forward_options options = {
        .collisions = request->collisions,
        .tolerance = request->tolerance,
        .rank_worth = request->rank_worth,
        .functionals = UMI_FOLLOWED,
        .functional = t->functional,
        .stop = request->stop,
        .user = request->user,
    };
    um_status status = umi_forward_create(t->ctx, &t->generator, start, &options, &t->forward);
    umi_wide_vector_free(t->ctx, &start);
    return status;
}

static um_status fill(umi_trajectory *t, const umi_trajectory_request *request)
{
    umi_layout layout = layout_of(request);
    double bytes = BYTES_PER_ELEMENT * (double)umi_layout_size(&layout);
    if (bytes > request->bytes_max)
        return umi_fail(t->ctx, UM_ERROR_MEMORY,
                        "fast-forward on %d levels and %d coherence orders needs %.3g GB; %.3g GB "
                        "are allowed",
                        layout.levels, layout.orders, bytes / 1e9, request->bytes_max / 1e9);
    UMI_TRY(umi_forward_map_create(t->ctx, request->model, request->stage, &layout,
                                   request->bytes_max, &t->map));
    UMI_TRY(make_functionals(t, request));
    t->states = UMI_NEW_ARRAY(t->ctx, double, UMI_FORWARD_STATES * umi_layout_size(&layout));
    if (!t->states) return UM_ERROR_MEMORY;
    t->generator = umi_forward_map_operator(t->map);
    t->quarter = request->start->quarter;
    t->phase = request->start->phase;
    return compress(t, request);
}

um_status umi_trajectory_create(um_context *ctx, const umi_trajectory_request *request,
                                umi_trajectory **trajectory)
{
    *trajectory = NULL;
    umi_trajectory *made = UMI_NEW(ctx, umi_trajectory);
    if (!made) return UM_ERROR_MEMORY;
    made->ctx = ctx;
    um_status status = fill(made, request);
    if (status != UM_OK) {
        umi_trajectory_destroy(made);
        return status;
    }
    *trajectory = made;
    return UM_OK;
}

void umi_trajectory_destroy(umi_trajectory *t)
{
    if (!t) return;
    umi_forward_destroy(t->ctx, t->forward);
    umi_forward_map_destroy(t->map);
    for (int i = 0; i < OWNED; i++) umi_wide_vector_free(t->ctx, &t->functional[i]);
    umi_free(t->ctx, t->states);
    umi_free(t->ctx, t);
}

const umi_layout *umi_trajectory_layout(const umi_trajectory *t)
{
    return umi_forward_map_layout(t->map);
}

int umi_trajectory_rank(const umi_trajectory *t) { return umi_forward_rank(t->forward); }

int64_t umi_trajectory_reach(const umi_trajectory *t) { return umi_forward_reach(t->forward); }

bool umi_trajectory_is_narrow(const umi_trajectory *t)
{
    return umi_forward_get_end(t->forward) == UMI_FORWARD_NARROW;
}

double umi_trajectory_bound(umi_trajectory *t, int64_t collisions)
{
    return t->dropped + umi_forward_bound(t->forward, collisions);
}

double umi_trajectory_value(umi_trajectory *t, int64_t collisions, int followed)
{
    umi_wide values[UMI_FOLLOWED];
    umi_forward_functionals(t->forward, collisions, values, NULL);
    return umi_wide_get(values[followed]);
}

void umi_trajectory_sums(umi_trajectory *t, int64_t collisions, umi_trajectory_totals *totals)
{
    umi_wide sums[UMI_FOLLOWED];
    umi_forward_functionals(t->forward, collisions, NULL, sums);
    *totals = (umi_trajectory_totals){
        .change = umi_wide_get(sums[UMI_FOLLOW_CHANGE]),
        .switching = umi_wide_get(sums[UMI_FOLLOW_SWITCHING]),
        .heat = umi_wide_get(sums[UMI_FOLLOW_HEAT]),
        .leaving = umi_wide_get(sums[UMI_FOLLOW_LEAVING]),
    };
}

static double *state_at(const umi_trajectory *t, int place)
{
    return t->states + (size_t)place * t->generator.size;
}

void umi_trajectory_expect(umi_trajectory *t, int count, const int64_t *collisions)
{
    double *x[UMI_FORWARD_STATES];
    for (int i = 0; i < count; i++) {
        t->expected[i] = collisions[i];
        x[i] = state_at(t, i);
    }
    t->expected_count = count;
    umi_forward_states(t->forward, count, collisions, x);
}

static int find_expected(const umi_trajectory *t, int64_t collisions)
{
    for (int i = 0; i < t->expected_count; i++)
        if (t->expected[i] == collisions) return i;
    return -1;
}

bool umi_trajectory_has(const umi_trajectory *t, int64_t collisions)
{
    return find_expected(t, collisions) >= 0;
}

um_status umi_trajectory_state(umi_trajectory *t, int64_t collisions, um_state *state)
{
    if (!umi_trajectory_has(t, collisions)) umi_trajectory_expect(t, 1, &collisions);
    state->quarter = t->quarter;
    state->phase = t->phase;
    return umi_layout_to_state(umi_trajectory_layout(t),
                               state_at(t, find_expected(t, collisions)), state);
}

/* Where the elements of one layout are in another. */
static void find_places(const umi_layout *small, const umi_layout *large, size_t *place)
{
    for (size_t i = 0; i < umi_layout_size(small); i++) place[i] = UMI_FORWARD_NOWHERE;
    for (int plane = 0; plane < umi_min(small->planes, large->planes); plane++)
        for (int k = plane; k < umi_min(small->orders, large->orders); k++)
            for (int n = 0; n + k < umi_min(small->levels, large->levels); n++)
                place[umi_layout_index(small, plane, k, n)] = umi_layout_index(large, plane, k, n);
}

um_status umi_trajectory_pair_create(umi_trajectory *small, umi_trajectory *large,
                                     umi_trajectory_pair *pair)
{
    const umi_layout *layout = umi_trajectory_layout(small);
    *pair = (umi_trajectory_pair){
        .norm_factor = fmax(small->generator.norm_factor, large->generator.norm_factor)};
    size_t *place = UMI_NEW_ARRAY(small->ctx, size_t, umi_layout_size(layout));
    if (!place) return UM_ERROR_MEMORY;
    find_places(layout, umi_trajectory_layout(large), place);
    um_status status =
        umi_forward_pair_create(small->ctx, large->forward, small->forward, place, &pair->pair);
    umi_free(small->ctx, place);
    return status;
}

void umi_trajectory_pair_free(umi_trajectory_pair *pair)
{
    umi_forward_pair_destroy(pair->pair);
    pair->pair = NULL;
}

double umi_trajectory_distance(const umi_trajectory_pair *pair, int64_t collisions)
{
    return pair->norm_factor * umi_forward_pair_distance(pair->pair, collisions);
}
