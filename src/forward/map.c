/* The engine's view of a stage: the generator and its inverses, each made when it is first asked
 * for and kept as long as memory allows. */
#include "forward/forward.h"

#include <math.h>

#include "forward/dense.h"

enum { KEPT_MAX = 8 };
/* Residuals relative to the right-hand side: wanted, and still good for a basis. */
static const double TOLERANCE = 1e-28, TOLERABLE = 1e-20;

typedef struct inverse {
    double shift;
    umi_elimination *sparse; /* one of the two */
    umi_dense_inverse *dense;
} inverse;

struct umi_forward_map {
    um_context *ctx;
    umi_layout layout;
    umi_generator generator; /* without counter-rotating terms */
    umi_ordering *ordering;
    umi_dense_map *dense; /* with them */
    inverse kept[KEPT_MAX]; /* the last used first */
    int count, room;
    umi_wide_vector residual;
};

static um_status check_stationary(um_context *ctx, const um_model *model, size_t stage)
{
    const um_spec *spec = um_model_get_spec(model);
    if (stage >= spec->stages_count)
        return umi_fail(ctx, UM_ERROR_ARG, "stage %zu of %zu", stage, spec->stages_count);
    const um_stage *chosen = &spec->stages[stage];
    if (chosen->interaction.counter_rotating == 0 || chosen->stream.frame == UM_FRAME_LOCKED)
        return UM_OK;
    return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "stream.frame",
                        "with counter-rotating terms in the lab frame every collision is another "
                        "map: it has no powers; use frame: locked, or step");
}

/* How many inverses are kept. */
static int count_room(double bytes, double bytes_max)
{
    return bytes > 0 ? (int)fmin(KEPT_MAX, bytes_max / bytes) : KEPT_MAX;
}

static um_status create_sparse(umi_forward_map *map, const um_model *model, size_t stage,
                               double bytes_max)
{
    um_context *ctx = map->ctx;
    UMI_TRY(umi_generator_create(ctx, model, stage, &map->layout, &map->generator));
    UMI_TRY(umi_sparse_gather(ctx, &map->generator.matrix));
    UMI_TRY(umi_ordering_create(ctx, &map->generator.matrix, &map->ordering));
    double bytes = umi_ordering_get_bytes(map->ordering);
    if (bytes > bytes_max)
        return umi_fail(ctx, UM_ERROR_MEMORY,
                        "fast-forward on %d levels and %d coherence orders needs %.3g GB; %.3g GB "
                        "are allowed",
                        map->layout.levels, map->layout.orders, bytes / 1e9, bytes_max / 1e9);
    map->room = count_room(bytes, bytes_max);
    return umi_wide_vector_create(ctx, map->generator.matrix.rows, &map->residual);
}

/* Without room for an inverse there are images still. */
static um_status create_dense(umi_forward_map *map, const um_model *model, size_t stage,
                              double bytes_max)
{
    UMI_TRY(umi_dense_map_create(map->ctx, model, stage, &map->layout, &map->dense));
    map->room = count_room(umi_dense_inverse_get_bytes(map->dense), bytes_max);
    return umi_wide_vector_create(map->ctx, umi_layout_size(&map->layout), &map->residual);
}

um_status umi_forward_map_create(um_context *ctx, const um_model *model, size_t stage,
                                 const umi_layout *layout, double bytes_max, umi_forward_map **map)
{
    *map = NULL;
    UMI_TRY(check_stationary(ctx, model, stage));
    umi_forward_map *made = UMI_NEW(ctx, umi_forward_map);
    if (!made) return UM_ERROR_MEMORY;
    made->ctx = ctx;
    made->layout = *layout;
    bool rabi = um_model_get_spec(model)->stages[stage].interaction.counter_rotating > 0;
    um_status status = rabi ? create_dense(made, model, stage, bytes_max)
                            : create_sparse(made, model, stage, bytes_max);
    if (status != UM_OK) {
        umi_forward_map_destroy(made);
        return status;
    }
    *map = made;
    return UM_OK;
}

static void drop_inverse(umi_forward_map *map)
{
    inverse *last = &map->kept[--map->count];
    umi_elimination_destroy(map->ctx, last->sparse);
    umi_dense_inverse_destroy(map->ctx, last->dense);
}

