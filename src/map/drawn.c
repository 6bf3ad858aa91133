#include "map/drawn.h"

#include <math.h>

#include "map/atoms.h"
#include "map/ensemble.h"
#include "map/joint_parts.h"
#include "map/keep.h"

typedef struct drawn {
    um_map base;
    umi_kept kept; /* the model may be gone before the map is */
    umi_map_maker *make;
    umi_joint_parts parts;
    um_map *inner;      /* of collision `collision` */
    um_state *turned[2]; /* in the gauge of `inner` */
    int64_t collision;
    double duration; /* of a random period, else NAN */
    bool present;
} drawn;

/* A slot without an atom: nothing but the environment, as long as it would act. */
static void remove_atom(umi_collision *it)
{
    it->atoms.q = 1;
    it->atoms.c = 0;
    it->interaction.theta = it->interaction.g = it->interaction.counter_rotating = 0;
    it->interaction.pulse = UM_PULSE_CONSTANT;
    it->parts = NULL;
    if (!it->environment.during_collision) return;
    it->gap += it->interaction.tau;
    it->interaction.tau = 0;
}

static um_status draw(drawn *map, int64_t collision)
{
    umi_collision one = map->kept.it;
    uint64_t index = (uint64_t)collision;
    bool waits = one.stream.arrivals == UM_ARRIVALS_POISSON;
    if (waits) one.gap = umi_collision_draw_gap(&one, index);
    bool present = umi_collision_draw_presence(&one, index);
    if (present)
        umi_collision_draw(&one, UMI_STREAM_COLLISIONS, index);
    else
        umi_collision_settle(&one);
    double duration = waits ? one.interaction.tau + one.gap : NAN;
    if (!present) remove_atom(&one);
    one.stream.arrivals = UM_ARRIVALS_REGULAR;
    one.stream.atom_probability = 1;
    one.quick = true;
    um_map *inner;
    um_status status = map->make(map->base.ctx, &one, &inner);
    if (status != UM_OK) map->base.ctx->error.collision = collision + 1;
    UMI_TRY(status);
    um_map_destroy(map->inner);
    map->inner = inner;
    map->collision = collision;
    map->present = present;
    map->duration = duration;
    map->base.info.kernel = inner->info.kernel;
    map->base.info.reach = inner->info.reach;
    map->base.info.unitarity = inner->info.unitarity;
    return UM_OK;
}

static um_status set_collision(um_map *base, int64_t collision, double time)
{
    drawn *map = (drawn *)base;
    if (collision != map->collision) UMI_TRY(draw(map, collision));
    return um_map_set_collision(map->inner, collision, time);
}

static bool gauge_is_mine(const drawn *map)
{
    return map->inner->quarter == map->base.quarter && map->inner->phase == map->base.phase;
}

/* A phase that scatters is a gauge that scatters: the state is turned there and back. */
static um_status turn_in(drawn *map, const um_state *in)
{
    UMI_TRY(um_state_copy(map->turned[0], in));
    return um_map_prepare(map->inner, map->turned[0]);
}

static um_status turn_out(drawn *map, um_state *out)
{
    UMI_TRY(um_state_copy(out, map->turned[1]));
    return um_state_set_gauge(out, map->base.quarter, map->base.phase);
}

static um_status apply(um_map *base, const um_state *in, um_state *out, um_outcome *outcome, bool brief)
{
    drawn *map = (drawn *)base;
    if (gauge_is_mine(map)) {
        UMI_TRY(umi_map_apply(map->inner, in, out, outcome, brief));
    } else {
        UMI_TRY(turn_in(map, in));
        UMI_TRY(umi_map_apply(map->inner, map->turned[0], map->turned[1], outcome, brief));
        UMI_TRY(turn_out(map, out));
    }
    if (!outcome) return UM_OK;
    outcome->present = map->present;
    outcome->duration = map->duration;
    if (!map->present) outcome->excited = outcome->coherence_re = outcome->coherence_im = NAN;
    return UM_OK;
}

static um_status apply_adjoint(um_map *base, const um_state *in, um_state *out)
{
    drawn *map = (drawn *)base;
    if (gauge_is_mine(map)) return um_map_apply_adjoint(map->inner, in, out);
    UMI_TRY(turn_in(map, in));
    UMI_TRY(um_map_apply_adjoint(map->inner, map->turned[0], map->turned[1]));
    return turn_out(map, out);
}

static int climb(const um_map *base, int last)
{
    return umi_map_get_climb(((const drawn *)base)->inner, last);
}

static void destroy(um_map *base)
{
    drawn *map = (drawn *)base;
    um_map_destroy(map->inner);
    um_state_destroy(map->turned[0]);
    um_state_destroy(map->turned[1]);
    umi_joint_parts_free(&map->parts);
    umi_kept_free(base->ctx, &map->kept);
    umi_free(base->ctx, map);
}

static const umi_map_class drawn_class = {.apply = apply,
                                          .apply_adjoint = apply_adjoint,
                                          .set_collision = set_collision,
                                          .climb = climb,
                                          .destroy = destroy};

/* The gauge is that of an atom without scatter. */
static um_status choose_gauge(drawn *map)
{
    umi_collision plain = map->kept.it;
    um_map *example;
    umi_collision_settle(&plain);
    plain.stream.arrivals = UM_ARRIVALS_REGULAR;
    plain.stream.atom_probability = 1;
    UMI_TRY(map->make(map->base.ctx, &plain, &example));
    map->base.quarter = example->quarter;
    map->base.phase = example->phase;
    um_map_destroy(example);
    for (int i = 0; i < 2; i++)
        UMI_TRY(um_state_create(map->base.ctx, map->kept.it.levels, 1, map->base.quarter, map->base.phase,
                                &map->turned[i]));
    return UM_OK;
}

um_status umi_map_create_drawn(um_context *ctx, const umi_collision *it, umi_map_maker *make, um_map **map)
{
    *map = NULL;
    drawn *made = UMI_NEW(ctx, drawn);
    if (!made) return UM_ERROR_MEMORY;
    made->base = (um_map){
        .ctx = ctx, .class = &drawn_class, .info = {.method = "random", .levels = it->levels}};
    made->make = make;
    um_status status = umi_collision_keep(ctx, it, &made->kept);
    made->parts.scatters = it->imperfections.q_spread > 0;
    if (status == UM_OK && umi_joint_has_parts(it)) made->kept.it.parts = &made->parts;
    if (status == UM_OK) status = choose_gauge(made);
    if (status == UM_OK) status = draw(made, 0);
    if (status != UM_OK) {
        destroy(&made->base);
        return status;
    }
    *map = &made->base;
    return UM_OK;
}
