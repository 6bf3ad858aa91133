/* The interface: checks once, then the implementation. */
#include "map/map.h"

#include <math.h>
#include <string.h>

void um_map_destroy(um_map *map)
{
    if (!map) return;
    um_state_destroy(map->spare);
    map->class->destroy(map);
}

static um_status check_operand(const um_map *map, const um_state *in)
{
    if (in->levels != map->info.levels)
        return umi_fail(map->ctx, UM_ERROR_ARG, "a state of %d levels for a map of %d", in->levels,
                        map->info.levels);
    if (in->quarter != map->quarter || in->phase != map->phase)
        return umi_fail(map->ctx, UM_ERROR_ARG,
                        "the state is not in the map's gauge: call um_map_prepare");
    return UM_OK;
}

static void set_gauge(const um_map *map, um_state *out)
{
    out->quarter = map->quarter;
    out->phase = map->phase;
}

/* What a map may leave as it is. */
static void clear_outcome(um_outcome *outcome) { *outcome = (um_outcome){.duration = NAN, .present = 1}; }

bool um_map_works_in_place(const um_map *map, const um_state *state)
{
    return map->class->can_replace && map->class->can_replace(map, state);
}

void umi_map_foresee(um_map *map, const um_state *in, um_outcome *outcome, bool brief)
{
    clear_outcome(outcome);
    map->class->foresee(map, in, outcome, brief);
}

um_status umi_map_replace(um_map *map, um_state *state)
{
    UMI_TRY(check_operand(map, state));
    return map->class->replace(map, state);
}

static um_status apply_in_place(um_map *map, um_state *state, um_outcome *outcome, bool brief)
{
    if (um_map_works_in_place(map, state)) {
        if (outcome) umi_map_foresee(map, state, outcome, brief);
        return umi_map_replace(map, state);
    }
    if (!map->spare)
        UMI_TRY(um_state_create(map->ctx, state->levels, 1, map->quarter, map->phase, &map->spare));
    UMI_TRY(umi_map_apply(map, state, map->spare, outcome, brief));
    umi_state_swap(state, map->spare);
    return UM_OK;
}

um_status umi_map_apply(um_map *map, const um_state *in, um_state *out, um_outcome *outcome,
                        bool brief)
{
    UMI_TRY(check_operand(map, in));
    if (in == out) return apply_in_place(map, out, outcome, brief);
    if (outcome) clear_outcome(outcome);
    UMI_TRY(map->class->apply(map, in, out, outcome, brief));
    set_gauge(map, out);
    return UM_OK;
}

um_status um_map_apply(um_map *map, const um_state *in, um_state *out, um_outcome *outcome)
{
    return umi_map_apply(map, in, out, outcome, false);
}

um_status um_map_apply_adjoint(um_map *map, const um_state *in, um_state *out)
{
    if (in == out) return umi_fail(map->ctx, UM_ERROR_ARG, "the adjoint of a map cannot work in place");
    UMI_TRY(check_operand(map, in));
    UMI_TRY(map->class->apply_adjoint(map, in, out));
    set_gauge(map, out);
    return UM_OK;
}

um_status um_map_prepare(const um_map *map, um_state *state)
{
    return um_state_set_gauge(state, map->quarter, map->phase);
}

um_status um_map_set_collision(um_map *map, int64_t collision, double time)
{
    if (!isfinite(time) || collision < 0)
        return umi_fail(map->ctx, UM_ERROR_ARG, "collision %lld at time %g", (long long)collision,
                        time);
    return map->class->set_collision ? map->class->set_collision(map, collision, time) : UM_OK;
}

void umi_map_refine(um_map *map, const um_state *before, um_state *after, int count)
{
    if (map->class->refine) map->class->refine(map, before, after, count);
}

int umi_map_get_climb(const um_map *map, int last)
{
    return map->class->climb ? map->class->climb(map, last) : map->info.reach;
}

um_map_info um_map_get_info(const um_map *map) { return map->info; }

/* Images of the Hermitian matrices |j><l| + |l><j| and i|j><l| - i|l><j| give that of |j><l|. */
typedef struct images {
    int levels;
    um_state *in, *out;
    double *unit_re, *unit_im, *even_re, *even_im, *odd_re, *odd_im;
} images;

static um_status image(um_map *map, images *work, int j, int l, double re, double im,
                       double *image_re, double *image_im)
{
    size_t size = (size_t)work->levels;
    memset(work->unit_re, 0, size * size * sizeof(double));
    memset(work->unit_im, 0, size * size * sizeof(double));
    size_t at = (size_t)j * size + (size_t)l, mirror = (size_t)l * size + (size_t)j;
    work->unit_re[at] = work->unit_re[mirror] = re;
    work->unit_im[at] = im;
    work->unit_im[mirror] = -im;
    UMI_TRY(um_state_set_matrix(work->in, work->levels, work->unit_re, work->unit_im));
    UMI_TRY(um_map_apply(map, work->in, work->out, NULL));
    um_state_get_matrix(work->out, 0, work->levels, image_re, image_im);
    return UM_OK;
}

/* Column (j, l) of the matrix: |j><l| = (even - i odd)/2, with even = |j><l| + |l><j|,
 * odd = i|j><l| - i|l><j|. */
static um_status fill_column(um_map *map, images *work, int j, int l, double *real, double *imag)
{
    size_t size = (size_t)work->levels, rows = size * size;
    size_t column = (size_t)j * size + (size_t)l;
    bool diagonal = j == l;
    UMI_TRY(image(map, work, j, l, 1, 0, work->even_re, work->even_im));
    memset(work->odd_re, 0, rows * sizeof(double));
    memset(work->odd_im, 0, rows * sizeof(double));
    if (!diagonal) UMI_TRY(image(map, work, j, l, 0, 1, work->odd_re, work->odd_im));
    double half = diagonal ? 1 : 0.5;
    for (size_t row = 0; row < rows; row++) {
        real[row * rows + column] = half * (work->even_re[row] + work->odd_im[row]);
        imag[row * rows + column] = half * (work->even_im[row] - work->odd_re[row]);
    }
    return UM_OK;
}

um_status um_map_get_matrix(um_map *map, double *real, double *imag)
{
    int levels = map->info.levels;
    if (levels > 64)
        return umi_fail(map->ctx, UM_ERROR_ARG, "the matrix of a map with %d levels (64 at most)",
                        levels);
    size_t block = (size_t)levels * (size_t)levels;
    images work = {.levels = levels};
    double *memory = UMI_NEW_ARRAY(map->ctx, double, 6 * block);
    um_status status = memory ? UM_OK : UM_ERROR_MEMORY;
    if (status == UM_OK)
        status = um_state_create(map->ctx, levels, 2, map->quarter, map->phase, &work.in);
    if (status == UM_OK)
        status = um_state_create(map->ctx, levels, 2, map->quarter, map->phase, &work.out);
    if (status == UM_OK) {
        double **part[6] = {&work.unit_re, &work.unit_im, &work.even_re,
                            &work.even_im, &work.odd_re,  &work.odd_im};
        for (int i = 0; i < 6; i++) *part[i] = memory + (size_t)i * block;
    }
    for (int j = 0; j < levels && status == UM_OK; j++)
        for (int l = 0; l < levels && status == UM_OK; l++)
            status = fill_column(map, &work, j, l, real, imag);
    um_state_destroy(work.in);
    um_state_destroy(work.out);
    umi_free(map->ctx, memory);
    return status;
}