void umi_forward_map_destroy(umi_forward_map *map)
{
    if (!map) return;
    while (map->count > 0) drop_inverse(map);
    umi_ordering_destroy(map->ctx, map->ordering);
    umi_dense_map_destroy(map->dense);
    umi_wide_vector_free(map->ctx, &map->residual);
    umi_generator_free(map->ctx, &map->generator);
    umi_free(map->ctx, map);
}

static um_status create_inverse(umi_forward_map *map, double shift, inverse *made)
{
    *made = (inverse){.shift = shift};
    return map->dense ? umi_dense_inverse_create(map->dense, shift, &made->dense)
                      : umi_elimination_create(map->ctx, map->ordering, &map->generator.matrix,
                                               shift, &made->sparse);
}

/* The inverse for a shift comes first in the list; the one not used for longest makes room. */
static um_status find_inverse(umi_forward_map *map, double shift)
{
    int i = 0;
    while (i < map->count && map->kept[i].shift != shift) i++;
    inverse found;
    if (i < map->count) {
        found = map->kept[i];
    } else {
        if (map->count == map->room) drop_inverse(map);
        UMI_TRY(create_inverse(map, shift, &found));
        i = map->count++;
    }
    for (; i > 0; i--) map->kept[i] = map->kept[i - 1];
    map->kept[0] = found;
    return UM_OK;
}

static um_status apply(void *self, umi_wide_vector x, umi_wide_vector y)
{
    umi_forward_map *map = self;
    if (map->dense) return umi_dense_map_apply(map->dense, x, y);
    umi_sparse_apply(&map->generator.matrix, x, y);
    return UM_OK;
}

/* Whether |(G - shift) x - b| <= TOLERABLE |b| on the space. */
static bool is_tolerable(umi_forward_map *map, double shift, umi_wide_vector b, umi_wide_vector x)
{
    umi_wide_vector r = map->residual;
    if (apply(map, x, r) != UM_OK) return false;
    r.size = b.size;
    umi_wide_axpy(umi_wide_set(-shift), x, r);
    umi_wide_axpy(umi_wide_set(-1), b, r);
    return sqrt(umi_wide_get(umi_wide_dot(r, r))) <= TOLERABLE * sqrt(umi_wide_get(umi_wide_dot(b, b)));
}

static um_status solve(void *self, double shift, umi_wide_vector b, umi_wide_vector x)
{
    umi_forward_map *map = self;
    UMI_TRY(find_inverse(map, shift));
    const inverse *found = &map->kept[0];
    um_status status =
        map->dense ? umi_dense_inverse_refine(map->dense, found->dense, b, TOLERANCE, x)
                   : umi_elimination_refine(map->ctx, found->sparse, &map->generator.matrix, b,
                                            TOLERANCE, x);
    return status == UM_ERROR_NOCONV && is_tolerable(map, shift, b, x) ? UM_OK : status;
}

/* |X|_tr <= sqrt(levels) |X|_F, and elements off the diagonal stand for two. */
static double norm_factor(const umi_layout *layout, size_t rim)
{
    bool diagonal = layout->orders == 1 && rim == 0;
    return sqrt((diagonal ? 1.0 : 2.0) * layout->levels);
}

umi_forward_operator umi_forward_map_operator(umi_forward_map *map)
{
    size_t size = umi_layout_size(&map->layout), rim = map->residual.size - size;
    return (umi_forward_operator){
        .self = map,
        .size = size,
        .rim = rim,
        .apply = apply,
        .solve = map->room > 0 ? solve : NULL,
        .sharp = !map->dense, /* those of many levels are in single precision */
        .norm_factor = norm_factor(&map->layout, rim),
    };
}

const umi_layout *umi_forward_map_layout(const umi_forward_map *map) { return &map->layout; }

const umi_generator *umi_forward_map_generator(const umi_forward_map *map)
{
    return map->dense ? NULL : &map->generator;
}

const umi_wide_vector *umi_forward_map_rates(const umi_forward_map *map)
{
    return map->dense ? umi_dense_map_get_rates(map->dense) : map->generator.rate;
}
