#include "forward/powers.h"

#include <math.h>

/* A contraction has no powers of this size; those of an unfinished space may. */
static const double GROWTH = 1e12;

static const umi_wide_vector *level_of(const umi_powers *p, int level)
{
    return p->column + (size_t)level * (size_t)p->rank;
}

static bool is_small(const umi_powers *p, int level)
{
    for (int j = 0; j < p->rank; j++)
        for (int i = 0; i < p->rank; i++)
            if (!(fabs(level_of(p, level)[j].hi[i]) < GROWTH)) return false;
    return true;
}

/* P' = 2 P + P P */
static void square(const umi_powers *p, int level)
{
    const umi_wide_vector *from = level_of(p, level), *to = level_of(p, level + 1);
    for (int j = 0; j < p->rank; j++) {
        umi_wide_vector_copy(to[j], from[j]);
        umi_wide_vector_scale(to[j], umi_wide_set(2));
        umi_vector_spread(from[j], p->rank, p->coefficients);
        umi_wide_combine((size_t)p->rank, from, p->coefficients, 1, to[j]);
    }
}

/* T' = 2 T + T P */
static void sum_up(const umi_powers *p, int level)
{
    for (int f = 0; f < p->functionals; f++) {
        umi_wide_vector from = p->row[level * p->functionals + f],
                        to = p->row[(level + 1) * p->functionals + f];
        umi_wide_project((size_t)p->rank, level_of(p, level), from, p->coefficients);
        umi_vector_gather(to, p->rank, p->coefficients);
        umi_wide_axpy(umi_wide_set(2), from, to);
    }
}

um_status umi_powers_create(um_context *ctx, int rank, const umi_wide_vector *matrix, int levels,
                            int functionals, const umi_wide_vector *functional, umi_powers *p)
{
    *p = (umi_powers){.ctx = ctx, .rank = rank, .functionals = functionals};
    UMI_TRY(umi_columns_create(ctx, rank, levels * rank, &p->column));
    UMI_TRY(umi_columns_create(ctx, rank, umi_max(levels * functionals, 1), &p->row));
    p->coefficients = UMI_NEW_ARRAY(ctx, umi_wide, (size_t)rank);
    if (!p->coefficients) return UM_ERROR_MEMORY;
    for (int j = 0; j < rank; j++) {
        umi_vector_spread(matrix[j], rank, p->coefficients);
        umi_vector_gather(p->column[j], rank, p->coefficients);
    }
    for (int f = 0; f < functionals; f++) {
        umi_vector_spread(functional[f], rank, p->coefficients);
        umi_vector_gather(p->row[f], rank, p->coefficients);
    }
    for (p->levels = 1; p->levels < levels; p->levels++) {
        square(p, p->levels - 1);
        if (!is_small(p, p->levels)) break;
        sum_up(p, p->levels - 1);
    }
    return UM_OK;
}

void umi_powers_free(umi_powers *p)
{
    umi_columns_free(p->ctx, p->column);
    umi_columns_free(p->ctx, p->row);
    umi_free(p->ctx, p->coefficients);
    *p = (umi_powers){0};
}

void umi_powers_step(const umi_powers *p, int level, umi_wide_vector y)
{
    umi_vector_spread(y, p->rank, p->coefficients);
    umi_wide_combine((size_t)p->rank, level_of(p, level), p->coefficients, 1, y);
}

void umi_powers_apply(const umi_powers *p, int64_t count, umi_wide_vector y, umi_wide *sums)
{
    for (int level = p->levels - 1; level >= 0; level--) {
        if (!(count >> level & 1)) continue;
        for (int f = 0; sums && f < p->functionals; f++)
            sums[f] = umi_wide_add(sums[f], umi_wide_dot(p->row[level * p->functionals + f], y));
        umi_powers_step(p, level, y);
    }
}
