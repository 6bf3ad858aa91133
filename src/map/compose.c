/* The composed map: collision, empty slots, gap. */
#include "map/compose.h"

#include <math.h>
#include <string.h>

#include "map/channel.h"
#include "model/model.h"

typedef struct composed_map {
    um_map base;
    um_map *inner;
    umi_channel *gap, *empty; /* NULL: nothing happens */
    double present; /* the chance of an atom */
    um_state *collided, *skipped, *mixed;
    long double *exact; /* populations, two per level */
} composed_map;

bool umi_collision_is_composed(const umi_collision *it)
{
    bool open = umi_environment_acts(&it->environment) && it->gap > 0;
    return open || it->stream.atom_probability < 1 || it->stream.arrivals == UM_ARRIVALS_POISSON;
}

umi_collision umi_collision_inside(const umi_collision *it)
{
    umi_collision inside = *it;
    inside.gap = 0;
    return inside;
}

bool umi_collision_has_gap(const umi_collision *it)
{
    return it->gap > 0 && (umi_environment_acts(&it->environment) || !it->even);
}

bool umi_collision_leave_out(const umi_collision *it, umi_collision *empty)
{
    *empty = *it;
    if (!it->environment.during_collision) empty->environment = (um_environment){0};
    return it->interaction.tau > 0 && (umi_environment_acts(&empty->environment) || !it->even);
}

static const char *name_of(const char *inner, bool open)
{
    static const char *const names[][3] = {
        {"resonant-stencil", "resonant-stencil+slots", "resonant-stencil+channel"},
        {"detuned-stencil", "detuned-stencil+slots", "detuned-stencil+channel"},
        {"unitary", "unitary+slots", "unitary+channel"},
        {"joint-table", "joint-table+slots", "joint-table+channel"},
        {"open-rabi", "open-rabi+slots", "open-rabi+channel"},
        {"averaged-resonant", "averaged-resonant+slots", "averaged-resonant+channel"},
        {"averaged-detuned", "averaged-detuned+slots", "averaged-detuned+channel"},
        {"averaged-joint", "averaged-joint+slots", "averaged-joint+channel"},
        {"averaged-mixture", "averaged-mixture+slots", "averaged-mixture+channel"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(inner, names[i][0]) == 0) return names[i][open ? 2 : 1];
    return open ? "collision+channel" : "collision+slots";
}

/* p there + (1 - p) skipped */
static um_status mix(double p, const um_state *there, const um_state *skipped, um_state *out)
{
    UMI_TRY(umi_state_resize(out, there->levels, 0, 0, 0, 1));
    UMI_TRY(umi_state_add(out, p, there));
    UMI_TRY(umi_state_add(out, 1 - p, skipped));
    umi_state_seal(out);
    return UM_OK;
}

static void weigh(um_outcome *outcome, double present)
{
    outcome->change *= present;
    outcome->coupling_start *= present;
    outcome->coupling_end *= present;
    outcome->heat *= present;
    outcome->error_bound *= present;
    outcome->present = present;
}

/* The empty slot: its state, which may be `in` itself. */
static um_status skip(composed_map *map, const um_state *in, um_outcome *outcome,
                      const um_state **skipped)
{
    *skipped = in;
    if (!map->empty) return UM_OK;
    umi_channel_outcome passed;
    UMI_TRY(um_state_copy(map->collided, in));
    UMI_TRY(umi_channel_apply(map->empty, map->collided, map->skipped, outcome ? &passed : NULL));
    *skipped = map->skipped;
    if (!outcome) return UM_OK;
    outcome->heat += (1 - map->present) * passed.heat;
    outcome->error_bound += (1 - map->present) * passed.error_bound;
    return UM_OK;
}

/* The slot without its gap, into `out`. */
static um_status fill_slot(composed_map *map, const um_state *in, um_state *out, um_outcome *outcome,
                           bool brief)
{
    const double p = map->present;
    if (p == 1) return umi_map_apply(map->inner, in, out, outcome, brief);
    const um_state *skipped;
    um_outcome nobody = {.excited = NAN, .coherence_re = NAN, .coherence_im = NAN, .duration = NAN};
    if (outcome) *outcome = nobody;
    if (p > 0) {
        UMI_TRY(umi_map_apply(map->inner, in, map->mixed, outcome, brief));
        if (outcome) weigh(outcome, p);
    }
    UMI_TRY(skip(map, in, outcome, &skipped));
    return p == 0 ? um_state_copy(out, skipped) : mix(p, map->mixed, skipped, out);
}

static um_status apply(um_map *base, const um_state *in, um_state *out, um_outcome *outcome, bool brief)
{
    composed_map *map = (composed_map *)base;
    if (!map->gap) {
        UMI_TRY(fill_slot(map, in, out, outcome, brief));
    } else {
        umi_channel_outcome passed;
        UMI_TRY(fill_slot(map, in, map->collided, outcome, brief));
        UMI_TRY(umi_channel_apply(map->gap, map->collided, out, outcome ? &passed : NULL));
        if (outcome) {
            outcome->heat += passed.heat;
            outcome->error_bound += passed.error_bound;
        }
    }
    return UM_OK;
}

static um_status apply_adjoint(um_map *base, const um_state *in, um_state *out)
{
    composed_map *map = (composed_map *)base;
    const double p = map->present;
    UMI_TRY(um_state_copy(map->collided, in));
    if (map->gap) {
        UMI_TRY(umi_channel_apply_adjoint(map->gap, map->collided, map->mixed));
        map->mixed->quarter = base->quarter;
        map->mixed->phase = base->phase;
        UMI_TRY(um_state_copy(map->collided, map->mixed));
    }
    if (p == 1) return um_map_apply_adjoint(map->inner, map->collided, out);
    if (p > 0) UMI_TRY(um_map_apply_adjoint(map->inner, map->collided, map->mixed));
    const um_state *skipped = map->collided;
    if (map->empty) {
        UMI_TRY(umi_channel_apply_adjoint(map->empty, map->collided, map->skipped));
        skipped = map->skipped;
    }
    return p == 0 ? um_state_copy(out, skipped) : mix(p, map->mixed, skipped, out);
}

/* sum_i weight_i a_i into a */
static void blend(int count, long double here, long double *a, long double there, const long double *b)
{
    for (int n = 0; n < count; n++) a[n] = here * a[n] + there * b[n];
}

/* Populations of the image in extended precision. */
static bool find_exact(composed_map *map, const um_state *before)
{
    int levels = before->levels;
    um_map *inner = map->inner;
    long double *p = map->exact, *none = p + levels;
    int first = umi_max(before->first - 1, 0), last = umi_min(before->last + 1, levels);
    bool known = inner->class->find_populations && inner->info.reach <= 1 &&
                 (!map->gap || umi_channel_can_refine(map->gap)) &&
                 (!map->empty || umi_channel_can_refine(map->empty));
    memset(p, 0, 2 * (size_t)levels * sizeof *p);
    if (!known || before->last == before->first || !inner->class->find_populations(inner, before, first, last, p))
        return false;
    for (int n = before->first; n < before->last; n++) none[n] = umi_state_row(before, 0, 0)[n];
    if (map->empty) umi_channel_refine(map->empty, none);
    blend(levels, map->present, p, 1 - (long double)map->present, none);
    if (map->gap) umi_channel_refine(map->gap, p);
    return true;
}

static void refine(um_map *base, const um_state *before, um_state *after, int count)
{
    composed_map *map = (composed_map *)base;
    if (!find_exact(map, before)) return;
    double *image = umi_state_row(after, 0, 0);
    for (int n = after->first; n < after->last; n++) image[n] += (double)(count * (map->exact[n] - image[n]));
}

static um_status set_collision(um_map *base, int64_t collision, double time)
{
    return um_map_set_collision(((composed_map *)base)->inner, collision, time);
}

static int climb(const um_map *base, int last)
{
    const composed_map *map = (const composed_map *)base;
    int end = last + umi_map_get_climb(map->inner, last);
    if (map->empty) end = umi_max(end, last + umi_channel_get_climb(map->empty, last));
    if (map->gap) end += umi_channel_get_climb(map->gap, end);
    return end - last;
}

static void destroy(um_map *base)
{
    composed_map *map = (composed_map *)base;
    um_map_destroy(map->inner);
    umi_channel_destroy(map->gap);
    umi_channel_destroy(map->empty);
    um_state_destroy(map->collided);
    um_state_destroy(map->skipped);
    um_state_destroy(map->mixed);
    umi_free(base->ctx, map->exact);
    umi_free(base->ctx, map);
}

static const umi_map_class composed_class = {
    .apply = apply,
                                             .apply_adjoint = apply_adjoint,
                                             .set_collision = set_collision,
                                             .refine = refine,
                                             .climb = climb,
                                             .destroy = destroy};

/* What happens while no atom is inside, whether atoms come at all. */
static um_status make_channels(um_context *ctx, const umi_collision *it, composed_map *made)
{
    bool poisson = it->stream.arrivals == UM_ARRIVALS_POISSON;
    umi_collision empty;
    if (umi_collision_has_gap(it)) {
        UMI_TRY(umi_channel_create(ctx, it, &made->gap));
        UMI_TRY(poisson ? umi_channel_set_wait(made->gap, 1 / it->gap)
                        : umi_channel_set_time(made->gap, it->gap));
    }
    if (made->present == 1 || !umi_collision_leave_out(it, &empty)) return UM_OK;
    UMI_TRY(umi_channel_create(ctx, &empty, &made->empty));
    return umi_channel_set_time(made->empty, it->interaction.tau);
}

static void describe(composed_map *map)
{
    um_map_info *info = &map->base.info;
    int reach = info->reach;
    if (map->empty) reach = umi_max(reach, umi_channel_get_reach(map->empty));
    if (map->gap) reach += umi_channel_get_reach(map->gap);
    info->reach = umi_min(reach, info->levels);
    info->method = name_of(info->method, map->gap || map->empty);
}

um_status umi_map_create_composed(um_context *ctx, const umi_collision *it, um_map *inner, um_map **map)
{
    *map = NULL;
    bool poisson = it->stream.arrivals == UM_ARRIVALS_POISSON;
    composed_map *made = NULL;
    um_status status = UM_OK;
    if (poisson && it->interaction.counter_rotating > 0)
        status = umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "stream.arrivals",
                              "poisson arrivals with counter-rotating terms: the phase of the coupling "
                              "would have to be averaged too; make arrivals regular");
    if (status == UM_OK && !(made = UMI_NEW(ctx, composed_map))) status = UM_ERROR_MEMORY;
    if (status != UM_OK) {
        um_map_destroy(inner);
        return status;
    }
    made->base = (um_map){.ctx = ctx,
                          .class = &composed_class,
                          .info = inner->info,
                          .quarter = inner->quarter,
                          .phase = inner->phase};
    made->inner = inner;
    made->present = it->stream.atom_probability;
    um_state **state[3] = {&made->collided, &made->skipped, &made->mixed};
    for (int i = 0; i < 3 && status == UM_OK; i++)
        status = um_state_create(ctx, it->levels, 1, 0, 0, state[i]);
    if (status == UM_OK && !(made->exact = UMI_NEW_ARRAY(ctx, long double, 2 * (size_t)it->levels)))
        status = UM_ERROR_MEMORY;
    if (status == UM_OK) status = make_channels(ctx, it, made);
    if (status != UM_OK) {
        destroy(&made->base);
        return status;
    }
    describe(made);
    *map = &made->base;
    return UM_OK;
}
